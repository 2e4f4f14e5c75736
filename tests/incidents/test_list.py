"""The list of incidents."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests import make
from tests.browser import Browser
from tracker.incidents import queries
from tracker.models import ActionState, Person, Phase, PostmortemState, Severity


def titles(page: object) -> list[str]:
    return [tag.get_text(strip=True) for tag in page.select("td .ref-title")]  # type: ignore[attr-defined]


def test_the_first_day_teaches_what_happens(browser: Browser) -> None:
    page = browser.get("/incidents")

    assert "No incidents yet" in page.text
    assert page.click("Declare incident").heading == "Declare an incident"


def test_each_row_says_what_is_left_to_do(browser: Browser) -> None:
    incident = make.incident("Checkout answers 503", services=[make.service("Checkout")])
    make.postmortem(incident, state=PostmortemState.DRAFT)
    make.action(incidents=(incident,))
    make.action(incidents=(incident,))
    make.action(incidents=(incident,), state=ActionState.DONE, done_at=make.NOW)

    row = browser.get("/incidents").select("tbody tr")[0].get_text(" ", strip=True)

    assert "INC-1 Checkout answers 503" in row
    assert "Checkout" in row
    assert "Draft" in row
    assert row.endswith("2 open items")


def test_a_card_on_a_phone_leaves_out_what_is_done(browser: Browser) -> None:
    make.postmortem(
        make.incident("Checkout answers 503", phase=Phase.CLOSED),
        state=PostmortemState.PUBLISHED,
        published_at=make.NOW,
    )

    row = browser.get("/incidents").select("tbody tr")[0]

    assert [tag["data-label"] for tag in row.select("td.not-on-cards")] == ["Services", "Postmortem", "Open items"]


def test_the_newest_stands_first(browser: Browser, now: datetime) -> None:
    make.incident("Older", declared_at=now - timedelta(days=2))
    make.incident("Newer", declared_at=now)
    make.incident("Imported later", declared_at=now - timedelta(days=1))

    assert titles(browser.get("/incidents")) == ["Newer", "Imported later", "Older"]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"view": "live"}, ["Live one", "Game day"]),
        ({"severity": "SEV1"}, ["Resolved one"]),
        ({"phase": "resolved"}, ["Resolved one"]),
        ({"service": "search"}, ["Resolved one"]),
        ({"practice": "without"}, ["Live one", "Resolved one"]),
        ({"practice": "only"}, ["Game day"]),
        ({"q": "RESOLVED one"}, ["Resolved one"]),
        ({"q": "warm-up"}, ["Live one"]),
        ({"q": "100%"}, []),
        ({"severity": "SEV9", "phase": "nonsense", "page": "x"}, ["Live one", "Resolved one", "Game day"]),
    ],
)
def test_the_list_can_be_narrowed(browser: Browser, now: datetime, chosen: dict[str, str], found: list[str]) -> None:
    make.incident("Live one", summary="The cache needs a warm-up.")
    make.incident(
        "Resolved one",
        severity=Severity.SEV1,
        phase=Phase.RESOLVED,
        declared_at=now - timedelta(hours=1),
        services=[make.service("Search")],
    )
    make.incident("Game day", is_drill=True, declared_at=now - timedelta(hours=2))

    assert titles(browser.get("/incidents", query=chosen)) == found


def test_a_drill_wears_a_badge(browser: Browser) -> None:
    make.incident("Game day", is_drill=True)

    assert "Drill" in browser.get("/incidents").select("tbody tr")[0].get_text(" ", strip=True)


def test_a_reference_in_the_search_box_leads_there(browser: Browser) -> None:
    make.incident("Checkout answers 503")

    assert browser.get("/incidents", query={"q": "inc-1"}).response.headers["Location"] == "/incidents/INC-1"
    make.action("Add a cache warm-up")
    assert browser.get("/incidents", query={"q": "AI-1"}).response.headers["Location"] == "/actions/AI-1"
    assert "Nothing matches" in browser.get("/incidents", query={"q": "INC-77"}).text


def test_more_than_a_page_is_turned_over(browser: Browser, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(53):
        make.incident(f"Number {number}", declared_at=now - timedelta(hours=number), phase=Phase.CLOSED)

    first = browser.get("/incidents", query={"phase": "closed"})
    second = first.click("Older")

    assert "1 to 50 of 53" in first.text
    assert titles(second) == ["Number 50", "Number 51", "Number 52"]
    assert titles(second.click("Newer"))[0] == "Number 0"
    assert titles(browser.get("/incidents", query={"page": "99"})) == ["Number 50", "Number 51", "Number 52"]
    monkeypatch.setattr(queries, "COUNTED", 50)  # beyond it, only who reads further waits for the whole number
    assert "1 to 50 of more than 50" in browser.get("/incidents", query={"phase": "closed"}).text
    assert "51 to 53 of 53" in browser.get("/incidents", query={"phase": "closed"}).click("Older").text
    assert titles(browser.get("/incidents", query={"page": "99"})) == ["Number 50", "Number 51", "Number 52"]


def test_a_private_incident_is_not_listed_nor_found_by_others(
    browser: Browser, admin_browser: Browser, responder: Person
) -> None:
    secret = make.incident("Keys were leaked", is_private=True)
    make.action("Rotate the keys", incidents=(secret,))
    make.incident("Named one", is_private=True, named=(responder,))

    assert titles(browser.get("/incidents")) == ["Named one"]
    assert "Nothing matches" in browser.get("/incidents", query={"q": "leaked"}).text
    assert browser.get("/incidents", query={"q": "INC-1"}).status == 200
    assert browser.get("/incidents", query={"q": "AI-1"}).status == 200
    assert "1 to 1 of 1" in browser.get("/incidents").text
    assert sorted(titles(admin_browser.get("/incidents"))) == ["Keys were leaked", "Named one"]


@pytest.mark.once
def test_a_longer_list_takes_no_more_queries(browser: Browser, now: datetime) -> None:
    service = make.service("Checkout")

    def more(number: int) -> None:
        for one in range(number):
            incident = make.incident(f"N{one}", services=[service], declared_at=now - timedelta(minutes=one))
            make.postmortem(incident)
            make.action(incidents=(incident,))

    more(3)
    few = browser.get("/incidents").queries
    more(57)
    many = browser.get("/incidents").queries

    assert len(many) == len(few) <= 12


def test_nothing_live_is_good_news(browser: Browser, set_clock: Callable[[datetime], None]) -> None:
    make.incident("Done", phase=Phase.CLOSED)

    assert "Nothing is going on" in browser.get("/incidents", query={"view": "live"}).text
