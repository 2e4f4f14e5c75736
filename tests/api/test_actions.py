"""Action items through the API."""

from datetime import date

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.api.client import Caller, calls_as
from tests.browser import counted_queries
from tracker.db import session
from tracker.models import ActionItem, ActionState, Person, Push, Role


def test_a_script_promises_an_item_with_a_ticket(call: Caller, responder: Person) -> None:
    incident, tracker = make.incident(), make.tracker()
    body = {"incident": incident.ref, "title": "Warm the cache", "owner": responder.email, "due_on": "2040-01-07"}

    answer = call("POST", "/action-items", json=body | {"tracker": tracker.slug})

    assert answer.status_code == 422  # so far away nobody promises
    answer = call("POST", "/action-items", json=body | {"tracker": tracker.slug, "due_on": None, "priority": "P1"})
    found = answer.get_json()
    assert (found["owner"], found["incidents"], found["priority"]) == (responder.email, [incident.ref], "P1")
    assert answer.headers["Location"] == f"/api/v1/action-items/{found['ref']}"
    assert session.scalars(select(Push.tracker_id)).all() == [tracker.id]


def test_a_change_leaves_the_rest_as_it_is(call: Caller) -> None:
    team = make.team("Payments")
    action = make.action("Warm the cache", incidents=(make.incident(),), done_when="It is warm.")

    answer = call.change(f"/action-items/{action.ref}", team=team.slug, kind="prevent")

    assert answer.status_code == 200
    found = answer.get_json()
    assert (found["team"], found["kind"], found["done_when"], found["due_on"]) == (
        "payments",
        "prevent",
        "It is warm.",
        "2026-12-21",
    )


def test_an_item_is_taken_through_its_life(call: Caller) -> None:
    path = f"/action-items/{make.action(incidents=(make.incident(),)).ref}"

    states = [
        call.change(path, state=state, reason="The graph of Monday.").get_json()["state"]
        for state in ("in progress", "done", "verified", "did not hold", "done")
    ]

    assert states == ["in progress", "done", "verified", "did not hold", "done"]
    assert call.change(path, state="in progress").status_code == 422


def test_declining_needs_a_reason_and_a_day(call: Caller, responder: Person) -> None:
    action = make.action(incidents=(make.incident(),))
    path = f"/action-items/{action.ref}"

    no_day = call.change(path, state="declined", reason="Too dear.")
    no_reason = call.change(path, state="declined", look_again_on="2027-03-01")
    declined = call.change(path, state="declined", reason="Too dear.", look_again_on="2027-03-01")

    assert (no_day.status_code, no_reason.status_code) == (422, 422)
    assert declined.get_json()["look_again_on"] == "2027-03-01"
    kept = call.change(path, state="declined", reason="Still too dear.", look_again_on="2027-09-01")
    assert (kept.get_json()["look_again_on"], kept.get_json()["declined_reason"]) == ("2027-09-01", "Still too dear.")
    session.expire_all()
    assert (action.state, action.risk_accepted_by_id) == (ActionState.DECLINED, responder.id)


def test_the_list_is_narrowed_and_comes_in_pages(call: Caller, responder: Person) -> None:
    incident = make.incident()
    mine = [make.action(f"Mine {n}", incidents=(incident,), owner_id=responder.id) for n in range(3)]
    make.action("Nobody's")
    make.action("Late", due_on=date(2020, 1, 1))

    first = call("GET", "/action-items?owner=me&limit=2").get_json()
    rest = call("GET", f"/action-items?owner=me&limit=2&cursor={first['next_cursor']}").get_json()

    assert [row["ref"] for row in first["items"] + rest["items"]] == [one.ref for one in reversed(mine)]
    assert [row["title"] for row in call("GET", "/action-items?overdue=true").get_json()["items"]] == ["Late"]
    assert len(call("GET", f"/action-items?incident={incident.ref}").get_json()["items"]) == 3


def test_a_ticket_is_asked_for_once(call: Caller) -> None:
    action, tracker = make.action(incidents=(make.incident(),)), make.tracker()
    path = f"/action-items/{action.ref}/push"

    first = call("POST", path, json={"tracker": tracker.slug, "target": "acme/shop"})
    second = call("POST", path, json={"tracker": tracker.slug, "target": "acme/shop"})

    assert (first.status_code, second.status_code) == (200, 422)
    assert len(session.scalars(select(Push)).all()) == 1


def test_an_item_of_a_private_incident_is_not_there_for_whoever_may_not_see_it(
    app: Flask, call: Caller, admin_call: Caller
) -> None:
    hidden = make.incident("Secret", is_private=True)
    private = make.action("Secret item", incidents=(hidden,))
    shared = make.action("Shared item", incidents=(hidden, make.incident("Public")))

    assert call("GET", f"/action-items/{private.ref}").status_code == 404
    assert call("PATCH", f"/action-items/{private.ref}", json={}, headers={"If-Match": "*"}).status_code == 404
    assert [row["title"] for row in call("GET", "/action-items").get_json()["items"]] == ["Shared item"]
    assert len(call("GET", f"/action-items/{shared.ref}").get_json()["incidents"]) == 1
    assert len(admin_call("GET", f"/action-items/{shared.ref}").get_json()["incidents"]) == 2
    assert call("POST", "/action-items", json={"incident": hidden.ref, "title": "x"}).status_code == 404


def test_a_ticket_of_a_private_incidents_item_is_asked_for_with_a_word_that_it_may_be_read(admin_call: Caller) -> None:
    hidden, tracker = make.incident("Secret", is_private=True), make.tracker()
    wish = {"incident": hidden.ref, "title": "Rotate them", "tracker": tracker.slug, "target": "acme/shop"}

    refused = admin_call("POST", "/action-items", json=wish)
    asked = admin_call("POST", "/action-items", json={**wish, "is_confirmed": True})

    assert (refused.status_code, asked.status_code) == (422, 201)
    assert "may be read by everybody who can read the tracker" in refused.get_json()["detail"]
    assert len(session.scalars(select(Push)).all()) == 1


def test_a_viewer_changes_nothing(app: Flask) -> None:
    action = make.action(incidents=(make.incident(),))
    call = calls_as(app, make.person("Vera", role=Role.VIEWER))

    assert call("PATCH", f"/action-items/{action.ref}", json={"title": "x"}).status_code == 403
    assert session.scalars(select(ActionItem.title)).all() == ["Add a cache warm-up"]


def test_a_list_of_items_takes_the_same_questions_however_long_it_is(app: Flask, call: Caller) -> None:
    incident = make.incident()
    call("GET", "/action-items")
    counts = []
    for _round in range(2):
        for n in range(3):
            make.action(f"No {n}", incidents=(incident,), owner_id=make.person(make.unique("Pat")).id)
        with counted_queries(app) as queries:
            call("GET", "/action-items")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8
