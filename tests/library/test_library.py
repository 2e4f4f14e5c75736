"""The library: published postmortems found by their words, and nobody else's private ones."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser, Page
from tracker.db import session, transaction
from tracker.library.jobs import read_library
from tracker.library.words import beginnings_of, weighed, words_of
from tracker.models import CauseCategory, Incident, Person, Postmortem, PostmortemState, Severity


def published(title: str, *, summary: str = "It was slow.", lead: Person | None = None, **columns: Any) -> Incident:
    incident = make.incident(title, **columns)
    state: dict[str, Any] = {"state": PostmortemState.PUBLISHED, "published_at": make.NOW}
    cause = CauseCategory.TRAFFIC_SPIKE
    postmortem = make.postmortem(incident, **state, lead_id=lead.id if lead else None, cause_category=cause)
    make.answer(postmortem, "summary", summary)
    return incident


def search(browser: Browser, q: str, **filters: str) -> list[str]:
    return titles(browser.get("/postmortems", query={"q": q, **filters}))


def titles(page: Page) -> list[str]:
    return [
        " ".join(one.get_text(" ").split()).split(" ", 1)[1]
        for one in page.select(".work-list .row-main > p:first-child a")
    ]


@pytest.mark.once
def test_words_are_folded_weighed_and_found_by_their_beginning() -> None:
    assert words_of("Café-Öffnung: HTTP_503, x") == ["cafe", "offnung", "http_503"]
    assert beginnings_of("Retries of TIMEOUTS, timeouts failed") == ["retr", "of", "timeout", "fail"]
    assert beginnings_of("s es ing") == ["es", "ing"]
    words = weighed([("cache cache", 10), ("cache", 40), ("disk", 10)])
    assert words["cache"] > 40 > words["disk"] == 10
    assert max(weighed([("a1 " * 100_000, 255)]).values()) == 255


def test_a_postmortem_is_found_by_title_text_service_cause_and_people_the_best_first(
    browser: Browser, now: datetime
) -> None:
    checkout, zoe = make.service("Checkout"), make.person("Zoë Quill")
    published("Cold cache after the deploy", services=[checkout])
    published("Retrying held the pool", summary="A cache was cold.", lead=zoe, severity=Severity.SEV1)
    make.postmortem(make.incident("A cache that is only a draft"))
    make.postmortem(make.incident("Cache drill", is_drill=True), state=PostmortemState.PUBLISHED, published_at=make.NOW)

    early = browser.get("/postmortems", query={"q": "cache"}).text
    read_library(now)

    assert "Words do not find 2 postmortems that came lately." in early
    assert "Words do not find" not in browser.get("/postmortems", query={"q": "cache"}).text
    assert search(browser, "cache") == ["Cold cache after the deploy", "Retrying held the pool"]
    for typed in ("retries", "zoe quill", "POOL cold", "sev", "traffic spike pool"):
        assert search(browser, typed) == (["Retrying held the pool"] if typed != "sev" else []), typed
    assert search(browser, "checkout") == search(browser, "", service="checkout") == ["Cold cache after the deploy"]
    assert search(browser, "", severity="SEV1") == ["Retrying held the pool"]
    assert len(search(browser, "", cause="traffic spike", year="2026")) == 2
    assert search(browser, "", year="1999") == search(browser, "") != []
    assert "Nothing matches" in browser.get("/postmortems", query={"q": "quokka"}).text
    assert search(browser, "?!") == []


def test_a_private_one_is_found_by_those_it_names_only(app: Flask, browser: Browser, now: datetime) -> None:
    nora = make.person("Nora")
    published("Quokka in the vault", is_private=True, named=(nora,))
    read_library(now)

    assert search(browser, "quokka") == search(browser, "") == []
    assert search(Browser(app, person=nora), "quokka") == ["Quokka in the vault"]


def test_what_changed_is_read_again_and_what_was_taken_back_is_gone(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    incident = published("Disk full")
    read_library(now)
    with transaction():
        session.merge(incident).title = "Volume full"

    assert read_library(now) == 0
    assert read_library(now + timedelta(hours=2)) == 1

    assert (search(browser, "volume"), search(browser, "disk")) == (["Volume full"], [])
    with transaction():
        row = session.merge(session.query(Postmortem).one())
        row.state, row.published_at = PostmortemState.DRAFT, None
    assert search(browser, "volume") == []


@pytest.mark.once
def test_a_page_takes_as_many_statements_for_twenty_as_for_three(browser: Browser, now: datetime) -> None:
    taken = []
    for number in (3, 19):
        for _ in range(number):
            published("Cold cache", services=[make.service(make.unique("Service"))])
        read_library(now)
        taken.append(len(browser.get("/postmortems", query={"q": "cold cache"}).queries))

    assert taken[0] == taken[1]
    assert taken[0] <= 12
    page = browser.get("/postmortems", query={"q": "cold cache"})
    assert (len(titles(page)), len(titles(page.click("Older")))) == (20, 2)
