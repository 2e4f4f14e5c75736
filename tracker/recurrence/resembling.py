"""Similar earlier incidents: what is read by somebody who is out of ideas, and never an alarm."""

from collections.abc import Collection
from dataclasses import dataclass

from tracker.models import Incident, Person
from tracker.recurrence import queries
from tracker.recurrence.described import described_incidents
from tracker.recurrence.families import likenesses_of_all, relatives_of
from tracker.recurrence.known import known_incidents
from tracker.recurrence.operations import as_written, reasons_of
from tracker.recurrence.similarity import Basis, prepare

SHOWN = 5
LOOKED_AT = 15
"""Matches that are looked at, for some may be hidden from the reader or decided about already."""


@dataclass(frozen=True)
class Resembling:
    """An earlier incident and the facts that it shares."""

    incident: Incident
    reasons: list[str]


def resembling(incident: Incident, *, viewer: Person, decided: Collection[int]) -> list[Resembling]:
    """The earlier incidents most like one, the likest first, without those of pairs (``decided``) and of its family."""
    if incident.is_drill:
        return []
    described = next(iter(described_incidents([incident.id])))
    asking, library = prepare(described), known_incidents()
    basis = Basis.POSTMORTEM if described.cause_text.strip() else Basis.DECLARED
    matches = library.match(asking, basis=basis, limit=LOOKED_AT, families=likenesses_of_all())
    visible = queries.visible_incidents([match.incident_id for match in matches], viewer=viewer)
    left_out = {*decided, *relatives_of(incident.id)}
    base = library.count_before(asking)
    return [
        Resembling(visible[match.incident_id], reasons_of(match, as_written(match, described), base))
        for match in matches
        if match.incident_id in visible and match.incident_id not in left_out and (match.reasons or match.shared_terms)
    ][:SHOWN]
