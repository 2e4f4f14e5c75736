"""The room of an incident: every button of it works without JavaScript."""

import contextvars
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page, form_values
from tracker.db import session, transaction
from tracker.models import (
    Audience,
    EntryKind,
    Incident,
    IncidentRole,
    Person,
    Phase,
    Postmortem,
    Role,
    RoleAssignment,
    Severity,
    TimelineEntry,
    Update,
)

SetClock = Callable[[datetime], None]


def room(browser: Browser, **columns: Any) -> Page:
    make.incident("Checkout answers 503", **columns)
    return browser.get("/incidents/INC-1")


def the_incident() -> Incident:
    session.rollback()
    return session.scalars(select(Incident)).one()


def entries() -> list[str]:
    session.rollback()
    return list(session.scalars(select(TimelineEntry.text).order_by(TimelineEntry.id)))


def test_an_incident_goes_from_declared_to_closed_and_the_postmortem_opens_by_itself(
    browser: Browser, set_clock: SetClock, responder: Person, now: datetime
) -> None:
    page = browser.get("/incidents/new").submit("Declare incident", title="Checkout answers 503", severity="SEV1")
    set_clock(now)
    page = page.submit("Impact is assessed")
    set_clock(now + timedelta(minutes=10))
    page = page.submit("Users are safe", note="Rolled back to 4.1")
    set_clock(now + timedelta(minutes=30))
    ticks = [str(box["value"]) for box in page.select("input[name=ticked]")]
    page = page.submit("Resolved", ticked=ticks)

    incident = the_incident()
    assert (incident.phase, incident.triaged_at) == (Phase.RESOLVED, now)
    assert incident.stabilised_at == now + timedelta(minutes=10)
    assert incident.resolved_at == now + timedelta(minutes=30)
    assert "The postmortem is open" in page.flashes
    postmortem = session.scalars(select(Postmortem)).one()
    assert (postmortem.lead_id, postmortem.is_required, postmortem.due_on) == (responder.id, True, date(2026, 11, 26))
    page = page.submit("It stayed quiet: verified").submit("Close")
    assert the_incident().phase is Phase.CLOSED
    assert "Stabilised: users are safe. Rolled back to 4.1" in page.text
    assert entries()[-1] == "Closed."


def test_resolved_takes_four_ticks_or_a_reason(browser: Browser) -> None:
    page = room(browser, phase=Phase.STABILISED)

    refused = page.submit("Resolved", ticked=["users can work normally"])
    taken = refused.submit("Resolved", reason="The rest is switched off for good.")

    assert refused.status == 422
    assert refused.errors == ["Tick all four, or say why it counts as resolved all the same."]
    assert [box["value"] for box in refused.select("input[name=ticked][checked]")] == ["users can work normally"]
    assert "INC-1 is resolved." in taken.flashes
    assert "Resolved although not everything is ticked" in entries()[-1]


def test_practice_asks_for_no_postmortem(browser: Browser) -> None:
    room(browser, phase=Phase.STABILISED, is_drill=True).submit("Resolved", reason="The game is over.")

    assert session.scalars(select(Postmortem)).all() == []


def test_the_page_asks_to_stabilise_before_the_cause_is_looked_for_then_to_tell(browser: Browser) -> None:
    page = room(browser, phase=Phase.TRIAGED)
    step = page.select("#now [aria-current=step]")[0].get_text(" ", strip=True)
    stable = page.submit("Users are safe")
    untold = [button.get_text(strip=True) for button in stable.select("#now button[type=submit]")]
    told = stable.submit("Mark as told").select("#now button[type=submit]")

    assert step.startswith("Stabilise Stabilise before you diagnose")
    assert page.select("#now label")[0].get_text(strip=True).startswith("What made users safe?")
    assert untold == ["Mark as told", "Resolved"]
    assert [button.get_text(strip=True) for button in told] == ["Resolved", "Still investigating, no news"]


