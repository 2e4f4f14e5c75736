"""From declared to closed, and back when it was too early. Nothing blocks; every step lands on the timeline."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from tracker.db import session
from tracker.errors import RuleError
from tracker.incidents.learning import open_postmortem
from tracker.incidents.next_steps import ORDER, RESOLVED_MEANS, has_passed
from tracker.incidents.operations import write_entry
from tracker.models import EntryKind, Incident, Person, Phase, Tick, TimelineEntry
from tracker.working_days import WorkCalendar

SENTENCES = {
    Phase.TRIAGED: "The impact is assessed",
    Phase.STABILISED: "Stabilised: users are safe",
    Phase.VERIFIED: "Verified: it stayed quiet",
    Phase.CLOSED: "Closed",
}
LATER_THAN_STABILISED = ("resolved_at", "verified_at", "closed_at")
TICK = "resolved: "
QUIET_TIME = timedelta(hours=1)


@dataclass(frozen=True)
class PhaseDraft:
    to: Phase
    note: str = ""


@dataclass(frozen=True)
class ResolveDraft:
    ticked: tuple[str, ...]
    """Which of the four sentences of ``RESOLVED_MEANS`` hold."""
    reason: str = ""
    """Why it is resolved all the same, when one of the four does not hold."""
    quiet: timedelta = QUIET_TIME
    """How long it is to stay quiet before it counts as verified."""


def move_on(incident: Incident, draft: PhaseDraft, *, by: Person, now: datetime) -> None:
    """Reach a later phase; phases in between may be skipped, and their moments stay not known."""
    if draft.to not in SENTENCES:
        raise RuleError("Say with the four ticks what is resolved.")
    if _repeats(incident, draft.to, sentence=SENTENCES[draft.to], by=by):
        return
    _enter(incident, draft.to, now=now)
    kind = EntryKind.ACTION if draft.to is Phase.STABILISED else EntryKind.EVENT
    write_entry(incident, _sentence(SENTENCES[draft.to], draft.note), by=by, now=now, kind=kind)


def resolve(incident: Incident, draft: ResolveDraft, *, by: Person, now: datetime, calendar: WorkCalendar) -> None:
    """Resolved: the four ticks, or a reason. Learning begins: the postmortem is opened, owned and due."""
    missing = [sentence for sentence in RESOLVED_MEANS if sentence not in draft.ticked]
    if missing and not draft.reason:
        raise RuleError("Tick all four, or say why it counts as resolved all the same.")
    if _repeats(incident, Phase.RESOLVED, sentence="Resolved", by=by):
        return
    _enter(incident, Phase.RESOLVED, now=now)
    incident.quiet_until = now + draft.quiet
    _write_ticks(incident, draft, by=by, now=now)
    words = f"Resolved although not everything is ticked ({'; '.join(missing)})" if missing else "Resolved"
    write_entry(incident, _sentence(words, draft.reason), by=by, now=now)
    open_postmortem(incident, now=now, calendar=calendar)


def reopen(incident: Incident, *, reason: str, by: Person, now: datetime) -> None:
    """It is not over: back to the point where users are to be made safe. What the times were stays on the timeline."""
    if incident.phase.is_live:
        raise RuleError(f"{incident.ref} is open. Reload the page to see what changed.")
    if not reason:
        raise RuleError("Say what is still wrong, so that everybody knows why it is open again.")
    until_then = incident.resolved_at
    incident.phase = Phase.TRIAGED
    incident.stabilised_at = incident.quiet_until = None
    for name in LATER_THAN_STABILISED:
        setattr(incident, name, None)
    session.execute(delete(Tick).where(Tick.incident_id == incident.id, Tick.item.startswith(TICK)))
    told = f" It had counted as resolved since {until_then:%Y-%m-%d %H:%M} UTC." if until_then else ""
    write_entry(incident, _sentence("Opened again", reason) + told, by=by, now=now, kind=EntryKind.DECISION)


def _repeats(incident: Incident, phase: Phase, *, sentence: str, by: Person) -> bool:
    """Whether the same person took this very step: a second click is no news, and nobody else was quicker."""
    taken = select(TimelineEntry.id).where(
        TimelineEntry.incident_id == incident.id,
        TimelineEntry.author_id == by.id,
        TimelineEntry.text.startswith(sentence, autoescape=True),
    )
    return incident.phase is phase and session.scalar(taken.limit(1)) is not None


def _enter(incident: Incident, phase: Phase, *, now: datetime) -> None:
    if has_passed(incident.phase, phase):
        raise RuleError(f"{incident.ref} is {incident.phase.value} already. Somebody was quicker; nothing is lost.")
    if ORDER.index(phase) > ORDER.index(Phase.RESOLVED) and incident.phase.is_live:
        raise RuleError(f"{incident.ref} is not resolved yet. Resolve it first.")
    incident.phase = phase
    moment = f"{phase.value}_at"
    if getattr(incident, moment) is None:
        setattr(incident, moment, now)


def _write_ticks(incident: Incident, draft: ResolveDraft, *, by: Person, now: datetime) -> None:
    there = set(session.scalars(select(Tick.item).where(Tick.incident_id == incident.id)))
    for sentence in RESOLVED_MEANS:
        if sentence in draft.ticked and TICK + sentence not in there:
            session.add(Tick(incident_id=incident.id, item=TICK + sentence, ticked_by_id=by.id, ticked_at=now))


def _sentence(words: str, note: str) -> str:
    return f"{words}. {note}" if note else f"{words}."
