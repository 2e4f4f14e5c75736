"""What the neighbours of an incident suggest: its cause category, and the service that it is about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from tracker.db import session
from tracker.models import CauseCategory, Incident, Person, Postmortem, Service, may_see
from tracker.recurrence import queries
from tracker.recurrence.described import described_incidents
from tracker.recurrence.family_queries import causes_of
from tracker.recurrence.known import known_incidents
from tracker.recurrence.similarity import Basis, Match, prepare

NEIGHBOURS = 25
"""The strongest matches that are asked."""
CAUSES_SHOWN = 3
SERVICES_SHOWN = 2
EXAMPLES_SHOWN = 3
SERVICE_FROM = 0.35
"""A service is suggested when neighbours with so much of the whole weight have it."""


@dataclass(frozen=True)
class SuggestedCause:
    """A cause category, and the incidents like this one that had it; none: it is only a common one."""

    category: CauseCategory
    examples: tuple[str, ...]


def suggest_causes(incident: Incident, *, viewer: Person) -> list[SuggestedCause]:
    """Three categories, the likeliest first, from what this reader may see: of incidents like this, then of all."""
    described = next(iter(described_incidents([incident.id])))
    basis = Basis.POSTMORTEM if described.cause_text.strip() else Basis.DECLARED
    matches = known_incidents().match(prepare(described), basis=basis, limit=NEIGHBOURS)
    visible = queries.visible_incidents([match.incident_id for match in matches], viewer=viewer)
    causes = causes_of(visible)
    seen = [match for match in matches if match.incident_id in causes]
    ranked = votes(seen, {match.incident_id: [causes[match.incident_id]] for match in seen})
    ranked += [one for one in _commonest(viewer) if one not in ranked]
    refs = {key: incident.ref for key, incident in visible.items()}
    return [
        SuggestedCause(CauseCategory(cause), _examples(cause, seen, causes=causes, refs=refs))
        for cause in ranked[:CAUSES_SHOWN]
    ]


def suggest_services(matches: Sequence[Match], *, text: str, viewer: Person) -> list[str]:
    """The names of services that a typed text is about: those it names, or else those its neighbours had."""
    names = list(session.scalars(select(Service.name).where(Service.is_archived.is_(False)).order_by(Service.id)))
    typed = f" {' '.join(text.casefold().split())} "
    named = [name for name in names if f" {name.casefold()} " in typed]
    if named:
        return named[:SERVICES_SHOWN]
    visible = queries.visible_incidents([match.incident_id for match in matches], viewer=viewer)
    seen = [match for match in matches if match.incident_id in visible]
    had = {key: [service.name for service in one.services] for key, one in visible.items()}
    whole = sum(match.closeness for match in seen)
    weight = _weights(seen, had)
    ranked = [name for name in votes(seen, had) if weight[name] >= SERVICE_FROM * whole]
    return [name for name in ranked if name in names][:SERVICES_SHOWN]


def votes(matches: Iterable[Match], had: Mapping[int, Iterable[str]]) -> list[str]:
    """What the matches had, the weightiest first; each match counts as much as it is close."""
    weight = _weights(matches, had)
    return sorted(weight, key=lambda name: (-weight[name], name))


def _weights(matches: Iterable[Match], had: Mapping[int, Iterable[str]]) -> dict[str, float]:
    weight: dict[str, float] = defaultdict(float)
    for match in matches:
        for name in had.get(match.incident_id, ()):
            weight[name] += match.closeness
    return weight


def _examples(
    cause: str, matches: Iterable[Match], *, causes: Mapping[int, str], refs: Mapping[int, str]
) -> tuple[str, ...]:
    found = [refs[match.incident_id] for match in matches if causes[match.incident_id] == cause]
    return tuple(found[:EXAMPLES_SHOWN])


def _commonest(viewer: Person) -> list[str]:
    """The categories of all incidents that this reader may see, the commonest first."""
    rows = session.execute(
        select(Postmortem.cause_category, func.count().label("number"))
        .join(Incident, Incident.id == Postmortem.incident_id)
        .where(Postmortem.cause_category.is_not(None), Incident.is_drill.is_(False), may_see(viewer))
        .group_by(Postmortem.cause_category)
        .order_by(func.count().desc(), Postmortem.cause_category)
    )
    return [row.cause_category.value for row in rows]
