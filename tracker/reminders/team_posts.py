"""What a team's channel is told of its items: once a working day, and only when one of them went a step further."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from tracker import words
from tracker.db import session
from tracker.messages import Writer
from tracker.models import (
    OPEN_STATES,
    ActionItem,
    Channel,
    Message,
    MessageKind,
    Person,
    Team,
    TeamMember,
    may_see_actions,
)
from tracker.reminders.ladder import ITEMS, Part, step_reached

SHOWN = 10
ABOUT = "day"


def post_for_team(channel: Channel, *, day: date, writer: Writer, zone: ZoneInfo, now: datetime) -> bool:
    """Put the day's message for one channel into the outbox, if there is anything new; once a day."""
    period = day.isoformat()
    if writer.is_written(MessageKind.REMINDER, to=channel, about=ABOUT, period=period):
        return False
    rows, last_told = _overdue_rows(channel, day=day), _last_told(channel)
    since = datetime.combine(last_told, time(), zone).astimezone(UTC)
    news = [row for row in rows if _is_news(row, day=day, last_told=last_told, since=since)]
    if not news:
        return False
    overdue = sum(row.due_on < day for row in rows)
    message = writer.post(
        "team_reminders",
        kind=MessageKind.REMINDER,
        to=channel,
        about=ABOUT,
        period=period,
        now=now,
        headline=_headline(news, day=day),
        rows=[_told(row, day=day) for row in news[:SHOWN]],
        left_out=len(news[SHOWN:]),
        overdue=overdue,
        list_url=writer.url("/actions?overdue=1" + (f"&team={channel.team_id}" if channel.team_id else "")),
    )
    return message is not None


def _overdue_rows(channel: Channel, *, day: date) -> Sequence[Any]:
    """Open items that everybody may see, due by today; of the channel's team, or of all."""
    query = (
        select(
            ActionItem.number,
            ActionItem.title,
            ActionItem.due_on,
            ActionItem.created_at,
            Person.name,
            Team.reminder_days,
        )
        .outerjoin(Person, Person.id == ActionItem.owner_id)
        .outerjoin(Team, Team.id == ActionItem.team_id)
        .where(ActionItem.state.in_(OPEN_STATES), ActionItem.due_on <= day, may_see_actions(None))
        .order_by(ActionItem.due_on, ActionItem.id)
    )
    if channel.team_id is not None:
        members = select(TeamMember.person_id).where(TeamMember.team_id == channel.team_id)
        query = query.where(or_(ActionItem.team_id == channel.team_id, ActionItem.owner_id.in_(members)))
    return session.execute(query).all()


def _last_told(channel: Channel) -> date:
    """The day of the last message; before the first one, the day on which the channel was connected."""
    query = select(func.max(Message.period)).where(
        Message.channel_id == channel.id, Message.kind == MessageKind.REMINDER, Message.about == ABOUT
    )
    period = session.scalar(query)
    return date.fromisoformat(period) if period else channel.created_at.date()


def _is_news(row: Any, *, day: date, last_told: date, since: datetime) -> bool:
    """A step reached since then. On the days between nothing was said because nothing was new."""
    rungs = ITEMS.of_team(row.reminder_days)
    now, then = (step_reached(row.due_on, rungs=rungs, part=Part.OWES, day=one) for one in (day, last_told))
    return now is not then or row.created_at > since


def _told(row: Any, *, day: date) -> dict[str, object]:
    late = (day - row.due_on).days
    when = f"{words.count(late, 'day')} overdue" if late else "due today"
    return {"ref": f"AI-{row.number}", "title": row.title, "detail": f"{when}, {row.name or 'nobody owns it yet'}"}


def _headline(news: Sequence[Any], *, day: date) -> str:
    due, late = sum(row.due_on == day for row in news), sum(row.due_on < day for row in news)
    parts = ((due, f"{words.count(due, 'item')} due today"), (late, f"{words.count(late, 'item')} overdue"))
    return " and ".join(part for number, part in parts if number)
