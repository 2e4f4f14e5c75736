"""What was found out while an incident went on: suspicions, evidence, ticks. Written and read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from tracker.db import session
from tracker.models import CauseCategory, Evidence, EvidenceKind, Hypothesis, HypothesisState, Person, Tick
from tracker.transfer.drafts import EvidenceDraft, HypothesisDraft, TickDraft
from tracker.transfer.sidecars import Beside

LONGEST_ITEM = 80
Kind = TypeVar("Kind", bound=StrEnum)


@dataclass
class Findings:
    """Those of one incident, in their order."""

    hypotheses: list[Hypothesis] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)

    def people(self) -> Iterator[Person]:
        for one in self.hypotheses:
            noted = (evidence.noted_by for evidence in one.evidence)
            yield from (person for person in (one.raised_by, one.settled_by, *noted) if person)
        yield from (tick.ticked_by for tick in self.ticks if tick.ticked_by)

    def values(self) -> dict[str, Any]:
        return {
            "hypotheses": [_hypothesis_values(one) for one in self.hypotheses],
            "ticks": [
                {
                    "item": tick.item,
                    "note": tick.note,
                    "ticked_by": _email(tick.ticked_by),
                    "ticked_at": _text(tick.ticked_at),
                }
                for tick in self.ticks
            ],
        }


def findings_of(incident_ids: Iterable[int]) -> dict[int, Findings]:
    """With three questions, however many incidents."""
    ids = list(incident_ids)
    found = {incident_id: Findings() for incident_id in ids}
    hypotheses = (
        select(Hypothesis)
        .where(Hypothesis.incident_id.in_(ids))
        .options(
            joinedload(Hypothesis.raised_by),
            joinedload(Hypothesis.settled_by),
            selectinload(Hypothesis.evidence).joinedload(Evidence.noted_by),
        )
        .order_by(Hypothesis.id)
    )
    for one in session.scalars(hypotheses):
        found[one.incident_id].hypotheses.append(one)
    ticks = select(Tick).where(Tick.incident_id.in_(ids)).options(joinedload(Tick.ticked_by)).order_by(Tick.id)
    for tick in session.scalars(ticks):
        found[tick.incident_id].ticks.append(tick)
    return found


def _hypothesis_values(one: Hypothesis) -> dict[str, Any]:
    return {
        "suspect": one.suspect.value,
        "claim": one.claim,
        "disproof": one.disproof,
        "state": one.state.value,
        "finding": one.finding,
        "raised_by": _email(one.raised_by),
        "raised_at": _text(one.raised_at),
        "settled_by": _email(one.settled_by),
        "settled_at": _text(one.settled_at) if one.settled_at else None,
        "evidence": [
            {
                "kind": evidence.kind.value,
                "text": evidence.text,
                "is_against": evidence.is_against,
                "noted_by": _email(evidence.noted_by),
                "noted_at": _text(evidence.noted_at),
            }
            for evidence in one.evidence
        ],
    }


def _email(person: Person | None) -> str | None:
    return person.email if person else None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_hypotheses(beside: Beside) -> Iterator[HypothesisDraft]:
    """What cannot be understood is left out; a settled one without its time is open."""
    for row in beside.rows("hypotheses"):
        suspect, raised_at = _member(CauseCategory, row.text("suspect")), row.moment("raised_at")
        settled_at = row.moment("settled_at")
        state = _member(HypothesisState, row.text("state")) if settled_at else None
        if not (suspect and raised_at and row.text("claim").strip()):
            continue
        is_open = state is None or state is HypothesisState.OPEN
        yield HypothesisDraft(
            suspect=suspect,
            claim=row.text("claim"),
            disproof=row.text("disproof"),
            state=HypothesisState.OPEN if is_open or state is None else state,
            finding=row.text("finding"),
            raised_by=row.text("raised_by"),
            raised_at=raised_at,
            settled_by="" if is_open else row.text("settled_by"),
            settled_at=None if is_open else settled_at,
            evidence=tuple(_evidence(row)),
        )


def _evidence(hypothesis: Beside) -> Iterator[EvidenceDraft]:
    for row in hypothesis.rows("evidence"):
        noted_at = row.moment("noted_at")
        if noted_at and row.text("text").strip():
            yield EvidenceDraft(
                kind=_member(EvidenceKind, row.text("kind")) or EvidenceKind.OTHER,
                text=row.text("text"),
                is_against=row.is_true("is_against"),
                noted_by=row.text("noted_by"),
                noted_at=noted_at,
            )


def read_ticks(beside: Beside) -> Iterator[TickDraft]:
    """Each item once, as a list has it."""
    seen: set[str] = set()
    for row in beside.rows("ticks"):
        item, ticked_at = row.text("item"), row.moment("ticked_at")
        if item and len(item) <= LONGEST_ITEM and ticked_at and item not in seen:
            seen.add(item)
            yield TickDraft(item=item, note=row.text("note"), ticked_by=row.text("ticked_by"), ticked_at=ticked_at)


def _member(kind: type[Kind], text: str) -> Kind | None:
    return next((member for member in kind if member.value == text), None)