def test_the_second_of_two_who_press_the_same_button_is_told(browser: Browser, app: Flask) -> None:
    page = room(browser, phase=Phase.TRIAGED)
    other = Browser(app, person=make.person("Cleo"))
    other.get("/incidents/INC-1").submit("Users are safe", note="Rolled back")

    late = page.submit("Users are safe", note="Switched off")

    assert late.status == 422
    assert late.errors == ["INC-1 is stabilised already. Somebody was quicker; nothing is lost."]
    assert [text for text in entries() if "Stabilised" in text] == ["Stabilised: users are safe. Rolled back"]


def test_skipped_phases_stay_not_known(browser: Browser) -> None:
    room(browser).submit("Resolved", reason="It went away.")

    incident = the_incident()
    assert incident.phase is Phase.RESOLVED
    assert (incident.triaged_at, incident.stabilised_at) == (None, None)


def test_it_can_be_opened_again_with_a_reason(browser: Browser, now: datetime) -> None:
    page = room(browser, phase=Phase.CLOSED, stabilised_at=now, resolved_at=now, verified_at=now, closed_at=now)

    assert page.submit("Open again").errors == ["Enter what is still wrong."]
    again = page.submit("Open again", reason="Errors are back.")

    incident = the_incident()
    assert (incident.phase, incident.resolved_at, incident.closed_at) == (Phase.TRIAGED, None, None)
    assert "Opened again. Errors are back. It had counted as resolved since 2026-11-23 09:05 UTC." in again.text


def test_an_unknown_phase_is_refused(browser: Browser) -> None:
    room(browser)

    page = browser.post("/incidents/INC-1/phase", {"csrf_token": browser.token(), "to": "paradise"})

    assert page.status == 422
    assert the_incident().phase is Phase.DECLARED


def test_a_line_is_noted_with_its_time(browser: Browser, set_clock: SetClock, now: datetime) -> None:
    set_clock(now)
    page = room(browser)

    page = page.submit("Note it", text="08:02 rollback started", kind="action")
    page = page.submit("Note it", text="-5m deploy **finished**")
    page = page.submit("Note it", text="the graph dips", at="2026-11-23T08:30")

    noted = session.scalars(select(TimelineEntry).order_by(TimelineEntry.at)).all()
    assert [(entry.text, entry.kind) for entry in noted] == [
        ("rollback started", EntryKind.ACTION),
        ("the graph dips", EntryKind.EVENT),
        ("deploy **finished**", EntryKind.EVENT),
    ]
    assert noted[0].at == datetime(2026, 11, 23, 8, 2, tzinfo=UTC)
    assert noted[2].at == now - timedelta(minutes=5)
    assert [tag.get_text(" ", strip=True) for tag in page.select(".timeline-text")] == [
        "deploy finished",
        "the graph dips",
        "rollback started",
    ]


def test_an_empty_or_future_line_is_refused_with_what_was_typed(
    browser: Browser, set_clock: SetClock, now: datetime
) -> None:
    set_clock(now)
    page = room(browser)

    empty = page.submit("Note it", text=" ")
    future = page.submit("Note it", text="2026-11-24 10:00 the future")
    typed_future = page.submit("Note it", text="later", at="2026-11-23T23:00")

    assert empty.errors == ["Write what happened, then send it."]
    assert future.errors == ["That time is in the future. The timeline says what has happened."]
    assert future.select("#entry-text")[0]["value"] == "2026-11-24 10:00 the future"
    assert typed_future.errors == ["That is in the future. Enter a time up to now."]
    assert entries() == []


