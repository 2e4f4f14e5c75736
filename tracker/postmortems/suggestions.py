"""What is known already, offered as the beginning of an answer. A suggestion is shown, never saved by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from tracker import words
from tracker.models import EntryKind, Hypothesis, Incident, RoleAssignment, TimelineEntry


@dataclass(frozen=True)
class Known:
    """The facts that suggestions are made of."""

    incident: Incident
    entries: Sequence[TimelineEntry]
    roles: Sequence[RoleAssignment]
    zone: tzinfo
    confirmed: Sequence[Hypothesis] = ()
    """What the investigation confirmed."""


def suggestion_for(question: str, known: Known) -> str:
    """Markdown to begin with; empty when nothing is known that answers this question."""
    suggest = _SUGGESTIONS.get(question)
    return suggest(known) if suggest else ""


def _as_declared(known: Known) -> str:
    return known.incident.summary


def _services(known: Known) -> str:
    names = [service.name for service in known.incident.services]
    return f"Services: {', '.join(names)}." if names else ""


def _ending(known: Known) -> str:
    incident = known.incident
    lines = []
    if incident.time_to_stabilise is not None:
        stable = words.moment_text(incident.stabilised_at, known.zone)
        lines.append(f"- Users were safe at {stable}, {words.duration(incident.time_to_stabilise)} after it began.")
    if incident.time_to_resolve is not None:
        resolved = words.moment_text(incident.resolved_at, known.zone)
        lines.append(f"- Resolved at {resolved}, {words.duration(incident.time_to_resolve)} after it began.")
    return "\n".join(lines)


def _alerts(known: Known) -> str:
    lines = [f"- The alert {known.incident.alert_name}."] if known.incident.alert_name else []
    lines += [
        f"- {_time(entry, known.zone)}{' '.join(entry.text.split())}"
        for entry in known.entries
        if entry.kind is EntryKind.DETECTION
    ]
    return "\n".join(lines)


def _time(entry: TimelineEntry, zone: tzinfo) -> str:
    if entry.at is not None:
        return f"{words.moment_text(entry.at, zone)}: "
    return f"{entry.at_text}: " if entry.at_text else ""


def _time_to_know(known: Known) -> str:
    incident = known.incident
    if incident.time_to_detect is None:
        return ""
    began = words.moment_text(incident.started_at, known.zone)
    knew = words.moment_text(incident.detected_at, known.zone)
    return f"{words.duration(incident.time_to_detect)}: it began at {began}, and we knew at {knew}."


def _people(known: Known) -> str:
    return "\n".join(
        f"- {one.person.name}, {one.role.value}, from {words.moment_text(one.since, known.zone)}" for one in known.roles
    )


def _confirmed(known: Known) -> str:
    lines = []
    for one in known.confirmed:
        lines.append(f"- {words.sentence(one.claim)} {words.sentence(one.finding)}".rstrip())
        lines += [f"    - {' '.join(seen.text.split())}" for seen in one.evidence if not seen.is_against]
    return "\n".join(lines)


_SUGGESTIONS: dict[str, Callable[[Known], str]] = {
    "summary": _as_declared,
    "what_broke": _services,
    "resolution": _ending,
    "what_alerted_us": _alerts,
    "time_to_know": _time_to_know,
    "right_people": _people,
    "root_causes": _confirmed,
}
