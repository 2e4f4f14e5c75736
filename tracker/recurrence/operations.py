"""Comparing on request, keeping what was found, and deciding: same, related, not the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import select, update

from tracker import action_links, audit, clock
from tracker.comparisons import ask_for_comparison
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import (
    ActionItem,
    Comparison,
    Incident,
    IncidentAction,
    Person,
    Phase,
    Recurrence,
    RecurrenceState,
    Stage,
)
from tracker.recurrence import families, verdicts
from tracker.recurrence.prepared import Described, Prepared, surface_forms
from tracker.recurrence.similarity import Match

LEASE = timedelta(minutes=5)
"""A worker that dies gives a comparison back after this long."""
MOST_PAIRS = 3
"""Pairs that one comparison may suspect: more would be noise."""


@dataclass(frozen=True)
class Claim:
    """A comparison that this worker has taken, and as of when it was asked for."""

    incident_id: int
    stage: Stage
    asked_at: datetime


def claim_comparison(*, now: datetime) -> Claim | None:
    """Take the comparison that is due longest; nobody else gets it until the lease ends. ``None``: nothing is due.

    One at a time, so that one that cannot be done holds up no other.
    """
    due = (
        select(Comparison)
        .where(Comparison.done_at.is_(None), Comparison.run_after <= now)
        .order_by(Comparison.run_after, Comparison.incident_id, Comparison.stage)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.scalar(due)
    if row is None:
        return None
    row.run_after = now + LEASE
    return Claim(row.incident_id, row.stage, row.asked_at)


def ask_again_for_open(*, now: datetime, zone: tzinfo) -> int:
    """Ask again for the comparisons of incidents that still go on, once a night; how many.

    One statement that moves ``asked_at`` past the night: of two workers the second finds nothing to ask for.
    """
    going_on = select(Incident.id).where(
        Incident.phase.in_([phase for phase in Phase if phase.is_live]), Incident.is_drill.is_(False)
    )
    asked = (
        update(Comparison)
        .where(
            Comparison.done_at.is_not(None),
            Comparison.asked_at < clock.last_night(now, zone=zone),
            Comparison.incident_id.in_(going_on),
        )
        .values(asked_at=now, run_after=now, done_at=None)
        .returning(Comparison.incident_id)
    )
    return len(session.scalars(asked).all())


def ask_about_changes(changed: Sequence[tuple[Prepared, Prepared]], *, now: datetime) -> int:
    """Ask for the comparison of each incident that says something else now; how many.

    Not for another service alone: one that is renamed would have all of its incidents compared.
    """
    asked = 0
    for old, new in changed:
        is_declared_anew = (old.title, old.body, old.alert) != (new.title, new.body, new.alert)
        is_explained_anew = (old.causes, old.cause) != (new.causes, new.cause)
        if not (is_declared_anew or is_explained_anew):
            continue
        stages = set(session.scalars(select(Comparison.stage).where(Comparison.incident_id == new.id)))
        if not is_declared_anew:
            stages.discard(Stage.DECLARED)
        if is_explained_anew and new.causes:
            stages.add(Stage.POSTMORTEM)
        for stage in sorted(stages):
            ask_for_comparison(session.get_one(Incident, new.id), stage=stage, now=now)
        asked += bool(stages)
    return asked


@dataclass(frozen=True)
class Finding:
    """What a comparison came to: the alarms among the matches, and with how many it compared."""

    described: Described
    matches: Sequence[Match]
    compared_with: int


def record_comparison(claim: Claim, finding: Finding | None, *, now: datetime) -> list[Recurrence]:
    """Keep what was found, and that it was done; ``None``: there is nothing to compare (it is gone, or a drill).

    Asked again in the meantime, it stays due. A pair that somebody decided is left alone, a suspected one takes
    over the new reasons, and two of one family are not asked about.
    """
    asked = select(Comparison).where(Comparison.incident_id == claim.incident_id).order_by(Comparison.stage)
    # Both stages are locked: two workers that find the same pair at once would write it twice.
    row = next((row for row in session.scalars(asked.with_for_update()) if row.stage is claim.stage), None)
    if row is None:
        return []
    if row.asked_at == claim.asked_at:
        row.done_at = now
        row.compared_with = finding.compared_with if finding else 0
    else:
        row.run_after = now
    if finding is None:
        return []
    known = _pairs_of(claim.incident_id)
    related = families.relatives_to_change(claim.incident_id)
    found = [match for match in finding.matches if match.incident_id not in related][:MOST_PAIRS]
    return [pair for match in found if (pair := _keep(claim, match, finding, known=known, now=now)) is not None]


def _pairs_of(incident_id: int) -> dict[int, Recurrence]:
    """The pairs this incident is in, by the other one."""
    query = select(Recurrence).where((Recurrence.later_id == incident_id) | (Recurrence.earlier_id == incident_id))
    return {pair.earlier_id if pair.later_id == incident_id else pair.later_id: pair for pair in session.scalars(query)}


def _keep(
    claim: Claim, match: Match, finding: Finding, *, known: Mapping[int, Recurrence], now: datetime
) -> Recurrence | None:
    pair = known.get(match.incident_id)
    if pair is None:
        pair = Recurrence(later_id=claim.incident_id, earlier_id=match.incident_id, found_at=now)
        session.add(pair)
    elif pair.state is not RecurrenceState.SUSPECTED or pair.later_id != claim.incident_id:
        return None
    shared = as_written(match, finding.described)
    pair.stage = claim.stage
    pair.score = match.score
    pair.uncalibrated = match.uncalibrated
    pair.shared_terms = [list(one) for one in shared]
    pair.reasons = reasons_of(match, shared, finding.compared_with)
    pair.compared_with = finding.compared_with
    return pair


def as_written(match: Match, described: Described) -> list[tuple[str, int]]:
    """The shared terms as the later incident writes them, each with how many earlier incidents have it."""
    forms = surface_forms(f"{described.declared_text}\n{described.cause_text}")
    written: dict[str, int] = {}
    for term, count in match.shared_terms:
        written.setdefault(forms.get(term, term).lower(), count)
    return list(written.items())


def reasons_of(match: Match, shared: Sequence[tuple[str, int]], compared_with: int) -> list[str]:
    """All reasons as sentences a person can check."""
    if not shared:
        return list(match.reasons)
    named = ", ".join(word for word, _ in shared)
    most = max(count for _, count in shared)
    base = f"in {most} of {compared_with:,} earlier incidents" if most == 1 or len(shared) == 1 else ""
    base = base or f"each in at most {most} of {compared_with:,} earlier incidents"
    return [*match.reasons, f"shared rare words: {named} ({base})"]


def decide(pair: Recurrence, state: RecurrenceState, *, why: str, by: Person, now: datetime) -> None:
    """Say what a pair is. It is never asked again; *same* joins the two into one family.

    Raises:
        RuleError: somebody decided it already.
    """
    if pair.state is not RecurrenceState.SUSPECTED:
        who = pair.decided_by.name if pair.decided_by else "Somebody"
        raise RuleError(f"{who} already decided: {pair.state.value}. Undo that first if you see it otherwise.")
    if state is RecurrenceState.SUSPECTED:
        raise RuleError("Choose same, related or not the same.")
    pair.state = state
    pair.decided_at = now
    pair.decided_by_id = by.id
    pair.decided_why = why
    families.rejoin({pair.later_id, pair.earlier_id}, now=now)
    audit.note("decide_recurrence", f"{pair.later.ref} and {pair.earlier.ref}", by=by, now=now, decision=state.value)


def undo_decision(pair: Recurrence, *, by: Person, now: datetime) -> list[str]:
    """Back to suspected. A family that only this decision held together is taken apart; verdicts are taken back.

    Returns what became of the items that a verdict had called failed or bypassed, a sentence each.

    Raises:
        RuleError: it is not decided.
    """
    if pair.state is RecurrenceState.SUSPECTED:
        raise RuleError("This pair is not decided. Reload the page to see what changed.")
    was = pair.state
    pair.state = RecurrenceState.SUSPECTED
    pair.decided_at = None
    pair.decided_by_id = None
    pair.decided_why = ""
    became = verdicts.take_back_all(pair, by=by, now=now)
    families.rejoin({pair.later_id, pair.earlier_id}, now=now)
    audit.note("undo_recurrence_decision", f"{pair.later.ref} and {pair.earlier.ref}", by=by, now=now, was=was.value)
    return became


def link_action(pair: Recurrence, action: ActionItem, *, by: Person, now: datetime) -> bool:
    """The later incident asks for this item too; ``False``: it already does.

    Raises:
        RuleError: the item is not of the earlier incident, nothing is owed, or the link would show a private item.
    """
    if session.get(IncidentAction, (pair.earlier_id, action.id)) is None:
        raise RuleError(f"{action.ref} is no item of the earlier incident.")
    if session.get(IncidentAction, (pair.later_id, action.id)) is not None:
        return False
    if not action.state.is_open:
        raise RuleError(f"{action.ref} is {action.state.value}. Open it again first if it is owed after all.")
    action_links.link_incident(action, pair.later, by=by, now=now)
    return True


def lock_pair(recurrence_id: int) -> None:
    """Let nobody else decide about this pair until the transaction ends."""
    session.execute(select(Recurrence.id).where(Recurrence.id == recurrence_id).with_for_update())