def test_a_line_that_waited_for_a_connection_stands_where_it_was_written(
    browser: Browser, now: datetime, set_clock: SetClock
) -> None:
    set_clock(now)
    room(browser)
    body = {"form_key": "of-this-line", "kind": "event", "csrf_token": browser.token("/incidents/INC-1")}

    def send_late(text: str, waited: str) -> None:
        sent = {"data": body | {"text": text}, "headers": {"X-Waited": waited}}
        contextvars.Context().run(lambda: browser.client.post("/incidents/INC-1/timeline", **sent))

    for text, waited in (
        ("300", "300"),
        ("-5m restarted", "300"),
        ("-5m restarted", "305"),
        ("x", "-5"),
        ("y", "lots"),
    ):
        send_late(text, waited)

    rows = session.execute(select(TimelineEntry.at, TimelineEntry.text).order_by(TimelineEntry.at, TimelineEntry.id))
    early = [(text, now - at) for at, text in rows.all() if at]
    assert early[:2] == [("restarted", timedelta(minutes=10)), ("300", timedelta(minutes=5))]
    assert {late for _, late in early[2:]} == {timedelta()}


def test_own_notes_do_not_hide_that_the_facts_changed(browser: Browser) -> None:
    page = room(browser)
    place = page.select("#entry-form")[0]["hx-post"]
    with transaction():
        session.scalars(select(Incident)).one().severity = Severity.SEV1

    body = {"text": "Noted meanwhile", "kind": "event", "csrf_token": browser.token("/incidents/INC-1")}
    answer = browser.post(str(place), body, htmx=True)

    assert "The facts of this incident changed since you opened the page" in answer.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"at": "0001-01-01T00:00"}, "That year cannot be right. Check it."),
        ({"at": "9999-12-31T23:59"}, "That year cannot be right. Check it."),
        ({"at": "1066-10-14T09:00"}, "That is too long ago to be right. Check the year."),
        ({"at": "2999-01-01T00:00"}, "That is in the future. Enter a time up to now."),
        ({"at": "half past"}, "Write the day and time like 2026-11-23 14:05."),
        ({"text": "2999-01-01 10:00 rollback"}, "That time is in the future. The timeline says what has happened."),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words(browser: Browser, typed: dict[str, str], words: str) -> None:
    refused = room(browser).submit("Note it", **{"text": "Rolled back", **typed})

    assert refused.errors == [words]
    assert entries() == []


def test_with_htmx_a_line_answers_the_timeline_and_a_refused_one_the_form(browser: Browser) -> None:
    page = room(browser)
    token = str(page.select("#entry-form input[name=csrf_token]")[0]["value"])

    noted = browser.post(
        "/incidents/INC-1/timeline", {"csrf_token": token, "text": "It began", "kind": "event"}, htmx=True
    )
    refused = browser.post("/incidents/INC-1/timeline", {"csrf_token": token, "text": "", "kind": "event"}, htmx=True)

    assert noted.select("#timeline-part .timeline-text")[0].get_text(strip=True) == "It began"
    assert refused.status == 422
    assert refused.response.headers["HX-Retarget"] == "#entry-form"
    assert "Write what happened, then send it." in refused.select("#entry-form")[0].get_text(" ")


def test_the_timeline_asks_for_news_and_hears_nothing_when_there_is_none(browser: Browser) -> None:
    page = room(browser)
    poll = str(page.select("#timeline-part")[0]["hx-get"])

    quiet = browser.get(poll, htmx=True)
    browser.get("/incidents/INC-1").submit("Note it", text="Bob noted this")
    news = browser.get(poll, htmx=True)

    assert (quiet.status, quiet.body) == (204, "")
    assert len(quiet.queries) <= 2
    assert "Bob noted this" in news.text
    assert "facts of this incident changed" not in news.text
    assert "#phase-part" not in news.body
    assert news.select("#phase-part[hx-swap-oob]")


def test_a_reader_is_told_when_the_facts_changed_meanwhile(browser: Browser) -> None:
    poll = str(room(browser).select("#timeline-part")[0]["hx-get"])

    browser.get("/incidents/INC-1").submit("Impact is assessed")
    news = browser.get(poll, htmx=True)

    assert "The facts of this incident changed since you opened the page" in news.text


