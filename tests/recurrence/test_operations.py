"""Deciding about a pair, giving verdicts, asking for an item again, and taking it all back."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests import make
from tests.recurrence.conftest import pairs
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import (
    ActionEvent,
    ActionItem,
    ActionState,
    AuditEntry,
    HeldVerdict,
    Incident,
    IncidentAction,
    Person,
    Priority,
    Recurrence,
    RecurrenceState,
    Verdict,
)
from tracker.recurrence import operations, verdicts


@pytest.fixture
def pair(earlier: Incident, later: Incident) -> Recurrence:
    return make.recurrence(later, earlier)


@pytest.fixture
def same(earlier: Incident, later: Incident, responder: Person, now: datetime) -> Recurrence:
    made = make.recurrence(later, earlier)
    decide(made, RecurrenceState.SAME, by=responder, now=now)
    return made


def decide(pair: Recurrence, state: RecurrenceState, *, by: Person, now: datetime, why: str = "") -> None:
    with transaction():
        operations.decide(session.get_one(Recurrence, pair.id), state, why=why, by=by, now=now)


def give(pair: Recurrence, action: ActionItem, verdict: HeldVerdict, *, by: Person, now: datetime) -> None:
    with transaction():
        verdicts.give_verdict(
            session.get_one(Recurrence, pair.id), session.get_one(ActionItem, action.id), verdict, by=by, now=now
        )


def link(pair: Recurrence, action: ActionItem, *, by: Person, now: datetime) -> bool:
    with transaction():
        return operations.link_action(
            session.get_one(Recurrence, pair.id), session.get_one(ActionItem, action.id), by=by, now=now
        )


def events(action: ActionItem) -> list[ActionEvent]:
    session.rollback()
    query = select(ActionEvent).where(ActionEvent.action_id == action.id).order_by(ActionEvent.id)
    return list(session.scalars(query))


def done(incident: Incident) -> ActionItem:
    return make.action(incidents=(incident,), state=ActionState.DONE, done_at=make.NOW - timedelta(days=40))


@pytest.mark.parametrize("state", [RecurrenceState.SAME, RecurrenceState.RELATED, RecurrenceState.NOT_THE_SAME])
def test_a_decision_is_kept_with_who_when_and_why(
    state: RecurrenceState, pair: Recurrence, responder: Person, now: datetime
) -> None:
    decide(pair, state, by=responder, now=now, why="The same lock.")

    (found,) = pairs()
    assert (found.state, found.decided_by_id, found.decided_at, found.decided_why) == (
        state,
        responder.id,
        now,
        "The same lock.",
    )
    note = session.scalars(select(AuditEntry).where(AuditEntry.action == "decide_recurrence")).one()
    assert (note.person_id, note.subject) == (responder.id, f"{found.later.ref} and {found.earlier.ref}")


def test_who_comes_second_reads_what_was_decided_and_changes_nothing(
    pair: Recurrence, responder: Person, ana: Person, now: datetime
) -> None:
    decide(pair, RecurrenceState.RELATED, by=responder, now=now)

    with pytest.raises(RuleError, match=r"Bob already decided: related\. Undo that first"):
        decide(pair, RecurrenceState.SAME, by=ana, now=now)

    assert pairs()[0].state is RecurrenceState.RELATED


def test_a_decision_is_never_back_to_suspected(pair: Recurrence, responder: Person, now: datetime) -> None:
    with pytest.raises(RuleError, match="Choose same, related or not the same"):
        decide(pair, RecurrenceState.SUSPECTED, by=responder, now=now)

    assert pairs()[0].decided_at is None


def test_undoing_asks_again_and_forgets_the_verdicts(
    same: Recurrence, earlier: Incident, responder: Person, now: datetime
) -> None:
    give(same, done(earlier), HeldVerdict.NOT_RELEVANT, by=responder, now=now)

    with transaction():
        operations.undo_decision(session.get_one(Recurrence, same.id), by=responder, now=now)

    (found,) = pairs()
    assert (found.state, found.decided_at, found.decided_by_id) == (RecurrenceState.SUSPECTED, None, None)
    assert session.scalars(select(Verdict)).all() == []
    note = session.scalars(select(AuditEntry).where(AuditEntry.action == "undo_recurrence_decision")).one()
    assert note.detail["was"] == "same"


def test_what_is_not_decided_cannot_be_undone(pair: Recurrence, responder: Person, now: datetime) -> None:
    with pytest.raises(RuleError, match="not decided"), transaction():
        operations.undo_decision(session.get_one(Recurrence, pair.id), by=responder, now=now)

    assert session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize(
    ("verdict", "how"), [(HeldVerdict.FAILED, "this failed"), (HeldVerdict.BYPASSED, "this was bypassed")]
)
@pytest.mark.parametrize("state", [ActionState.DONE, ActionState.VERIFIED])
def test_a_fix_that_did_not_hold_is_owed_again_and_points_at_the_incident(
    verdict: HeldVerdict,
    how: str,
    state: ActionState,
    same: Recurrence,
    earlier: Incident,
    later: Incident,
    responder: Person,
    now: datetime,
) -> None:
    action = make.action(incidents=(earlier,), state=state, done_at=now, verified_at=now, done_evidence="Seen.")

    give(same, action, verdict, by=responder, now=now)

    assert session.get_one(ActionItem, action.id).state is ActionState.DID_NOT_HOLD
    (event,) = events(action)
    assert how in event.sentence
    assert later.ref not in event.sentence
    assert event.detail["incident"] == later.number


def test_a_fix_that_has_nothing_to_do_with_it_stays_done(
    same: Recurrence, earlier: Incident, responder: Person, now: datetime
) -> None:
    action = done(earlier)

    give(same, action, HeldVerdict.NOT_RELEVANT, by=responder, now=now)

    assert session.get_one(ActionItem, action.id).state is ActionState.DONE
    assert session.scalars(select(Verdict.verdict)).all() == [HeldVerdict.NOT_RELEVANT]


def test_a_verdict_waits_for_the_decision(
    pair: Recurrence, earlier: Incident, responder: Person, now: datetime
) -> None:
    action = done(earlier)

    with pytest.raises(RuleError, match="First decide that the two are the same"):
        give(pair, action, HeldVerdict.FAILED, by=responder, now=now)

    assert session.get_one(ActionItem, action.id).state is ActionState.DONE


def test_a_verdict_is_given_once_and_the_same_again_is_no_error(
    same: Recurrence, earlier: Incident, responder: Person, now: datetime
) -> None:
    action = done(earlier)
    give(same, action, HeldVerdict.NOT_RELEVANT, by=responder, now=now)

    give(same, action, HeldVerdict.NOT_RELEVANT, by=responder, now=now)
    with pytest.raises(RuleError, match="already answered"):
        give(same, action, HeldVerdict.FAILED, by=responder, now=now)

    assert session.get_one(ActionItem, action.id).state is ActionState.DONE


def test_a_verdict_is_only_for_what_was_done_then(
    same: Recurrence, earlier: Incident, later: Incident, responder: Person, now: datetime
) -> None:
    of_later, still_open = done(later), make.action(incidents=(earlier,))

    with pytest.raises(RuleError, match="no item of the earlier incident"):
        give(same, of_later, HeldVerdict.FAILED, by=responder, now=now)
    with pytest.raises(RuleError, match="is open: the question is only for what was done"):
        give(same, still_open, HeldVerdict.FAILED, by=responder, now=now)

    assert session.scalars(select(Verdict)).all() == []


@pytest.mark.parametrize(
    ("before", "after"), [(Priority.P3, Priority.P2), (Priority.P2, Priority.P1), (Priority.P1, Priority.P1)]
)
def test_asking_for_an_item_again_links_it_and_raises_its_priority(
    before: Priority,
    after: Priority,
    same: Recurrence,
    earlier: Incident,
    later: Incident,
    responder: Person,
    now: datetime,
) -> None:
    action = make.action(incidents=(earlier,), priority=before)

    is_new = link(same, action, by=responder, now=now)

    assert (is_new, session.get_one(ActionItem, action.id).priority) == (True, after)
    assert session.get(IncidentAction, (later.id, action.id)) is not None
    assert events(action)[0].detail == {"incident": later.number}


def test_an_item_of_a_private_incident_is_not_shown_to_everybody_by_asking_again(
    later: Incident, responder: Person, now: datetime
) -> None:
    secret = make.incident("Zanzibar", is_private=True, named=(responder,), declared_at=now - timedelta(days=60))
    pair, action = make.recurrence(later, secret), make.action(incidents=(secret,))

    with pytest.raises(RuleError, match="would show it to everybody"):
        link(pair, action, by=responder, now=now)

    session.rollback()
    assert session.get(IncidentAction, (later.id, action.id)) is None


def test_practice_that_looks_like_it_raises_no_priority(earlier: Incident, responder: Person, now: datetime) -> None:
    drill, action = make.incident("Game day", is_drill=True), make.action(incidents=(earlier,))

    link(make.recurrence(drill, earlier), action, by=responder, now=now)

    assert session.get_one(ActionItem, action.id).priority is Priority.P2


def test_asking_twice_counts_once(same: Recurrence, earlier: Incident, responder: Person, now: datetime) -> None:
    action = make.action(incidents=(earlier,), priority=Priority.P3)

    asked = [link(same, action, by=responder, now=now) for _ in range(2)]

    assert asked == [True, False]
    assert session.get_one(ActionItem, action.id).priority is Priority.P2


def test_what_is_done_or_of_another_incident_is_not_asked_for(
    same: Recurrence, earlier: Incident, responder: Person, now: datetime
) -> None:
    finished, foreign = done(earlier), make.action()

    with pytest.raises(RuleError, match="is done"):
        link(same, finished, by=responder, now=now)
    with pytest.raises(RuleError, match="no item of the earlier incident"):
        link(same, foreign, by=responder, now=now)

    assert events(finished) == []
