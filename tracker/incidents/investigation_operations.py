"""Looking for the cause: suspects, hypotheses, what speaks for and against them. Every step lands on the timeline."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.db import session
from tracker.errors import NotFoundError, RuleError
from tracker.incidents.learning import propose_cause
from tracker.incidents.operations import write_entry
from tracker.incidents.suspects import find_suspect
from tracker.models import (
    CauseCategory,
    EntryKind,
    Evidence,
    EvidenceKind,
    Hypothesis,
    HypothesisState,
    Incident,
    Person,
)


@dataclass(frozen=True)
class LookDraft:
    """What somebody found when they looked at one of the usual suspects."""

    suspect: CauseCategory
    is_ruled_out: bool
    finding: str = ""


@dataclass(frozen=True)
class HypothesisDraft:
    suspect: CauseCategory
    claim: str
    disproof: str = ""


@dataclass(frozen=True)
class EvidenceDraft:
    text: str
    kind: EvidenceKind = EvidenceKind.OTHER
    is_against: bool = False


@dataclass(frozen=True)
class SettleDraft:
    state: HypothesisState
    finding: str
    version: int


def look_at(incident: Incident, draft: LookDraft, *, by: Person, now: datetime) -> str:
    """Clear a usual suspect, or keep it in mind; what happened, in words.

    A suspect that is cleared takes the open hypotheses about it along.
    """
    usual = find_suspect(draft.suspect)
    if usual is None:
        raise RuleError("That is none of the usual suspects. Raise a hypothesis of your own below.")
    open_ones = _open_ones(incident, draft.suspect)
    if not open_ones:
        first = HypothesisDraft(draft.suspect, usual.claim, usual.disproof)
        open_ones = [_add(incident, first, by=by, now=now)]
        if not draft.is_ruled_out:
            write_entry(incident, _raised_words(first), by=by, now=now)
    if draft.is_ruled_out:
        for hypothesis in open_ones:
            _settle(hypothesis, HypothesisState.RULED_OUT, finding=draft.finding, by=by, now=now)
        return f"Ruled out: {draft.suspect.value}."
    if draft.finding:
        add_evidence(open_ones[0], EvidenceDraft(draft.finding), by=by, now=now)
    return f"Kept in mind: {draft.suspect.value}."


def raise_hypothesis(incident: Incident, draft: HypothesisDraft, *, by: Person, now: datetime) -> Hypothesis:
    hypothesis = _add(incident, draft, by=by, now=now)
    write_entry(incident, _raised_words(draft), by=by, now=now)
    return hypothesis


def add_evidence(hypothesis: Hypothesis, draft: EvidenceDraft, *, by: Person, now: datetime) -> None:
    """Note what speaks for or against it; also after it was settled, for that may turn out to be wrong."""
    hypothesis.evidence.append(
        Evidence(kind=draft.kind, text=draft.text, is_against=draft.is_against, noted_by_id=by.id, noted_at=now)
    )
    side = "against" if draft.is_against else "for"
    what = "" if draft.kind is EvidenceKind.OTHER else f" ({draft.kind.value})"
    write_entry(hypothesis.incident, f"Speaks {side} “{hypothesis.claim}”{what}: {draft.text}", by=by, now=now)


def settle(hypothesis: Hypothesis, draft: SettleDraft, *, by: Person, now: datetime) -> None:
    """Confirm it, rule it out, or open it again.

    Raises:
        RuleError: somebody settled it in between, or nothing is said of why.
    """
    if hypothesis.state is draft.state:
        return
    if hypothesis.version != draft.version:
        raise RuleError(
            f"“{hypothesis.claim}” is {hypothesis.state.value} by now. Read why, then change it if need be."
        )
    if not draft.finding:
        raise RuleError("Say in a few words how you know: the postmortem begins with it.")
    _settle(hypothesis, draft.state, finding=draft.finding, by=by, now=now)
    propose_cause(hypothesis.incident, now=now)


def get_hypothesis(incident: Incident, hypothesis_id: int) -> Hypothesis:
    """One hypothesis of this incident and no other.

    Raises:
        NotFoundError: there is none.
    """
    found = session.scalar(
        select(Hypothesis).where(Hypothesis.id == hypothesis_id, Hypothesis.incident_id == incident.id)
    )
    if found is None:
        raise NotFoundError(f"{incident.ref} has no such hypothesis.")
    return found


def _open_ones(incident: Incident, suspect: CauseCategory) -> list[Hypothesis]:
    statement = select(Hypothesis).where(
        Hypothesis.incident_id == incident.id,
        Hypothesis.suspect == suspect,
        Hypothesis.state == HypothesisState.OPEN,
    )
    return list(session.scalars(statement.order_by(Hypothesis.id)))


def _add(incident: Incident, draft: HypothesisDraft, *, by: Person, now: datetime) -> Hypothesis:
    hypothesis = Hypothesis(
        incident=incident,
        suspect=draft.suspect,
        claim=draft.claim,
        disproof=draft.disproof,
        state=HypothesisState.OPEN,
        raised_by_id=by.id,
        raised_at=now,
    )
    session.add(hypothesis)
    session.flush()
    return hypothesis


def _raised_words(draft: HypothesisDraft) -> str:
    disproof = f" It would be ruled out by: {draft.disproof}" if draft.disproof else ""
    return f"Suspected ({draft.suspect.value}): {draft.claim.rstrip('.')}.{disproof}"


def _settle(hypothesis: Hypothesis, state: HypothesisState, *, finding: str, by: Person, now: datetime) -> None:
    is_open = state is HypothesisState.OPEN
    hypothesis.state, hypothesis.finding = state, finding
    hypothesis.settled_by_id, hypothesis.settled_at = (None, None) if is_open else (by.id, now)
    words = "Suspected again" if is_open else state.value[:1].upper() + state.value[1:]
    claim = f"{words} ({hypothesis.suspect.value}): {hypothesis.claim.rstrip('.')}."
    write_entry(hypothesis.incident, f"{claim} {finding}".strip(), by=by, now=now, kind=EntryKind.DECISION)