def test_nobody_asks_for_news_of_what_is_over(browser: Browser) -> None:
    assert room(browser, phase=Phase.RESOLVED).select("#timeline-part[hx-get]") == []


def test_an_entry_is_corrected_and_keeps_its_history(browser: Browser, now: datetime) -> None:
    make.entry(make.incident(), "Deploy finishd")

    form = browser.get("/incidents/INC-1").click("Correct")
    page = form.submit("Save", text="Deploy finished", at="")

    assert "Deploy finished" in page.text
    assert "corrected" in page.text
    history = page.click("Correct")
    assert "Deploy finishd" in history.text
    assert "until Bob corrected it" in history.text
    assert session.scalars(select(TimelineEntry)).one().at is None


def test_what_was_only_looked_at_is_not_a_correction(browser: Browser, now: datetime) -> None:
    make.entry(make.incident(), at=now.replace(microsecond=123456))

    page = browser.get("/incidents/INC-1").click("Correct").submit("Save")

    assert "corrected" not in page.select(".timeline-meta")[0].get_text()
    assert session.scalars(select(TimelineEntry)).one().at == now.replace(microsecond=123456)


def test_two_who_correct_one_entry_see_both_texts_and_lose_nothing(browser: Browser, app: Flask) -> None:
    make.entry(make.incident(), "Deploy")
    mine = browser.get("/incidents/INC-1").click("Correct")
    other = Browser(app, person=make.person("Cleo"))
    other.get("/incidents/INC-1").click("Correct").submit("Save", text="Deploy of 4.2")

    clash = mine.submit("Save", text="Deploy by the pipeline")

    assert clash.status == 409
    assert "Cleo saved this while you were writing" in clash.text
    assert [tag.get_text(strip=True) for tag in clash.select(".side-text")] == [
        "Deploy by the pipeline",
        "Deploy of 4.2",
    ]
    assert clash.select("textarea")[0].get_text(strip=True) == "Deploy by the pipeline"
    merged = clash.submit("Save", text="Deploy of 4.2 by the pipeline")
    assert "Deploy of 4.2 by the pipeline" in merged.text


def test_an_entry_is_starred_removed_and_put_back(browser: Browser) -> None:
    make.entry(make.incident(), "Deploy finished")
    page = browser.get("/incidents/INC-1")

    starred = page.submit("Star for the postmortem: Deploy finished")
    removed = starred.submit("Remove: Deploy finished")
    back = removed.submit("Put back: Deploy finished")

    assert "★ for the postmortem" in starred.text
    assert removed.select(".timeline-text") == []
    assert "You can put it back" in removed.flashes
    assert [tag.get_text(strip=True) for tag in back.select(".timeline-text")] == ["Deploy finished"]
    assert "★" not in back.submit("Take the star away: Deploy finished").text


def test_an_absurd_number_of_an_entry_is_not_there(browser: Browser) -> None:
    make.incident()

    assert browser.get("/incidents/INC-1/timeline/99999999999999/edit").status == 404


def test_an_entry_of_another_incident_is_not_reached_through_this_one(browser: Browser) -> None:
    entry = make.entry(make.incident("Keys were leaked", is_private=True), "The secret text")
    make.incident("Public")

    assert browser.get(f"/incidents/INC-2/timeline/{entry.id}/edit").status == 404
    token = browser.token("/incidents/INC-2")
    assert browser.post(f"/incidents/INC-2/timeline/{entry.id}/remove", {"csrf_token": token}).status == 404


def test_an_update_stands_on_the_timeline_and_the_next_one_falls_due(
    browser: Browser, set_clock: SetClock, now: datetime
) -> None:
    set_clock(now)
    page = room(browser, severity=Severity.SEV1)

    page = page.submit("Note the update", audience="users", text="We know and work on it.")

    update = session.scalars(select(Update)).one()
    assert (update.audience, update.next_due_at) == (Audience.USERS, now + timedelta(minutes=15))
    assert "Update to users: We know and work on it." in page.text
    assert page.select("[data-until]")[0]["data-until"] == (now + timedelta(minutes=15)).isoformat()
    page.submit("Still investigating, no news")
    assert entries()[-1] == "Update to users: Still investigating, no new information."
    assert page.submit("Note the update", text="").errors == ["Enter what they should know."]


