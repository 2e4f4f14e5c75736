"""The list of recurrences and the decision, as a person meets them."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.recurrence.conftest import address, pairs
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    CauseCategory,
    HeldVerdict,
    Incident,
    Person,
    PostmortemState,
    Recurrence,
    RecurrenceState,
    Service,
    Verdict,
)


def test_the_list_says_what_it_will_show_while_it_is_empty(browser: Browser) -> None:
    page = browser.get("/recurrences")

    assert page.heading == "Recurrences"
    assert "Nothing has come back so far." in page.text


def test_the_list_shows_first_what_waits_for_a_decision(
    browser: Browser, pair: Recurrence, others: list[Incident], now: datetime
) -> None:
    make.recurrence(others[0], others[1], state=RecurrenceState.RELATED, decided_at=now, decided_why="Both deploys.")

    page = browser.get("/recurrences")

    assert page.text.index("To decide") < page.text.index("INC-7 looks like INC-6") < page.text.index("Decided")
    assert "INC-1 is related to INC-2" in page.text
    assert "Both deploys." in page.text


@pytest.mark.once
def test_a_long_list_has_pages_and_a_fixed_number_of_queries(
    browser: Browser, checkout: Service, now: datetime
) -> None:
    first = make.incident("The first", declared_at=now - timedelta(days=90))
    make.action(incidents=(first,))
    make.recurrence(make.incident("Again"), first)
    few = len(browser.get("/recurrences").queries)
    for number in range(40):
        later = make.incident(f"Again {number}", services=[checkout])
        make.recurrence(later, first)
        make.action(incidents=(later,))

    page = browser.get("/recurrences")

    assert len(page.queries) == few <= 12
    assert len(page.select(".work-list > li")) == 30
    assert len(page.click("Older").select(".work-list > li")) == 11


def test_a_page_after_the_last_leads_back(browser: Browser, pair: Recurrence) -> None:
    page = browser.get("/recurrences", query={"page": "9"})

    assert "There is no such page." in page.text
    assert "INC-7 looks like INC-6" in page.click("Show the first page").text


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999"])
def test_a_page_number_that_is_none_breaks_nothing(number: str, browser: Browser, pair: Recurrence) -> None:
    page = browser.get("/recurrences", query={"page": number})

    assert page.status == 200


def test_the_decision_shows_both_with_their_shared_words_marked_and_what_was_promised(
    browser: Browser, pair: Recurrence, earlier: Incident, ana: Person, now: datetime
) -> None:
    late = (now - timedelta(days=33)).date()
    make.action("Lock in small batches", incidents=(earlier,), owner_id=ana.id, due_on=late)
    make.postmortem(
        earlier, state=PostmortemState.SKIPPED, skipped_reason="A calm week was missing.", skipped_at=make.NOW
    )

    make.entry(earlier, "Bob stops the migrations", created_at=earlier.declared_at)

    page = browser.get(address(pair))

    assert page.heading == "Is INC-7 the same as INC-6?"
    assert {tag.get_text() for tag in page.select("mark")} == {"ledger", "migration", "migrations"}
    assert "Noted first Bob stops the migrations" in page.text
    assert "Same service: Checkout" in page.text
    assert "Its one item is overdue by 33 days (Ana)." in page.text
    assert "Its postmortem was skipped: “A calm week was missing”." in page.text
    assert "INC-7 looks like INC-6, 61 days earlier: likely the same. Shared words are marked." in page.text


@pytest.mark.parametrize(
    ("button", "said"), [("Same", "same"), ("Related", "related"), ("Not the same", "not the same")]
)
def test_a_person_decides_and_takes_it_back(button: str, said: str, browser: Browser, pair: Recurrence) -> None:
    decided = browser.get(address(pair)).submit(button, why="The same lock.")
    undone = decided.submit("Undo this decision")

    assert f"Bob decided: {said}" in decided.text
    assert "The same lock." in decided.text
    assert "Your decision" in undone.text
    assert pairs()[0].state is RecurrenceState.SUSPECTED


def test_the_fix_that_failed_is_owed_again(browser: Browser, pair: Recurrence, earlier: Incident) -> None:
    make.action("Warm up", incidents=(earlier,), state=ActionState.DONE, done_at=make.NOW - timedelta(days=40))

    page = browser.get(address(pair)).submit("Same")
    after = page.submit("AI-1: Should have prevented it, but failed")

    assert "Should these have held?" in page.text
    assert "AI-1 did not hold and is owed again." in after.flashes
    assert "Should have prevented it, but failed" in after.text
    assert session.get_one(ActionItem, 1).state is ActionState.DID_NOT_HOLD


def test_an_open_item_is_asked_for_again(browser: Browser, pair: Recurrence, earlier: Incident) -> None:
    make.action("Warm up", incidents=(earlier,))

    page = browser.get(address(pair)).submit("Ask for AI-1 again, from INC-7")

    assert "INC-7 asks for AI-1 too; its priority is P1." in page.flashes
    assert "INC-7 asks for it too" in page.text


def test_who_comes_second_reads_what_was_decided(app: Flask, browser: Browser, pair: Recurrence, admin: Person) -> None:
    stale = browser.get(address(pair))
    Browser(app, person=admin).get(address(pair)).submit("Related")

    page = stale.submit("Same", why="I wrote this meanwhile.")

    assert page.status == 422
    assert "Alice already decided: related." in page.errors[0]
    assert "Alice decided: related" in page.text
    assert pairs()[0].state is RecurrenceState.RELATED


def test_a_stale_undo_says_so(app: Flask, browser: Browser, pair: Recurrence, admin: Person) -> None:
    stale = browser.get(address(pair)).submit("Same")
    Browser(app, person=admin).get(address(pair)).submit("Undo this decision")

    page = stale.submit("Undo this decision")

    assert page.status == 422
    assert "This pair is not decided." in page.text


@pytest.mark.parametrize("decision", ["", "suspected", "maybe"])
def test_a_decision_that_is_none_is_refused(decision: str, browser: Browser, pair: Recurrence) -> None:
    data = {"csrf_token": browser.token(), "decision": decision, "why": "Typed."}

    page = browser.post(f"{address(pair)}/decide", data)

    assert page.status == 422
    assert "Typed." in page.text
    assert pairs()[0].state is RecurrenceState.SUSPECTED


@pytest.mark.parametrize(
    "data",
    [
        {"action": "AI-99", "verdict": "not relevant"},
        {"action": "INC-1", "verdict": "not relevant"},
        {"action": "'; drop", "verdict": "not relevant"},
        {"verdict": "not relevant"},
        {"action": "AI-1", "verdict": "perhaps"},
    ],
)
def test_a_verdict_about_nothing_is_refused_in_words(data: dict[str, str], browser: Browser, pair: Recurrence) -> None:
    browser.get(address(pair)).submit("Same")

    page = browser.post(f"{address(pair)}/verdict", {"csrf_token": browser.token(), **data})

    assert page.status in (404, 422)
    assert page.heading


def test_a_phone_leads_from_the_top_to_the_decision_while_it_is_open(browser: Browser, pair: Recurrence) -> None:
    url = f"/recurrences/{pair.id}"
    page = browser.get(url)

    assert [link["href"] for link in page.select(".lead a")] == ["#decide"]
    assert page.select("#decide #decision")
    assert not page.submit("Related").select(".lead a")


def test_words_in_angle_brackets_and_backticks_are_shown_as_typed(
    browser: Browser, earlier: Incident, now: datetime
) -> None:
    later = make.incident("A nil", summary="It said <nil> `<nil>`. Then *nothing*.", declared_at=now)

    page = browser.get(address(make.recurrence(later, earlier)))

    assert "It said <nil> `<nil>`. Then *nothing*." in page.text


def test_a_viewer_reads_and_decides_nothing(app: Flask, viewer: Person, pair: Recurrence, earlier: Incident) -> None:
    make.action(incidents=(earlier,))

    reader = Browser(app, person=viewer)
    (look,) = reader.get("/recurrences").select("a[aria-label^='Look at']")
    page = reader.get(str(look["href"]))

    assert "A responder decides whether the two are the same." in page.text
    assert page.select("main form") == []


@pytest.mark.parametrize("path", ["/recurrences/999", "/recurrences/99999999999999", "/families/999"])
def test_what_is_not_there_is_answered_with_a_page(path: str, browser: Browser) -> None:
    page = browser.get(path)

    assert page.status == 404
    assert page.heading


@pytest.mark.once
def test_the_decision_page_has_a_fixed_number_of_queries(
    browser: Browser, pair: Recurrence, earlier: Incident, later: Incident, checkout: Service
) -> None:
    undecided = browser.get(address(pair))
    with transaction():
        others = [session.merge(make.service(name)) for name in ("Ledger", "Basket")]
        for one in (earlier, later):
            session.get_one(Incident, one.id).services.extend(others)
    for one in (earlier, later):
        make.answer(make.postmortem(one, cause_category=CauseCategory.UPSTREAM_DEPENDENCY), "root_causes", "A lock.")
    for number in range(15):
        item = make.action(incidents=(earlier, later)[: 1 + number % 2], state=ActionState.DONE, done_at=make.NOW)
        if number < 5:
            make.save(Verdict(recurrence_id=pair.id, action_id=item.id, verdict=HeldVerdict.FAILED, given_at=make.NOW))

    undecided_full = browser.get(address(pair))
    page = undecided_full.submit("Same")

    assert len(undecided.queries) == len(undecided_full.queries)
    assert len(page.queries) <= 12
    assert len(page.select("#held li")) == 15
    assert "Basket, Checkout, Ledger" in page.text
    assert page.select('a[href^="/families/"]')
