"""Families put together and taken apart by hand, and that undone."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.recurrence.conftest import letters
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import (
    ActionItem,
    ActionState,
    AuditEntry,
    Family,
    FamilyChange,
    FamilyMember,
    HeldVerdict,
    Incident,
    Person,
    Phase,
    Recurrence,
    RecurrenceState,
)
from tracker.recurrence import families, jobs, operations, regrouping, verdicts


@pytest.fixture
def five(app: Flask, now: datetime) -> list[Incident]:
    return [
        make.incident(f"Time {number}", declared_at=now - timedelta(days=100 - number), phase=Phase.CLOSED)
        for number in range(5)
    ]


def same(one: Incident, other: Incident, *, by: Person) -> Recurrence:
    pair = make.recurrence(other, one, decided_why="")
    with transaction():
        operations.decide(
            session.get_one(Recurrence, pair.id), RecurrenceState.SAME, why="As told.", by=by, now=make.NOW
        )
    return pair


def groups() -> list[str]:
    """The titles of each family's incidents, as the last figures of their titles."""
    session.rollback()
    query = select(FamilyMember.family_id, Incident.title).join(Incident).order_by(Incident.id)
    found: dict[int, str] = dict.fromkeys(session.scalars(select(Family.id)), "")
    for row in session.execute(query):
        found[row.family_id] += row.title[-1]
    return sorted(found.values())


def states() -> dict[str, str]:
    session.rollback()
    pairs = session.scalars(select(Recurrence).order_by(Recurrence.id))
    return {f"{pair.earlier.title[-1]}{pair.later.title[-1]}": pair.state.value for pair in pairs}


def merge(one: Incident, other: Incident, *, by: Person) -> int:
    with transaction():
        first, second = (session.get_one(Incident, each.id) for each in (one, other))
        return regrouping.merge(first, second, why="The same valve.", by=session.merge(by), now=make.NOW).id


def split(*out: Incident, by: Person) -> None:
    with transaction():
        family_id = session.scalars(select(FamilyMember.family_id).where(FamilyMember.incident_id == out[0].id)).one()
        rows = [session.get_one(Incident, one.id) for one in out]
        regrouping.split(family_id, rows, why="Another valve.", by=session.merge(by), now=make.NOW)


def undo_last(*, by: Person) -> None:
    with transaction():
        change = session.scalars(select(FamilyChange).order_by(FamilyChange.id.desc())).first()
        assert change is not None
        regrouping.undo(change, by=session.merge(by), now=make.NOW)


def test_two_that_nobody_suspected_become_a_family_and_are_never_asked_about(
    five: list[Incident], responder: Person
) -> None:
    merge(five[3], five[1], by=responder)

    assert (groups(), states()) == (["13"], {"13": "same"})
    assert session.scalars(select(AuditEntry.action)).all() == ["merge_families"]


def test_two_families_become_one(five: list[Incident], responder: Person) -> None:
    same(five[0], five[1], by=responder)
    same(five[2], five[3], by=responder)

    merge(five[3], five[0], by=responder)

    assert groups() == ["0123"]


def test_a_merge_goes_over_an_earlier_decision_and_its_undo_gives_it_back(
    five: list[Incident], responder: Person
) -> None:
    pair = make.recurrence(
        five[1], five[0], state=RecurrenceState.NOT_THE_SAME, decided_at=make.NOW, decided_why="Looks only alike."
    )
    merge(five[1], five[0], by=responder)
    assert groups() == ["01"]

    undo_last(by=responder)

    back = session.get_one(Recurrence, pair.id)
    assert (groups(), back.state, back.decided_why) == ([], RecurrenceState.NOT_THE_SAME, "Looks only alike.")


def test_undoing_a_merge_of_two_that_nobody_suspected_leaves_no_pair(five: list[Incident], responder: Person) -> None:
    merge(five[1], five[0], by=responder)

    undo_last(by=responder)

    assert (groups(), states()) == ([], {})


@pytest.mark.parametrize("other", ["itself", "a drill", "its own family"])
def test_what_makes_no_family_is_refused(other: str, five: list[Incident], responder: Person) -> None:
    same(five[0], five[1], by=responder)
    drill = make.incident("Practice", is_drill=True)
    named = {"itself": five[0], "a drill": drill, "its own family": five[1]}[other]

    with pytest.raises(RuleError):
        merge(five[0], named, by=responder)

    assert groups() == ["01"]


def test_a_family_is_taken_apart_along_any_cut_and_both_sides_stay_whole(
    five: list[Incident], responder: Person
) -> None:
    for number in (1, 2, 3):  # a star around the first
        same(five[0], five[number], by=responder)

    split(five[0], five[3], by=responder)

    assert groups() == ["03", "12"]
    assert states() == {"01": "related", "02": "related", "03": "same", "12": "same"}


def test_one_that_leaves_alone_is_in_no_family(five: list[Incident], responder: Person) -> None:
    same(five[0], five[1], by=responder)
    same(five[1], five[2], by=responder)

    split(five[2], by=responder)

    assert (groups(), states()) == (["01"], {"01": "same", "12": "related"})