def test_marking_the_announcement_as_told_is_the_first_update(browser: Browser) -> None:
    page = room(browser).submit("Mark as told")

    assert session.scalars(select(Update.text)).all() == [
        "We have an incident. Checkout answers 503. I'm investigating."
    ]
    assert page.select("#announcement") == []


def test_a_role_is_handed_over_in_two_clicks_with_a_note_and_has_one_holder(browser: Browser) -> None:
    cleo, _ = make.person("Cleo"), make.person("Dan", role=Role.VIEWER)
    page = room(browser).submit("I take it: incident commander").click("Hand over")

    names = [button.get_text() for button in page.select("button[name=person]")]
    page = page.submit("Cleo", note="The database team is on the line.")

    assert names == ["Cleo", "Nobody for now"]
    assert "Cleo takes over as incident commander from Bob. The database team is on the line." in page.text
    held = session.scalars(select(RoleAssignment.person_id).where(RoleAssignment.until.is_(None))).all()
    assert held == [cleo.id]
    page.click("Hand over").submit("Nobody for now")
    assert entries()[-1] == "Nobody is incident commander now; it was Cleo."


def test_the_second_of_two_who_take_a_role_is_told_who_has_it(browser: Browser, app: Flask) -> None:
    page = room(browser)
    other = Browser(app, person=make.person("Cleo")).get("/incidents/INC-1")
    page.submit("I take it: incident commander")

    refused = other.submit("I take it: incident commander")

    assert "Bob is incident commander by now. Take it over here if that is agreed." in refused.text
    assert "Cleo takes over as incident commander from Bob." in refused.submit("Cleo").text


def test_whoever_is_in_the_room_stands_first(browser: Browser) -> None:
    for name in ("Ann", "Zoe"):
        make.person(name)
    zoe = session.scalars(select(Person).where(Person.name == "Zoe")).one()
    page = room(browser)
    make.save(TimelineEntry(incident_id=1, text="Looking", at=make.NOW, created_at=make.NOW, author_id=zoe.id))

    names = [button.get_text() for button in browser.get("/incidents/INC-1/roles?role=scribe").select("[name=person]")]

    assert (page.heading, names) == ("INC-1 Checkout answers 503", ["Zoe", "Ann", "Bob"])


@pytest.mark.parametrize("columns", [{"is_active": False}, {"role": Role.VIEWER}])
def test_a_role_is_not_handed_to_somebody_who_left_meanwhile(browser: Browser, columns: dict[str, Any]) -> None:
    gus = make.person("Gus")
    room(browser)
    page = browser.get("/incidents/INC-1/roles?role=scribe")
    with transaction():
        for name, value in columns.items():
            setattr(session.get_one(Person, gus.id), name, value)

    refused = page.submit("Gus", note="It is the disk.")

    assert "That person is no longer here, or can only read. Choose somebody else." in refused.text
    assert refused.select("[name=note]")[0].get_text(strip=True) == "It is the disk."
    assert session.scalars(select(RoleAssignment)).all() == []


def test_nobody_takes_a_role_in_what_was_closed_meanwhile(browser: Browser) -> None:
    room(browser)
    page = browser.get("/incidents/INC-1")
    with transaction():
        session.get_one(Incident, 1).phase = Phase.CLOSED

    refused = page.submit("I take it: scribe")

    assert refused.status == 422
    assert "INC-1 is closed, so nobody takes a role in it. Is it not over? Then open it again." in refused.text
    assert session.scalars(select(RoleAssignment)).all() == []


