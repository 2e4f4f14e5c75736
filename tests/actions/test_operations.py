"""The rules of items: who may own one, which incidents ask for it, and the steps of its life."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.browser import Browser
from tracker import action_life, action_links
from tracker.actions import operations
from tracker.actions.drafts import ActionDraft, draft_of
from tracker.actions.states import OFFERED, SNOOZE, steps_for
from tracker.db import session, transaction
from tracker.errors import FollowthroughError, RuleError, StaleWriteError
from tracker.models import ActionEvent, ActionItem, ActionState, Incident, Person, Priority, Role
from tracker.promises import is_vague
from tracker.spreadsheets import harmless

TODAY = date(2026, 11, 23)


def stored(number: int = 1) -> ActionItem:
    session.rollback()
    return session.scalars(select(ActionItem).where(ActionItem.number == number)).one()


def sentences() -> list[str]:
    return list(session.scalars(select(ActionEvent.sentence).order_by(ActionEvent.id)))


def in_state(state: ActionState) -> ActionItem:
    then = make.NOW - timedelta(days=9)
    return make.action(state=state, done_at=then, verified_at=then, declined_reason="Too dear", declined_at=then)


def take(step: str, action: ActionItem, *, by: Person) -> None:
    if step == "start":
        action_life.start(action, by=by, now=make.NOW)
    elif step == "finish":
        action_life.finish(action, evidence="A test", by=by, now=make.NOW)
    elif step == "verify":
        action_life.verify(action, evidence="A test", by=by, now=make.NOW)
    elif step == "not_holding":
        action_life.fail_to_hold(action, sentence="It was down again.", by=by, now=make.NOW)
    elif step == "decline":
        action_life.decline(
            action, reason="Too dear", accepted_by=by, look_again_on=date(2027, 2, 1), by=by, now=make.NOW
        )
    elif step == "keep_declined":
        decision: dict[str, Any] = {"reason": "Still", "accepted_by": by, "look_again_on": date(2027, 5, 1)}
        action_life.keep_declined(action, **decision, by=by, now=make.NOW, today=TODAY)
    else:
        action_life.reopen(action, by=by, now=make.NOW)


AFTER = {
    "start": ActionState.IN_PROGRESS,
    "finish": ActionState.DONE,
    "verify": ActionState.VERIFIED,
    "not_holding": ActionState.DID_NOT_HOLD,
    "decline": ActionState.DECLINED,
    "keep_declined": ActionState.DECLINED,
    "reopen": ActionState.OPEN,
}
ALLOWED = {
    ActionState.OPEN: {"start", "finish", "decline"},
    ActionState.IN_PROGRESS: {"finish", "decline"},
    ActionState.DID_NOT_HOLD: {"start", "finish", "decline"},
    ActionState.DONE: {"verify", "not_holding", "reopen"},
    ActionState.VERIFIED: {"not_holding", "reopen"},
    ActionState.DECLINED: {"keep_declined", "finish", "reopen"},
}


@pytest.mark.parametrize("step", list(AFTER))
@pytest.mark.parametrize("state", list(ActionState))
def test_a_step_is_taken_where_it_is_allowed_and_refused_with_the_state_elsewhere(
    app: Flask, responder: Person, state: ActionState, step: str
) -> None:
    in_state(state)

    if step in ALLOWED[state]:
        with transaction():
            take(step, stored_inside(), by=responder)
        assert stored().state is AFTER[step]
        assert len(sentences()) == 1
    else:
        with pytest.raises(RuleError, match=f"AI-1 is “{state.value}” by now, so it cannot be "), transaction():
            take(step, stored_inside(), by=responder)
        assert stored().state is state
        assert sentences() == []


def stored_inside() -> ActionItem:
    return session.scalars(select(ActionItem)).one()


def test_the_page_offers_exactly_the_steps_that_are_allowed() -> None:
    offered = {state: {step.name for step in steps_for(state, role=Role.RESPONDER)} for state in ActionState}
    is_put_off = {state for state in ActionState if SNOOZE.name in offered[state]}

    assert {state: names - {SNOOZE.name} for state, names in offered.items()} == ALLOWED
    assert is_put_off == {ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.DID_NOT_HOLD}
    assert all(steps_for(state, role=Role.VIEWER) == () for state in OFFERED)


def test_a_tracker_gives_done_without_evidence_and_only_a_person_verifies(app: Flask, responder: Person) -> None:
    make.action()
    with transaction():
        action_life.finish(stored_inside(), evidence="", by=None, now=make.NOW, sentence="Closed in GitHub.")
    done = (stored().state, stored().verified_at)

    with pytest.raises(RuleError, match="Say how we know that it works"), transaction():
        action_life.verify(stored_inside(), evidence="  ", by=responder, now=make.NOW)
    with transaction():
        action_life.verify(stored_inside(), evidence="The drill of Monday", by=responder, now=make.NOW)

    assert done == (ActionState.DONE, None)
    assert (stored().verified_by_id, stored().done_evidence) == (responder.id, "The drill of Monday")


def test_done_opens_the_watch_window_and_not_holding_closes_it(app: Flask) -> None:
    make.action()
    with transaction():
        action_life.finish(stored_inside(), evidence="", by=None, now=make.NOW)
    watched = stored().watch_until
    with transaction():
        action_life.fail_to_hold(stored_inside(), sentence="It came back.", by=None, now=make.NOW)

    assert watched == TODAY + timedelta(days=30)
    assert (stored().watch_until, stored().did_not_hold_at) == (None, make.NOW)


def test_declining_counts_days_where_the_installation_is(app: Flask, responder: Person) -> None:
    make.action()
    late_evening_in_the_west = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

    with transaction():
        action_life.decline(
            stored_inside(), reason="Too dear", accepted_by=responder, look_again_on=date(2026, 11, 24),
            by=responder, now=late_evening_in_the_west, today=TODAY,
        )  # fmt: skip

    assert stored().look_again_on == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("before", "after"), [(Priority.P3, Priority.P2), (Priority.P2, Priority.P1), (Priority.P1, Priority.P1)]
)
def test_each_further_incident_raises_the_priority_one_step_at_most_to_p1(
    app: Flask, responder: Person, before: Priority, after: Priority
) -> None:
    make.action(incidents=(make.incident(),), priority=before)
    second = make.incident("Again")

    with transaction():
        action_links.link_incident(stored_inside(), session.merge(second), by=responder, now=make.NOW)

    assert stored().priority is after
    assert any("Priority raised" in sentence for sentence in sentences()) == (before is not after)


@pytest.mark.parametrize("reason", ["drill", "over", "first"])
def test_a_drill_an_item_that_is_over_and_a_first_incident_raise_no_priority(
    app: Flask, responder: Person, reason: str
) -> None:
    first = () if reason == "first" else (make.incident(),)
    state = ActionState.VERIFIED if reason == "over" else ActionState.OPEN
    make.action(incidents=first, state=state, done_at=make.NOW, verified_at=make.NOW)
    second = make.incident("Again", is_drill=reason == "drill")

    with transaction():
        action_links.link_incident(stored_inside(), session.merge(second), by=responder, now=make.NOW)

    assert stored().priority is Priority.P2


def test_no_event_names_an_incident_in_its_words(app: Flask, admin: Person) -> None:
    secret = make.incident("Secret breach", is_private=True)
    with transaction():
        action = operations.create_action(
            ActionDraft(title="Rotate the keys"),
            incident=session.merge(secret), ticket=None, by=admin, now=make.NOW, today=TODAY,
        )  # fmt: skip
        action_life.fail_to_hold(finished(action), sentence="It came back.", by=admin, now=make.NOW, about=secret)

    assert not any("INC-" in sentence or "Secret" in sentence for sentence in sentences())
    events = session.scalars(select(ActionEvent).order_by(ActionEvent.id))
    assert [event.detail.get("incident") for event in events] == [secret.number, None, secret.number]


def finished(action: ActionItem) -> ActionItem:
    action_life.finish(action, evidence="", by=None, now=make.NOW)
    return action


def refusal(action: ActionItem, incident: Incident, *, by: Person, verb: str) -> str:
    operation = action_links.link_incident if verb == "link" else action_links.unlink_incident
    with pytest.raises(RuleError) as caught, transaction():
        operation(session.get_one(ActionItem, action.id), session.get_one(Incident, incident.id), by=by, now=make.NOW)
    return str(caught.value)


def test_a_private_item_is_not_shown_to_everybody_by_a_link(app: Flask, admin: Person) -> None:
    action = make.action(incidents=(make.incident("Secret", is_private=True),))
    public = make.incident("Public")

    assert "would show it to everybody" in refusal(action, public, by=admin, verb="link")


def test_unlinking_never_changes_who_sees_an_item(app: Flask, admin: Person) -> None:
    named = make.person("Named")
    secret = make.incident("Secret", is_private=True)
    open_one = make.incident("Public")
    for_named = make.incident("For the named", is_private=True, named=(named,))
    alone = make.action("Alone", incidents=(secret,))
    mixed = make.action("Mixed", incidents=(secret, open_one))
    owned = make.action("Owned", incidents=(secret, for_named), owner_id=named.id)

    assert "is the only incident that asks for AI-1" in refusal(alone, secret, by=admin, verb="unlink")
    assert "only private incidents ask for AI-2" in refusal(mixed, open_one, by=admin, verb="unlink")
    assert "Named may not see the private incident" in refusal(owned, for_named, by=admin, verb="unlink")
    assert "does not ask for AI-1" in refusal(alone, open_one, by=admin, verb="unlink")


def test_two_people_who_unlink_at_once_leave_the_item_with_one_of_its_incidents(app: Flask, responder: Person) -> None:
    """Without any incident it would be visible to all, and both of these are private."""
    secrets = [make.incident(name, is_private=True, named=(responder,)).id for name in ("One", "Two")]
    make.action(incidents=tuple(session.get_one(Incident, one) for one in secrets))
    who, answers = responder.id, []
    session.rollback()

    def unlink(incident_id: int, then: Callable[[], object]) -> None:
        with app.app_context():
            try:
                with transaction():
                    by, incident = session.get_one(Person, who), session.get_one(Incident, incident_id)
                    action_links.unlink_incident(stored_inside(), incident, by=by, now=make.NOW)
                    then()
                answers.append("unlinked")
            except RuleError as error:
                answers.append(str(error))

    second = Thread(target=unlink, args=(secrets[1], lambda: None))

    def let_the_second_try() -> None:
        second.start()
        second.join(0.5)  # it waits for the first, so it does not end before

    unlink(secrets[0], let_the_second_try)
    second.join(30)

    assert answers == ["unlinked", "INC-2 is the only incident that asks for AI-1. Link the right one first."]


def test_who_accepts_a_private_risk_must_be_allowed_to_read_it(app: Flask, admin: Person, responder: Person) -> None:
    from tracker.actions.drafts import DeclineDraft

    make.action(incidents=(make.incident("Secret", is_private=True),))
    draft = DeclineDraft(reason="Too dear", accepted_by_id=responder.id, look_again_on=date(2027, 2, 1))

    with pytest.raises(RuleError, match="Bob may not see the private incident"), transaction():
        operations.decline_action(stored_inside(), draft, by=admin, now=make.NOW, today=TODAY)


def test_a_stale_edit_is_refused_with_the_name_of_the_other_writer(app: Flask, admin: Person) -> None:
    make.action("Warm the cache")
    with transaction():
        action = stored_inside()
        stale = action.version
        operations.edit_action(
            action, ActionDraft(title="Warm both"), version=stale, by=admin, now=make.NOW, today=TODAY
        )

    with pytest.raises(StaleWriteError, match="Alice saved this") as caught, transaction():
        operations.edit_action(
            stored_inside(), ActionDraft(title="Mine"), version=stale, by=admin, now=make.NOW, today=TODAY
        )

    assert (caught.value.yours, caught.value.theirs) == ("Mine", "Warm both")
    assert stored().title == "Warm both"


def test_an_edit_that_changes_nothing_leaves_no_event(app: Flask, admin: Person) -> None:
    make.action("Warm the cache", due_on=date(2026, 11, 1))

    with transaction():
        action = stored_inside()
        operations.edit_action(action, draft_of(action), version=action.version, by=admin, now=make.NOW, today=TODAY)

    assert sentences() == []


def test_of_two_writers_at_the_same_moment_exactly_one_takes_the_step(app: Flask, responder: Person) -> None:
    make.action()
    together, answers, who = Barrier(2), [], responder.id
    session.rollback()

    def finish(evidence: str) -> None:
        with app.app_context():
            together.wait()
            try:
                with transaction():
                    by = session.get_one(Person, who)
                    action_life.finish(stored_inside(), evidence=evidence, by=by, now=make.NOW)
                answers.append("done")
            except FollowthroughError as error:
                answers.append(str(error))

    writers = [Thread(target=finish, args=(name,)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert answers.count("done") == 1
    assert session.scalar(select(func.count(ActionEvent.id))) == 1


def test_the_export_gives_a_day_of_verification_only_while_it_is_verified(app: Flask, browser: Browser) -> None:
    then = make.NOW - timedelta(days=9)
    for state in (ActionState.VERIFIED, ActionState.DID_NOT_HOLD):
        make.action(state.value, state=state, done_at=then, verified_at=then, did_not_hold_at=make.NOW)

    lines = csv.DictReader(browser.get("/actions.csv?state=all").body.splitlines())

    assert {line["title"]: line["verified_on"] for line in lines} == {"verified": "2026-11-14", "did not hold": ""}


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-2", "@SUM(A1)", "\tx", "  =1+1", "\r=1"])
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Warm the cache", "2026-11-23", "a=b", "5"])
def test_a_plain_cell_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    "title",
    ["Improve", "improve things", "Investigate further", "Be more careful", "Be careful in future", "Train the team",
     "Document it", "We should be more careful", "Please investigate", "Reflect on the incident", "Improve monitoring"],
)  # fmt: skip
def test_a_good_intention_without_an_object_is_vague(title: str) -> None:
    assert is_vague(title)


@pytest.mark.parametrize(
    "title",
    ["Improve the disk alert of the broker", "Investigate why failover took 9 minutes", "Train on-call on failover",
     "Document the manual failover", "Warm the cache", "Improvements to the deploy script", ""],
)  # fmt: skip
def test_a_title_with_an_object_is_not(title: str) -> None:
    assert not is_vague(title)
