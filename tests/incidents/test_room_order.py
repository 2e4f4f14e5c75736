"""What stands where in the room: what is needed first comes first, and what is over is shown by the clock."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bs4 import Tag

from tests import make
from tests.browser import Browser, Page
from tracker.db import session, transaction
from tracker.models import Audience, Comparison, Incident, Phase, RecurrenceState, Stage, Update

SetClock = Callable[[datetime], None]


def parts(page: Page) -> list[str]:
    """The parts of the room in the order in which they are read."""
    names = ["now", "updates", "recurrences-card", "entry-form", "timeline-part", "roles", "facts", "postmortem"]
    found = [str(tag["id"]) for tag in page.select("main [id]")]
    return [name for name in found if name in [*names, "items-card"]]


def the_timeline(page: Page) -> Tag:
    return page.select("#timeline-part")[0]


def test_a_responder_meets_what_to_do_then_what_was_seen_before_then_the_timeline(browser: Browser) -> None:
    later = make.incident("Checkout answers 503 again", phase=Phase.TRIAGED)
    make.recurrence(later=later)

    page = browser.get(f"/incidents/{later.ref}")

    assert parts(page) == [
        *("now", "recurrences-card", "updates", "entry-form", "timeline-part"),
        *("roles", "facts", "postmortem", "items-card"),
    ]


def test_what_was_seen_before_keeps_its_place_whatever_is_found(browser: Browser) -> None:
    incident = make.incident()
    at_first = parts(browser.get("/incidents/INC-1"))
    with transaction():
        session.add(Comparison(incident_id=incident.id, stage=Stage.DECLARED, asked_at=make.NOW, run_after=make.NOW))

    while_it_runs = parts(browser.get("/incidents/INC-1"))
    fragment = browser.get("/incidents/INC-1/recurrences", htmx=True)
    make.recurrence(later=incident, state=RecurrenceState.NOT_THE_SAME, decided_at=make.NOW)

    assert at_first[:2] == ["now", "recurrences-card"]
    assert at_first == while_it_runs == parts(browser.get("/incidents/INC-1"))
    assert fragment.select("[hx-get='/incidents/INC-1/recurrences']")[0].get_text() == "Being compared now."


def test_what_was_learned_comes_first_when_it_is_over(browser: Browser) -> None:
    make.incident(phase=Phase.CLOSED)

    assert parts(browser.get("/incidents/INC-1")) == [
        *("now", "postmortem", "items-card", "entry-form", "timeline-part"),
        *("recurrences-card", "updates", "roles", "facts"),
    ]


def closed(now: datetime) -> Incident:
    at = now - timedelta(days=295)
    incident = make.incident(phase=Phase.CLOSED, declared_at=at, started_at=at, resolved_at=at)
    make.entry(incident, "Deploy finished", at=at)
    return incident


def test_what_is_over_is_told_by_the_clock(browser: Browser, set_clock: SetClock, now: datetime) -> None:
    set_clock(now)
    incident = closed(now)

    page = browser.get("/incidents/INC-1")

    exact = f"{incident.declared_at.day} {incident.declared_at:%b %Y, %H:%M} UTC"
    entry, facts = the_timeline(page), page.select("#facts")[0]
    assert exact in entry.get_text(" ")
    assert exact in facts.get_text(" ")
    assert "295 days ago" not in page.text
    assert "295 days ago" in str(entry.select("time")[0]["title"])


def test_what_goes_on_is_told_by_the_hour_and_by_how_long_ago(
    browser: Browser, set_clock: SetClock, now: datetime
) -> None:
    set_clock(now)
    at = now - timedelta(minutes=5)
    make.entry(make.incident(declared_at=at), "Deploy finished", at=at)

    page = browser.get("/incidents/INC-1")

    assert the_timeline(page).select(".clock-time")[0].get_text() == "09:00, 5 min ago"


def test_the_note_is_folded_when_it_is_over_and_open_while_it_goes_on(browser: Browser, now: datetime) -> None:
    closed(now)
    make.incident("Search is slow")

    over, live = browser.get("/incidents/INC-1"), browser.get("/incidents/INC-2")

    assert over.select("details:not([open]) #entry-form")
    assert over.select("details:has(#entry-form) > summary")[0].get_text() == "Add to the timeline"
    assert not live.select("details #entry-form")
    assert "Noted." in over.submit("Note it", text="The vendor wrote back").flashes


def test_a_refused_note_unfolds_its_field(browser: Browser, now: datetime) -> None:
    closed(now)

    refused = browser.get("/incidents/INC-1").submit("Note it", text="")

    assert refused.status == 422
    assert refused.select("details[open] #entry-form")


def test_the_changes_of_an_entry_are_behind_one_menu_that_says_whose_it_is(browser: Browser) -> None:
    make.entry(make.incident(), "Deploy finished")

    menu = the_timeline(browser.get("/incidents/INC-1")).select("details.menu")[0]

    assert menu.select("summary")[0]["aria-label"] == "Change: Deploy finished"
    assert [tag.get_text(strip=True) for tag in menu.select("a, button")] == [
        "Correct",
        "Star for the postmortem",
        "Remove",
    ]


def test_the_lines_of_an_update_stay_lines(browser: Browser, now: datetime) -> None:
    incident = make.incident()
    for minutes in (20, 10):
        make.save(
            Update(
                incident_id=incident.id,
                audience=Audience.TEAM,
                text="We know: nothing.\nDoing: looking.",
                sent_at=now - timedelta(minutes=minutes),
            )
        )

    assert len(browser.get("/incidents/INC-1").select("#updates li br")) == 2


def test_a_summary_keeps_its_lines_and_its_paragraphs(browser: Browser) -> None:
    make.incident(summary="Checkout is down.\nSearch works.\n\nWe roll back.")

    summary = browser.get("/incidents/INC-1").select(".room-story .prose")[0]

    assert [part.get_text() for part in summary.select("p")] == ["Checkout is down.\nSearch works.", "We roll back."]
    assert len(summary.select("br")) == 1
