"""The weekly report goes out by mail: to each subscriber once a week, on their day and hour."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.channels import channels_for
from tracker.db import session, transaction
from tracker.messages import Writer
from tracker.models import Channel, MessageKind, Person, ReportSubscription
from tracker.queue import Job, wake
from tracker.reports import operations
from tracker.reports.recorded import missing_records, record
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.weekly import counted_now
from tracker.wiring import settings


def record_week(now: datetime) -> int:
    """Write down what the week that ended last is told with; how many records there were to write."""
    week = Week.of(now.astimezone(settings().timezone).date(), zone=settings().timezone).before
    missing = list(missing_records(week))
    return sum(_record_one(key, week=week, scope=scope, now=now) for key, scope in missing)


def _record_one(key: str, *, week: Week, scope: Scope, now: datetime) -> bool:
    """Counting takes long, so it is done before the transaction that others wait for."""
    told = counted_now(week, scope=scope, now=now).told
    with transaction():
        return record(told, key=key, week=week, scope=scope, now=now)


def send_reports(now: datetime) -> int:
    """Write down every report mail that is due; how many there were. A repeat writes nothing twice."""
    record_week(now)  # a mail says what the record says
    week = Week.of(now.astimezone(settings().timezone).date(), zone=settings().timezone)
    written = sum(_send_one(subscription_id, week=week, now=now) for subscription_id in _subscription_ids())
    if now >= week.moment(0, hour=operations.CHANNEL_HOUR):
        channel_ids = [channel.id for channel in channels_for(MessageKind.WEEKLY_REPORT)]
        written += sum(_post_one(channel_id, week=week.before, now=now) for channel_id in channel_ids)
    if written:
        wake("mailing.deliver")
    return written


def _subscription_ids() -> list[int]:
    query = select(ReportSubscription.id).join(Person, Person.id == ReportSubscription.person_id)
    return list(session.scalars(query.where(Person.is_active).order_by(ReportSubscription.id)))


def _send_one(subscription_id: int, *, week: Week, now: datetime) -> bool:
    with transaction():
        subscription = session.get(
            ReportSubscription,
            subscription_id,
            options=[joinedload(ReportSubscription.person), joinedload(ReportSubscription.team)],
        )
        due = operations.report_due(subscription, week=week, now=now) if subscription else None
        if subscription is None or due is None:
            return False
        return operations.write_report_mail(subscription, week=due, writer=Writer(settings()), now=now)


def _post_one(channel_id: int, *, week: Week, now: datetime) -> bool:
    with transaction():
        channel = session.get(Channel, channel_id, options=[joinedload(Channel.team)])
        return channel is not None and operations.post_report(channel, week=week, writer=Writer(settings()), now=now)


JOBS = (Job("reports.record", record_week, minutes=5), Job("reports.send", send_reports, minutes=5))