def test_undoing_a_split_gives_the_family_back_to_the_letter(five: list[Incident], responder: Person) -> None:
    for number in (1, 2, 3):
        same(five[0], five[number], by=responder)
    before = states()
    split(five[0], five[3], by=responder)

    undo_last(by=responder)

    assert (groups(), states()) == (["0123"], before)
    assert session.scalars(select(Recurrence.decided_why).distinct()).all() == ["As told."]


def test_a_split_that_somebody_decided_about_since_is_not_undone(five: list[Incident], responder: Person) -> None:
    pair = same(five[0], five[1], by=responder)
    split(five[1], by=responder)
    with transaction():
        operations.undo_decision(session.get_one(Recurrence, pair.id), by=session.merge(responder), now=make.NOW)

    with pytest.raises(RuleError, match="decided again since: suspected"):
        undo_last(by=responder)


@pytest.mark.parametrize("out", [(), (0, 1)])
def test_somebody_leaves_and_somebody_stays(
    out: tuple[int, ...], five: list[Incident], responder: Person, browser: Browser
) -> None:
    same(five[0], five[1], by=responder)
    family_id = session.scalars(select(Family.id)).one()
    refs = [five[number].ref for number in out]

    page = browser.post(f"/families/{family_id}/split", {"csrf_token": browser.token(), "out": refs})

    assert (page.status, groups()) == (422, ["01"])
    assert "leave at least one in it" in page.text


def test_a_verdict_across_the_cut_is_taken_back(five: list[Incident], responder: Person) -> None:
    pair = same(five[0], five[1], by=responder)
    action = make.action(incidents=(five[0],), state=ActionState.DONE, done_at=five[0].declared_at)
    with transaction():
        args = (session.get_one(Recurrence, pair.id), session.get_one(ActionItem, action.id), HeldVerdict.FAILED)
        verdicts.give_verdict(*args, by=session.merge(responder), now=make.NOW)

    split(five[1], by=responder)

    assert session.get_one(ActionItem, action.id).state is ActionState.DONE


def test_history_put_in_order_wakes_nobody_and_a_live_repeat_does(five: list[Incident], responder: Person) -> None:
    make.action(incidents=(five[0],), owner_id=responder.id)
    merge(five[1], five[0], by=responder)
    assert (jobs.alert_due(make.NOW), letters()) == (0, [])
    live = make.incident("Time 9", declared_by_id=responder.id)

    merge(live, five[0], by=responder)

    assert jobs.alert_due(make.NOW) == 1


def test_a_person_puts_together_takes_apart_and_undoes_on_the_pages(browser: Browser, five: list[Incident]) -> None:
    page = browser.get(f"/incidents/{five[2].ref}/recurrences")
    page = page.submit("They are the same", other=five[0].ref.lower(), merge_why="The same valve.")
    assert "Happened 2 times" in page.text

    page = page.submit("Add to this family", other=five[4].ref)
    assert "Happened 3 times" in page.text

    page = page.submit("Take out of the family", out=[five[4].ref], split_why="Another valve.")
    assert ("Happened 2 times" in page.text, groups()) == (True, ["02"])
    assert "took these apart" in page.text

    page = page.submit(f"Undo what was split: {five[4].ref} and {five[2].ref}")
    assert groups() == ["024"]


@pytest.mark.parametrize("typed", ["INC-999", "AI-1", "nonsense", ""])
def test_an_incident_that_is_none_is_told_beside_the_form(typed: str, browser: Browser, five: list[Incident]) -> None:
    page = browser.get(f"/incidents/{five[0].ref}/recurrences").submit("They are the same", other=typed)

    assert page.status == 422
    assert page.select("main [role=alert], main .error-summary")


def test_a_hidden_incident_is_named_like_one_that_is_not_there(browser: Browser, five: list[Incident]) -> None:
    secret = make.incident("Zanzibar", is_private=True)

    page = browser.get(f"/incidents/{five[0].ref}/recurrences").submit("They are the same", other=secret.ref)

    assert f"There is no incident {secret.ref}, or it is not shown to you." in page.text
    assert groups() == []


def test_a_change_about_a_hidden_incident_is_nobody_elses_to_see_or_undo(
    app: Flask, five: list[Incident], responder: Person, browser: Browser, admin: Person
) -> None:
    same(five[0], five[1], by=responder)
    change = merge(five[2], five[0], by=responder)
    with transaction():
        session.get_one(Incident, five[2].id).is_private = True
    family_id = session.scalars(select(Family.id)).one()

    shown = [
        "Changed by hand" in Browser(app, person=one).get(f"/families/{family_id}").text for one in (responder, admin)
    ]
    answer = browser.post(f"/families/changes/{change}/undo", {"csrf_token": browser.token()})

    assert (shown, answer.status, groups()) == ([False, True], 404, ["012"])


def test_who_stays_hidden_stays_and_a_split_by_who_does_not_see_it_parts_the_rest(
    five: list[Incident], responder: Person, browser: Browser
) -> None:
    same(five[0], five[2], by=responder)
    same(five[2], five[1], by=responder)
    with transaction():
        session.get_one(Incident, five[2].id).is_private = True
    family_id = session.scalars(select(Family.id)).one()

    browser.get(f"/families/{family_id}").submit("Take out of the family", out=[five[1].ref])

    assert groups() == ["02"]
    assert families.relatives_of(five[1].id) == set()
