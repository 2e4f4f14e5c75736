"""The ledger of a family: each occurrence, how it was detected, how long it took, better or worse than last time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tracker import words
from tracker.models import Incident

DETECTED_SHOWN = 120
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Measure:
    """A span of one occurrence, beside the last occurrence of which it is known."""

    label: str
    span: timedelta | None
    before: timedelta | None

    @property
    def is_better(self) -> bool | None:
        """Whether it was quicker than the last time; ``None``: one is not known, or they are the same to a minute."""
        if self.span is None or self.before is None or abs(self.span - self.before) < MINUTE:
            return None
        return self.span < self.before

    @property
    def compared(self) -> str:
        """In words: "12 min sooner than the last time"; empty for the first one, and where a time is not known."""
        if self.span is None or self.before is None:
            return ""
        if self.is_better is None:
            return "as long as the last time"
        return f"{words.duration(abs(self.span - self.before))} {'less' if self.is_better else 'more'}"


@dataclass(frozen=True)
class Entry:
    """One line of the ledger."""

    incident: Incident
    number: int
    """Which time it was, as far as this reader knows: 1 is the first."""
    detected_by: str
    """What alerted us; empty when nobody wrote it down."""
    measures: tuple[Measure, ...]


def ledger(incidents: Sequence[Incident], *, detected: Mapping[int, str]) -> list[Entry]:
    """The lines for incidents in the order of their time. ``detected`` has what was written about the detection."""
    last: dict[str, timedelta] = {}
    entries = []
    for number, incident in enumerate(incidents, start=1):
        spans = {
            "Time to detect": incident.time_to_detect,
            "Time to stabilise": incident.time_to_stabilise,
            "Time to resolve": incident.time_to_resolve,
        }
        measures = tuple(Measure(label, span, last.get(label)) for label, span in spans.items())
        last.update((label, span) for label, span in spans.items() if span is not None)
        entries.append(Entry(incident, number, _detected_by(incident, detected.get(incident.id, "")), measures))
    return entries


def _detected_by(incident: Incident, written: str) -> str:
    if incident.alert_name:
        return f"the alert {incident.alert_name}"
    text = " ".join(written.split()).lstrip("-* ")
    return text if len(text) <= DETECTED_SHOWN else text[: DETECTED_SHOWN - 1].rsplit(" ", 1)[0] + "…"
