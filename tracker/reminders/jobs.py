"""The clock: one grouped mail a person a day, in their working hours; items of people who left; late updates."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tracker.channels import channels_for
from tracker.config import Settings
from tracker.db import session, transaction
from tracker.messages import Writer
from tracker.models import Channel, MessageKind, Person, ReminderDay
from tracker.queue import Job, wake
from tracker.reminders import operations, updates, verifying
from tracker.reminders.team_posts import post_for_team
from tracker.reminders.working_hours import working_day
from tracker.wiring import settings

NAME = "reminders.write"


def write_reminders(now: datetime) -> int:
    """Write what the clock has to say at this moment; how many mails. A repeat writes nothing twice."""
    hand_over_left_behind(now)
    writer, calendar, written = Writer(settings()), settings().work_calendar, 0
    for person_id, day in list(_to_look_at(settings(), now=now)):
        with transaction():
            person = session.get_one(Person, person_id)
            written += operations.remind(person, day=day, calendar=calendar, writer=writer, now=now)
    written += _post_to_channels(writer, now=now)
    if written:
        wake("mailing.deliver")
    return written


def _post_to_channels(writer: Writer, *, now: datetime) -> int:
    """Tell the channels that get reminders what went a step further, by the installation's clock."""
    zone, holidays = settings().timezone, settings().holidays
    day = working_day(now, zone=zone, holidays=holidays)
    written = 0
    for channel_id in [channel.id for channel in channels_for(MessageKind.REMINDER)] if day else ():
        with transaction():
            channel = session.get(Channel, channel_id, with_for_update=True)
            if channel is not None and day is not None:
                written += post_for_team(channel, day=day, writer=writer, zone=zone, now=now)
    return written


def tell_of_late_updates(now: datetime) -> int:
    """Tell of each update that is late, whatever the hour: the incident goes on. How many mails."""
    writer, written = Writer(settings()), 0
    for incident_id, due_at in updates.late_updates(now=now):
        with transaction():
            written += updates.tell_of_late_update(incident_id, due_at=due_at, writer=writer, now=now)
    if written:
        wake("mailing.deliver")
    return written


def ask_to_verify(now: datetime) -> int:
    """Ask of each incident that stayed quiet as long as was wanted whether it is over. How many mails."""
    writer, written = Writer(settings()), 0
    for incident_id in verifying.quiet_long_enough(now=now):
        with transaction():
            written += verifying.ask_to_verify(incident_id, writer=writer, now=now)
    if written:
        wake("mailing.deliver")
    return written


def hand_over_left_behind(now: datetime) -> int:
    """Give the items of people who cannot sign in any more to their teams, one transaction each; how many."""
    writer, found = Writer(settings()), operations.left_behind()
    for action_id in found:
        with transaction():
            operations.hand_over(action_id, writer=writer, now=now)
    if found:
        wake("mailing.deliver")
    return len(found)


def _to_look_at(installation: Settings, *, now: datetime) -> Iterator[tuple[int, date]]:
    """The people who are at work now and whose day was not looked at yet, with the day it is for them."""
    query = (
        select(Person.id, Person.timezone, ReminderDay.day)
        .outerjoin(ReminderDay, ReminderDay.person_id == Person.id)
        .where(Person.is_active)
        .order_by(Person.id)
    )
    for person_id, own_zone, looked_on in session.execute(query):
        zone = ZoneInfo(own_zone) if own_zone else installation.timezone
        day = working_day(now, zone=zone, holidays=installation.holidays)
        if day is not None and (looked_on is None or looked_on < day):
            yield person_id, day


JOBS = (
    Job(NAME, write_reminders),
    Job("reminders.updates", tell_of_late_updates),
    Job("reminders.verify", ask_to_verify),
)
