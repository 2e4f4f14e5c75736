"""Incidents through the API."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.api.client import Caller, calls_as
from tests.browser import counted_queries
from tracker.db import session
from tracker.models import Incident, Person, Phase, Role, Severity, TimelineEntry, TokenScope


def test_a_script_declares_an_incident(call: Caller, responder: Person) -> None:
    make.service("Checkout")

    answer = call(
        "POST", "/incidents", json={"title": " Checkout  answers 503 ", "severity": "SEV1", "services": ["checkout"]}
    )

    incident = session.scalars(select(Incident)).one()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/incidents/{incident.ref}"
    assert (incident.title, incident.severity, incident.declared_by_id) == (
        "Checkout answers 503",
        Severity.SEV1,
        responder.id,
    )
    assert answer.get_json()["services"] == ["checkout"]


def test_moments_are_taken_in_any_zone_and_given_in_utc(call: Caller) -> None:
    body = {"title": "Slow", "severity": "SEV3", "started_at": "2026-10-23T09:05:00+02:00"}

    answer = call("POST", "/incidents", json=body)

    assert answer.get_json()["started_at"] == "2026-10-23T07:05:00Z"


def test_a_moment_without_a_zone_is_refused_and_the_field_is_named(call: Caller) -> None:
    answer = call("POST", "/incidents", json={"title": "x", "severity": "SEV3", "started_at": "2026-10-23T09:05:00"})

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [error["field"] for error in answer.get_json()["errors"]] == ["started_at"]


def test_the_list_goes_on_where_its_cursor_stands_and_shows_each_once(call: Caller) -> None:
    refs = [make.incident(f"No {n}", declared_at=make.NOW - timedelta(hours=n // 2)).ref for n in range(5)]

    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = call("GET", "/incidents", query_string={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        found += [row["ref"] for row in answer.get_json()["items"]]
        cursor = answer.get_json()["next_cursor"]

    assert sorted(found) == sorted(refs)
    assert len(found) == 5


def test_the_list_is_narrowed_by_what_is_asked(call: Caller) -> None:
    make.incident("Slow search", severity=Severity.SEV1)
    make.incident("Slow checkout", severity=Severity.SEV2, phase=Phase.CLOSED)

    by_severity = call("GET", "/incidents?severity=SEV1").get_json()["items"]
    live = call("GET", "/incidents?live=true").get_json()["items"]
    by_word = call("GET", "/incidents?q=checkout").get_json()["items"]

    assert [row["title"] for row in by_severity] == ["Slow search"]
    assert [row["title"] for row in live] == ["Slow search"]
    assert [row["title"] for row in by_word] == ["Slow checkout"]


def test_a_filter_with_a_typing_error_is_refused(call: Caller) -> None:
    answer = call("GET", "/incidents?severty=SEV1")

    assert answer.status_code == 422
    assert answer.get_json()["errors"] == [{"field": "severty", "detail": "Unknown field."}]


def test_a_cursor_that_somebody_made_up_is_refused(call: Caller) -> None:
    for cursor in ("x", "bnVsbA", "WyJ4IiwgMV0", "W1tbW1tb", "WzEsMl0"):
        assert call("GET", f"/incidents?cursor={cursor}").status_code == 422


def test_what_the_caller_has_is_not_sent_again(call: Caller) -> None:
    ref = make.incident().ref
    for path in (f"/incidents/{ref}", "/incidents"):
        tag = call("GET", path).headers["ETag"]

        again = call("GET", path, headers={"If-None-Match": tag})

        assert (again.status_code, again.get_data()) == (304, b"")


def test_a_change_says_what_it_changes(call: Caller, responder: Person) -> None:
    incident = make.incident("Slow", summary="Kept.")

    answer = call.change(f"/incidents/{incident.ref}", title="Slow checkout", severity="SEV1")

    session.expire_all()
    assert answer.status_code == 200
    assert (incident.title, incident.summary, incident.severity) == ("Slow checkout", "Kept.", Severity.SEV1)
    assert answer.headers["ETag"] == call("GET", f"/incidents/{incident.ref}").headers["ETag"]
    notes = session.scalars(select(TimelineEntry.text)).all()
    assert notes == ["Corrected: title; severity from SEV2 to SEV1."]


def test_a_change_of_what_somebody_changed_meanwhile_is_refused(call: Caller) -> None:
    path = f"/incidents/{make.incident().ref}"
    read = call("GET", path).headers["ETag"]
    call.change(path, title="Theirs")

    answer = call("PATCH", path, json={"title": "Mine"}, headers={"If-Match": read})

    assert answer.status_code == 412
    assert call("GET", path).get_json()["title"] == "Theirs"


def test_a_change_that_does_not_say_of_what_is_refused(call: Caller) -> None:
    assert call("PATCH", f"/incidents/{make.incident().ref}", json={"title": "Mine"}).status_code == 428


def test_a_packed_answers_tag_serves_too(call: Caller) -> None:
    path = f"/incidents/{make.incident(summary='long ' * 400).ref}"
    tag = call("GET", path, headers={"Accept-Encoding": "gzip"}).headers["ETag"]

    answer = call("PATCH", path, json={"title": "Mine"}, headers={"If-Match": tag})

    assert tag.endswith(':gzip"')
    assert answer.status_code == 200


def test_an_incident_is_taken_through_its_phases(call: Caller) -> None:
    path = f"/incidents/{make.incident().ref}"

    stabilised = call.change(path, phase="stabilised", note="Rolled back.")
    refused = call.change(path, phase="resolved")
    resolved = call.change(path, phase="resolved", note="The rest is on the list.")
    again = call.change(path, phase="triaged", note="It came back.")

    assert stabilised.get_json()["phase"] == "stabilised"
    assert refused.status_code == 422
    assert resolved.get_json()["phase"] == "resolved"
    assert (again.get_json()["phase"], again.get_json()["resolved_at"]) == ("triaged", None)


def test_who_sees_an_incident_takes_a_token_to_administer(
    app: Flask, call: Caller, admin_call: Caller, responder: Person
) -> None:
    incident = make.incident(declared_by_id=responder.id)
    path = f"/incidents/{incident.ref}"

    refused = call.change(path, is_private=True)
    allowed = admin_call.change(path, is_private=True, named_people=[responder.email])

    assert refused.status_code == 403
    assert allowed.get_json()["named_people"] == [responder.email]


def test_a_note_lands_on_the_timeline(call: Caller, responder: Person) -> None:
    incident = make.incident()

    made = call("POST", f"/incidents/{incident.ref}/timeline", json={"text": "Deploy 412 began", "kind": "action"})
    listed = call("GET", f"/incidents/{incident.ref}/timeline?limit=1")

    assert made.status_code == 201
    assert made.get_json()["author"] == "Bob"
    assert listed.get_json() == {"items": [made.get_json()], "next_cursor": None}


def test_the_timeline_comes_in_pages(call: Caller, now: datetime) -> None:
    incident = make.incident()
    for minute in range(3):
        make.entry(incident, f"Entry {minute}", at=now + timedelta(minutes=minute))

    first = call("GET", f"/incidents/{incident.ref}/timeline?limit=2").get_json()
    rest = call("GET", f"/incidents/{incident.ref}/timeline?limit=2&cursor={first['next_cursor']}").get_json()

    assert [row["text"] for row in first["items"] + rest["items"]] == ["Entry 0", "Entry 1", "Entry 2"]
    assert rest["next_cursor"] is None


def test_a_private_incident_is_not_there_for_whoever_may_not_see_it(
    app: Flask, admin_call: Caller, call: Caller, set_clock: Callable[[datetime], None]
) -> None:
    named = make.person("Nora", role=Role.VIEWER)
    incident = make.incident("Secret", is_private=True, named=(named,))
    path = f"/incidents/{incident.ref}"

    for method, where, body in (
        ("GET", path, None),
        ("GET", f"{path}/timeline", None),
        ("PATCH", path, {"title": "x"}),
        ("POST", f"{path}/timeline", {"text": "x"}),
    ):
        assert call(method, where, json=body, headers={"If-Match": "*"}).status_code == 404
    assert call("GET", "/incidents").get_json()["items"] == []
    assert admin_call("GET", path).get_json()["title"] == "Secret"
    assert calls_as(app, named, TokenScope.READ)("GET", path).get_json()["title"] == "Secret"


def test_a_list_takes_the_same_questions_however_long_it_is(app: Flask, call: Caller) -> None:
    service = make.service()
    call("GET", "/incidents")
    counts = []
    for _round in range(2):
        for _n in range(3):
            make.incident(services=[service])
        with counted_queries(app) as queries:
            call("GET", "/incidents")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 5
