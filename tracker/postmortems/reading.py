"""The postmortem as it is read: answered questions by chapter, moments with their spans, points on the axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from tracker import words
from tracker.models import Incident, TimelineEntry
from tracker.postmortems.outline import Outline, Step
from tracker.postmortems.questions import Question


@dataclass(frozen=True)
class Chapter:
    """One step of the form, with what was answered."""

    step: Step
    answers: tuple[tuple[Question, str], ...]

    @property
    def key(self) -> str:
        return self.step.key


def chapters_of(outline: Outline, texts: Mapping[str, str]) -> tuple[Chapter, ...]:
    """All chapters but the last step's; empty answers are left out."""
    return tuple(
        Chapter(step, tuple((question, texts[question.key]) for question in step.questions if texts.get(question.key)))
        for step in outline.steps[:-1]
    )


@dataclass(frozen=True)
class MomentFact:
    """A moment and how long after the start it came, in words."""

    label: str
    at: datetime | None
    after: str


def moments_of(incident: Incident) -> tuple[MomentFact, ...]:
    """The moments for the facts box. A missing one reads "not known", a reversed one "check the times"; never 0."""
    began = incident.started_at
    return (
        MomentFact("Began", began, ""),
        _fact("Detected", incident.detected_at, began, verb="to detect"),
        MomentFact("Declared", incident.dated_at, ""),
        _fact("Stabilised", incident.stabilised_at, began, verb="to stabilise"),
        _fact("Resolved", incident.resolved_at, began, verb="to resolve"),
    )


def _fact(label: str, at: datetime | None, began: datetime | None, *, verb: str) -> MomentFact:
    if at is None or began is None:
        return MomentFact(label, at, "")
    if at < began:
        return MomentFact(label, at, "before it began: check the times")
    return MomentFact(label, at, f"{words.duration(at - began)} {verb}")


AxisPoint = tuple[float, str, str, str]


def points_of(incident: Incident, zone: tzinfo) -> tuple[AxisPoint, ...]:
    """The moments on one axis as (percent, label, time, tone); empty when they cannot be drawn."""
    known = [
        ("Began", incident.started_at, "bad"),
        ("Detected", incident.detected_at, "warn"),
        ("Stabilised", incident.stabilised_at, "good"),
        ("Resolved", incident.resolved_at, "good"),
    ]
    shown = [(label, at, tone) for label, at, tone in known if at is not None]
    if len(shown) < 2 or incident.has_reversed_times:
        return ()
    first, last = shown[0][1], shown[-1][1]
    whole = last - first
    if whole <= timedelta(0):
        return ()
    return tuple(
        (round(100 * ((at - first) / whole), 2), label, _clock(at, zone, with_day=whole >= timedelta(days=1)), tone)
        for label, at, tone in shown
    )


MOST_TICKS = 200


def ticks_of(incident: Incident, entries: Sequence[TimelineEntry]) -> tuple[float, ...]:
    """Where the entries of the timeline stand on the axis of the moments, in percent; none outside it."""
    known = [at for at in incident.moments.values() if at is not None]
    if len(known) < 2 or incident.has_reversed_times or known[-1] <= known[0]:
        return ()
    whole = known[-1] - known[0]
    places = {round(100 * ((entry.at - known[0]) / whole), 1) for entry in entries if entry.at is not None}
    return tuple(sorted(place for place in places if 0 <= place <= 100))[:MOST_TICKS]


@dataclass(frozen=True)
class TimelineRow:
    """An entry of the timeline, or a moment that is marked on it."""

    entry: TimelineEntry | None = None
    moment: MomentFact | None = None


def with_moments(entries: Sequence[TimelineEntry], moments: Sequence[MomentFact]) -> tuple[TimelineRow, ...]:
    """The entries in their order, with each known moment before the first entry that is not earlier."""
    known = [(fact.at, fact) for fact in moments if fact.at is not None]
    waiting = sorted(known, key=lambda pair: pair[0])
    rows: list[TimelineRow] = []
    for entry in entries:
        while waiting and entry.at is not None and waiting[0][0] <= entry.at:
            rows.append(TimelineRow(moment=waiting.pop(0)[1]))
        rows.append(TimelineRow(entry=entry))
    return (*rows, *(TimelineRow(moment=fact) for _, fact in waiting))


def _clock(at: datetime, zone: tzinfo, *, with_day: bool) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %H:%M}" if with_day else f"{local:%H:%M}"
