"""Writes what an imported incident knows of its investigation: suspicions, evidence, what was ticked."""

from tracker.db import session
from tracker.models import Evidence, Hypothesis, Incident, Tick
from tracker.transfer import queries
from tracker.transfer.drafts import DocumentDraft, HypothesisDraft


def add_findings(draft: DocumentDraft, *, incident: Incident) -> None:
    session.add_all(_hypothesis(one, incident=incident) for one in draft.hypotheses)
    session.add_all(
        Tick(
            incident_id=incident.id,
            item=tick.item,
            note=tick.note,
            ticked_by_id=_id_of(tick.ticked_by),
            ticked_at=tick.ticked_at,
        )
        for tick in draft.ticks
    )


def _hypothesis(draft: HypothesisDraft, *, incident: Incident) -> Hypothesis:
    hypothesis = Hypothesis(
        incident_id=incident.id,
        suspect=draft.suspect,
        claim=draft.claim,
        disproof=draft.disproof,
        state=draft.state,
        finding=draft.finding,
        raised_by_id=_id_of(draft.raised_by),
        raised_at=draft.raised_at,
        settled_by_id=_id_of(draft.settled_by),
        settled_at=draft.settled_at,
    )
    hypothesis.evidence = [
        Evidence(
            kind=one.kind,
            text=one.text,
            is_against=one.is_against,
            noted_by_id=_id_of(one.noted_by),
            noted_at=one.noted_at,
        )
        for one in draft.evidence
    ]
    return hypothesis


def _id_of(email: str) -> int | None:
    person = queries.find_person(email) if email else None
    return person.id if person else None
