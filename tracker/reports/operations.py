"""Who gets the weekly report by mail, and writing those mails down."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.mail_rendering import RenderedMail
from tracker.messages import Writer
from tracker.models import Channel, MessageKind, Person, ReportSubscription
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.weekly import WeeklyReport, weekly_report

TEMPLATE = "weekly_report"
CHANNEL_HOUR = 9
"""On Monday at this hour channels get the report on the week before."""


@dataclass(frozen=True)
class SubscriptionDraft:
    team_id: int | None
    weekday: int
    """0 is Monday."""
    hour: int


def subscriptions_of(person: Person) -> list[ReportSubscription]:
    query = (
        select(ReportSubscription)
        .where(ReportSubscription.person_id == person.id)
        .options(joinedload(ReportSubscription.team))
        .order_by(ReportSubscription.id)
    )
    return list(session.scalars(query))


def subscribe(draft: SubscriptionDraft, *, person: Person) -> ReportSubscription:
    """One subscription a person and team: a second one changes the day and hour of the first."""
    same = (ReportSubscription.person_id == person.id, ReportSubscription.team_id.is_not_distinct_from(draft.team_id))
    subscription = session.scalar(select(ReportSubscription).where(*same))
    if subscription is None:
        subscription = ReportSubscription(person_id=person.id, team_id=draft.team_id)
        session.add(subscription)
    subscription.weekday = draft.weekday
    subscription.hour = draft.hour
    return subscription


def unsubscribe(subscription_id: int, *, person: Person) -> None:
    subscription = session.get(ReportSubscription, subscription_id)
    if subscription is None or subscription.person_id != person.id:
        raise NotFoundError("That subscription has already ended.")
    session.delete(subscription)


def report_due(subscription: ReportSubscription, *, week: Week, now: datetime) -> Week | None:
    """The week whose report should have gone out by now; ``week`` is the present one.

    The report on a week goes out on the chosen day and hour of the week after it. ``None``: not yet.
    """
    return week.before if now >= week.moment(subscription.weekday, hour=subscription.hour) else None


def write_report_mail(subscription: ReportSubscription, *, week: Week, writer: Writer, now: datetime) -> bool:
    """Put the report into the outbox for one subscriber, with what that person may see; once a week."""
    scope = Scope(subscription.person, subscription.team)
    about = f"report:{subscription.team.slug if subscription.team else 'all'}"
    if writer.is_written(MessageKind.WEEKLY_REPORT, to=subscription.person, about=about, period=week.name):
        return False
    report = weekly_report(week, scope=scope, now=now)
    message = writer.write(
        TEMPLATE,
        kind=MessageKind.WEEKLY_REPORT,
        to=subscription.person,
        about=about,
        period=week.name,
        now=now,
        **_mail_context(report, writer=writer),
    )
    return message is not None


def post_report(channel: Channel, *, week: Week, writer: Writer, now: datetime) -> bool:
    """Put the report on a channel's team into the outbox, with what everybody may see; once a week.

    A channel that was connected after the week ended begins with the next one.
    """
    about = f"report:{channel.team.slug if channel.team else 'all'}"
    is_new = channel.created_at >= week.ends_at
    if is_new or writer.is_written(MessageKind.WEEKLY_REPORT, to=channel, about=about, period=week.name):
        return False
    report = weekly_report(week, scope=Scope(None, channel.team), now=now)
    told = _mail_context(report, writer=writer)
    kind = MessageKind.WEEKLY_REPORT
    return writer.post(TEMPLATE, kind=kind, to=channel, about=about, period=week.name, now=now, **told) is not None


def render_report_mail(report: WeeklyReport, *, writer: Writer, to: Person | None) -> RenderedMail:
    """The report's mail, not written down."""
    return writer.render(TEMPLATE, to=to, **_mail_context(report, writer=writer))


def _mail_context(report: WeeklyReport, *, writer: Writer) -> dict[str, object]:
    return {
        "report": report,
        "report_url": writer.url(report.path),
        "preferences_url": writer.url("/reports/mail"),
    }