def test_a_holder_who_was_switched_off_is_seen_as_that(browser: Browser) -> None:
    ana = make.person("Ana", is_active=False)
    room(browser)
    scribe = {"incident_id": 1, "role": IncidentRole.SCRIBE, "person_id": ana.id, "since": make.NOW}
    make.save(RoleAssignment(**scribe))

    page = browser.get("/incidents/INC-1")

    assert "Scribe: Ana (switched off)" in page.select(".who-holds")[0].get_text(" ").replace("  ", " ")


def test_whoever_takes_a_role_of_a_private_incident_may_see_it(browser: Browser, app: Flask, responder: Person) -> None:
    make.person("Cleo")
    room(browser, is_private=True, named=(responder,))

    browser.get("/incidents/INC-1/roles?role=scribe").submit("Cleo")

    cleo = session.scalars(select(Person).where(Person.name == "Cleo")).one()
    assert Browser(app, person=cleo).get("/incidents/INC-1").heading == "INC-1 Checkout answers 503"


def test_others_find_no_trace_of_a_private_incident(browser: Browser) -> None:
    secret = make.incident("Keys were leaked", is_private=True)
    entry = make.entry(secret, "The secret text")
    addresses = ["", "/timeline", "/edit", f"/timeline/{entry.id}/edit"]
    token = browser.token("/incidents/new")

    answers = [browser.get(f"/incidents/INC-1{rest}") for rest in addresses]
    answers += [browser.get("/incidents/INC-1/timeline", htmx=True)]
    posts = ["phase", "resolve", "reopen", "timeline", "updates", "roles", "edit", f"timeline/{entry.id}/star"]
    valid = {"csrf_token": token, "to": "triaged", "reason": "x", "text": "x", "kind": "event", "audience": "team"}
    valid |= {"role": "scribe", "title": "x", "severity": "SEV1", "version": "1"}
    answers += [browser.post(f"/incidents/INC-1/{rest}", valid) for rest in posts]

    assert {answer.status for answer in answers} == {404}
    assert not any("leaked" in answer.body or "secret" in answer.body for answer in answers)
    assert the_incident().phase is Phase.DECLARED


def test_a_viewer_reads_but_changes_nothing(app: Flask, viewer: Person) -> None:
    make.entry(make.incident(), "Deploy finished")
    theirs = Browser(app, person=viewer)

    page = theirs.get("/incidents/INC-1")

    assert "Deploy finished" in page.text
    assert page.select("main form") == []
    token = theirs.token("/incidents/INC-1")
    assert theirs.post("/incidents/INC-1/phase", {"csrf_token": token, "to": "triaged"}).status == 403
    assert theirs.get("/incidents/INC-1/edit").status == 403


@pytest.mark.once
def test_a_long_room_takes_no_more_queries(browser: Browser, now: datetime) -> None:
    incident = make.incident()

    def more(number: int) -> None:
        for one in range(number):
            author = make.person(f"Person {incident.id} {len(make_seen)}")
            make_seen.append(author.id)
            make.entry(incident, f"Entry {one}", author_id=author.id)
            make.save(
                Update(incident_id=incident.id, audience=Audience.TEAM, text="x", author_id=author.id, sent_at=now)
            )

    make_seen: list[int] = []
    more(3)
    few = browser.get("/incidents/INC-1").queries
    more(57)
    many = browser.get("/incidents/INC-1").queries

    assert len(many) == len(few) <= 12


def test_a_missing_moment_reads_not_known_and_reversed_ones_ask_to_be_checked(browser: Browser, now: datetime) -> None:
    page = room(browser, phase=Phase.RESOLVED, started_at=None, resolved_at=now)
    make.incident("Reversed", phase=Phase.RESOLVED, started_at=now, resolved_at=now - timedelta(hours=1))

    assert "Time to resolve not known" in page.text
    assert "The times stand in an odd order" in browser.get("/incidents/INC-2").text


