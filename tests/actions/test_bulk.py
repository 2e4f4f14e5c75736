"""Several items at once: the same owner, due date or priority, or one decision; all or none, with undo."""

from datetime import date, datetime

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser, Page
from tracker.actions import bulk
from tracker.actions.bulk import BulkDraft
from tracker.db import session, transaction
from tracker.errors import NotFoundError, RuleError
from tracker.models import ActionItem, ActionState, Person, Priority, Role

TODAY = date(2026, 11, 23)


def reread(action: ActionItem) -> ActionItem:
    session.rollback()
    return session.get_one(ActionItem, action.id, populate_existing=True)


@pytest.fixture
def three(app: Flask) -> list[ActionItem]:
    public = make.incident()
    return [make.action(f"Item {number}", incidents=(public,), due_on=date(2026, 12, 1)) for number in (1, 2, 3)]


def open_change(browser: Browser, items: list[ActionItem]) -> Page:
    return browser.get("/actions/change", query={"item": [action.ref for action in items]})


def test_chosen_items_get_the_same_and_undo_gives_each_its_own_back(browser: Browser, three: list[ActionItem]) -> None:
    ana = make.person("Ana")
    with transaction():
        session.get_one(ActionItem, three[1].id).priority = Priority.P3
    page = open_change(browser, three[:2])

    page = page.submit("Change 2 items", owner_id=str(ana.id), priority="P1", due_on="2027-01-15")

    assert "2 items are changed." in page.flashes
    found = [(one.owner_id, one.priority, one.due_on) for one in map(reread, three)]
    assert found[:2] == [(ana.id, Priority.P1, date(2027, 1, 15))] * 2
    assert found[2] == (None, Priority.P2, date(2026, 12, 1))

    page = page.submit("Undo this change")

    assert "2 items are as before." in page.flashes
    back = [(one.owner_id, one.priority, one.due_on) for one in map(reread, three[:2])]
    assert back == [(None, Priority.P2, date(2026, 12, 1)), (None, Priority.P3, date(2026, 12, 1))]


def test_items_are_chosen_in_the_list_by_who_may_change_them(
    app: Flask, three: list[ActionItem], browser: Browser
) -> None:
    vera = Browser(app, person=make.person("Vera", role=Role.VIEWER))

    assert [len(one.get("/actions?state=all").select("[name=item]")) for one in (browser, vera)] == [3, 0]
    assert vera.get("/actions/change?item=AI-1").status == 403


def test_one_decision_declines_all_and_undo_takes_it_back(
    browser: Browser, three: list[ActionItem], responder: Person
) -> None:
    with transaction():
        session.get_one(ActionItem, three[0].id).state = ActionState.IN_PROGRESS

    page = open_change(browser, three[:2]).submit(
        "Decline 2 items", reason="Too dear.", accepted_by_id=str(responder.id), look_again_on="2027-03-01"
    )

    assert [reread(one).state for one in three] == [ActionState.DECLINED, ActionState.DECLINED, ActionState.OPEN]

    page.submit("Undo this change")

    assert [reread(one).state for one in three[:2]] == [ActionState.IN_PROGRESS, ActionState.OPEN]
    assert reread(three[0]).look_again_on is None


def test_what_was_declined_is_kept_or_opened_again_together_and_undo_takes_each_back(
    browser: Browser, three: list[ActionItem], responder: Person
) -> None:
    with transaction():
        for one in three[:2]:
            action = session.get_one(ActionItem, one.id)
            action.state, action.declined_reason, action.look_again_on = ActionState.DECLINED, "Too dear.", TODAY

    kept = open_change(browser, three[:2]).submit(
        "Keep 2 items declined", reason="Still.", accepted_by_id=str(responder.id), look_again_on="2027-03-01"
    )
    until = [(one.declined_reason, one.look_again_on) for one in map(reread, three[:2])]
    kept.submit("Undo this change")
    back = [(one.declined_reason, one.look_again_on) for one in map(reread, three[:2])]
    opened = open_change(browser, three[:2]).submit("Open 2 items again")
    states = [reread(one).state for one in three]
    opened.submit("Undo this change")

    assert "2 items stay declined." in kept.flashes
    assert until == [("Still.", date(2027, 3, 1))] * 2
    assert back == [("Too dear.", TODAY)] * 2
    assert "2 items are open again." in opened.flashes
    assert states == [ActionState.OPEN] * 3
    assert [reread(one).state for one in three] == [ActionState.DECLINED, ActionState.DECLINED, ActionState.OPEN]
    assert reread(three[0]).look_again_on == TODAY
    assert not open_change(browser, three).select("#open-again")


