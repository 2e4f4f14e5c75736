"""What a timeline says of alerts: each by itself while they are few, else one entry an hour that counts."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, and_, exists, func, select

from tracker import words
from tracker.db import session
from tracker.incidents.timeline_operations import EntryDraft, add_entry
from tracker.models import Alert, EntryKind, Incident, Person, TimelineEntry, TimelineRevision

ONE_BY_ONE = 10
"""Entries an hour that alerts get of their own."""
HOUR = timedelta(hours=1)
SINGLE, MANY = "The alert ", "Many alerts: "
NAMED = 5


class Told(Protocol):
    """An alert that fires or ended."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def ended_at(self) -> datetime | None: ...


def tell_of_alerts(incident: Incident, happened: Sequence[Told], *, by: Person, now: datetime) -> None:
    """Note what fires and what ended. However many come, an hour adds at most eleven entries."""
    if _told_lately(incident, now=now) + len(happened) <= ONE_BY_ONE:
        for alert in happened:
            entry = add_entry(incident, EntryDraft(text=_sentence(alert), kind=EntryKind.DETECTION), by=by, now=now)
            entry.is_automatic = alert.ended_at is not None
        return
    text = _counted(incident, happened)
    counting = _counting_entry(incident, now=now)
    if counting is None:
        entry = add_entry(incident, EntryDraft(text=text, kind=EntryKind.DETECTION), by=by, now=now)
        entry.is_automatic = True
    else:
        counting.text = text


def _sentence(alert: Told) -> str:
    if alert.ended_at is not None:
        return f"{SINGLE}{alert.name} ended. That alone resolves nothing: look whether users can work."
    return f"{SINGLE}{alert.name} fires: {alert.summary}" if alert.summary else f"{SINGLE}{alert.name} fires."


def _told_lately(incident: Incident, *, now: datetime) -> int:
    lately = _by_alerts(incident, SINGLE, now=now)
    return session.scalar(select(func.count()).select_from(TimelineEntry).where(lately)) or 0


def _counting_entry(incident: Incident, *, now: datetime) -> TimelineEntry | None:
    """The entry that counts; none when it is too old, was removed, or somebody put it in words of their own."""
    is_corrected = exists().where(TimelineRevision.entry_id == TimelineEntry.id)
    found = select(TimelineEntry).where(
        _by_alerts(incident, MANY, now=now), TimelineEntry.removed_at.is_(None), ~is_corrected
    )
    return session.scalar(found.order_by(TimelineEntry.id.desc()).limit(1))


def _by_alerts(incident: Incident, beginning: str, *, now: datetime) -> ColumnElement[bool]:
    return and_(
        TimelineEntry.incident_id == incident.id,
        TimelineEntry.kind == EntryKind.DETECTION,
        TimelineEntry.created_at > now - HOUR,
        TimelineEntry.text.startswith(beginning, autoescape=True),
    )


def _counted(incident: Incident, happened: Sequence[Told]) -> str:
    counts = select(func.count(), func.count(Alert.ended_at)).where(Alert.incident_id == incident.id)
    told, ended = session.execute(counts).one()
    names = Counter(alert.name for alert in happened)
    named = ", ".join(f"{name} ({count:,})" for name, count in names.most_common(NAMED))
    rest = f" and {words.count(len(names) - NAMED, 'other')}" if len(names) > NAMED else ""
    return f"{MANY}{told - ended:,} fire, {ended:,} ended. The last ones: {named}{rest}."