def test_a_step_taken_twice_by_the_same_person_is_no_error(
    app: Flask, browser: Browser, admin: Person, now: datetime
) -> None:
    page = room(browser)
    page.submit("Impact is assessed")
    again = page.submit("Impact is assessed")
    theirs = Browser(app, person=admin)
    other = theirs.post("/incidents/INC-1/phase", {"csrf_token": theirs.token("/incidents/INC-1"), "to": "triaged"})

    assert again.status == 200
    assert again.url == "/incidents/INC-1"
    assert again.text.count("The impact is assessed.") == 1
    assert other.status == 422
    assert "Somebody was quicker" in other.text


def test_a_note_sent_twice_stands_once_and_the_same_words_can_be_noted_again(browser: Browser) -> None:
    page = room(browser)
    first = page.submit("Note it", text="ping")
    page.submit("Note it", text="ping")
    twice = session.scalars(select(TimelineEntry.text)).all().count("ping")
    later = first.submit("Note it", text="ping")

    assert twice == 1
    assert later.text.count("ping") == 2


def test_htmx_gets_a_new_key_with_every_note(browser: Browser) -> None:
    page = room(browser)
    form = form_values(page.select("#entry-form")[0])

    answers = [browser.post("/incidents/INC-1/timeline", form | {"text": "ping"}, htmx=True) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 200]
    keys = {answer.select("#entry-form-key[hx-swap-oob]")[0]["value"] for answer in answers}
    assert len(keys | {form["form_key"]}) == 3
    assert session.scalars(select(TimelineEntry.text)).all().count("ping") == 1


def test_a_start_that_nobody_entered_is_asked_for(browser: Browser, now: datetime) -> None:
    page = room(browser, phase=Phase.RESOLVED, started_at=None, resolved_at=now)

    assert "Time to resolve not known until somebody enters when it began" in page.text
    assert page.click("enter it").url == "/incidents/INC-1/edit"


def test_hostile_text_is_shown_as_text(browser: Browser) -> None:
    typed = "<script>alert(1)</script> got <nil> from List<String> <img src=x onerror=alert(1)> after"

    page = room(browser).submit("Note it", text=typed)

    assert page.select("main script") == []
    assert page.select(".timeline-text img") == []
    assert typed in page.text


def test_what_others_do_arrives_in_every_room_without_reloading(browser: Browser) -> None:
    poll = str(room(browser).select("#timeline-part")[0]["hx-get"])
    other = Browser(browser.app, person=make.person("Cleo"))

    other.get("/incidents/INC-1").submit("I take it: scribe")
    other.get("/incidents/INC-1").submit("Mark as told")
    news = browser.get(poll, htmx=True)

    assert "Scribe: Cleo" in news.select("#phase-part")[0].get_text(" ", strip=True)
    assert "Cleo" in news.select("#roles-part[hx-swap-oob]")[0].get_text(" ")
    assert [row["data-row"] for row in news.select("li[data-row][hx-swap-oob]")].count("open") == 6
    assert "We have an incident." in news.select("#updates-part[hx-swap-oob]")[0].get_text(" ")


def test_a_held_role_is_taken_over_in_one_click(browser: Browser) -> None:
    room(browser)
    other = Browser(browser.app, person=make.person("Cleo"))
    browser.get("/incidents/INC-1").submit("I take it: incident commander")

    page = other.get("/incidents/INC-1").submit("Take over: incident commander")

    assert "Cleo takes over as incident commander from Bob." in page.flashes


def test_it_is_watched_for_as_long_as_was_said_and_verified_after(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    room(browser)

    page = browser.get("/incidents/INC-1").submit("Resolved", reason="It is over", quiet="240")
    set_clock(now + timedelta(hours=5))
    later = browser.get("/incidents/INC-1")

    assert "Does it stay quiet? To be watched until" in page.text
    assert "Did it stay quiet? Look at the graphs" in later.text
    assert session.scalars(select(Incident.quiet_until)).all() == [now + timedelta(hours=4)]
    later.submit("Open again", reason="It is back")
    session.rollback()
    assert session.scalars(select(Incident.quiet_until)).all() == [None]