def test_all_are_changed_or_none(browser: Browser, three: list[ActionItem], now: datetime) -> None:
    with transaction():
        session.get_one(ActionItem, three[1].id).state = ActionState.DONE
        session.get_one(ActionItem, three[1].id).done_at = now
    olga = make.person("Olga")
    page = open_change(browser, three)

    page = page.submit("Decline 3 items", reason="No.", accepted_by_id=str(olga.id), look_again_on="2027-03-01")

    assert page.status == 422
    assert page.errors == ["AI-2 is “done” by now, so it cannot be declined. Look at what changed, then decide."]
    assert [reread(one).state for one in three] == [ActionState.OPEN, ActionState.DONE, ActionState.OPEN]


def test_undo_leaves_what_somebody_changed_since(app: Flask, three: list[ActionItem], now: datetime) -> None:
    ana = make.person("Ana")
    with transaction():
        items = [session.get_one(ActionItem, one.id) for one in three]
        made = bulk.change_items(items, BulkDraft(priority=Priority.P1), by=ana, now=now, today=TODAY)
    with transaction():
        session.get_one(ActionItem, three[0].id).title = "Said better"

    with transaction():
        undone = bulk.undo_change(made.id, by=ana, now=now, today=TODAY)

    assert (undone.back, undone.kept) == (2, ["AI-1"])
    assert [reread(one).priority for one in three] == [Priority.P1, Priority.P2, Priority.P2]
    with pytest.raises(RuleError, match="undone already"), transaction():
        bulk.undo_change(made.id, by=ana, now=now, today=TODAY)


def test_only_who_made_a_change_may_undo_it(app: Flask, three: list[ActionItem], now: datetime) -> None:
    ana, bo = make.person("Ana"), make.person("Bo")
    with transaction():
        items = [session.get_one(ActionItem, one.id) for one in three]
        made = bulk.change_items(items, BulkDraft(priority=Priority.P1), by=ana, now=now, today=TODAY)

    with pytest.raises(NotFoundError), transaction():
        bulk.undo_change(made.id, by=bo, now=now, today=TODAY)


def test_an_item_that_a_person_may_not_see_is_not_chosen(browser: Browser, three: list[ActionItem]) -> None:
    hidden = make.action("quokka", incidents=(make.incident(is_private=True),))

    page = open_change(browser, [hidden, three[0]]).submit("Change 1 item", priority="P1")

    assert "1 item is changed." in page.flashes
    assert reread(hidden).priority is Priority.P2


def test_an_owner_who_may_not_see_one_of_them_is_refused_by_its_name(
    admin_browser: Browser, three: list[ActionItem]
) -> None:
    otto, secret = make.person("Otto"), make.incident(is_private=True)
    hidden = make.action("quokka", incidents=(secret,))

    page = open_change(admin_browser, [three[0], hidden]).submit("Change 2 items", owner_id=str(otto.id))

    assert page.errors[0].startswith("AI-4: Otto may not see the private incident that asks for this.")
    assert reread(three[0]).owner_id is None


def test_nothing_chosen_is_said(browser: Browser) -> None:
    assert "No items are chosen." in browser.get("/actions/change").text

    page = browser.post("/actions/change", {"csrf_token": browser.token(), "priority": "P1"})
    assert "Choose at least one item in the list first." in page.text


def test_nothing_to_change_is_said(browser: Browser, three: list[ActionItem]) -> None:
    page = open_change(browser, three).submit("Change 3 items")

    assert page.errors == ["Choose what to change: an owner, a due date or a priority."]
