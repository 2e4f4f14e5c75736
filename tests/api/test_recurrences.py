"""What came back, through the API; the report and the services beside it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.api.client import Caller
from tests.browser import Browser
from tracker.api.report_routes import ReportSchema
from tracker.db import session
from tracker.models import Person, Recurrence, RecurrenceState


def test_a_pair_is_decided_once(call: Caller, responder: Person) -> None:
    pair = make.recurrence()
    path = f"/recurrences/{pair.id}/decision"

    first = call("POST", path, json={"decision": "same", "why": "The same pool."})
    second = call("POST", path, json={"decision": "related"})
    none = call("POST", path, json={"decision": "suspected"})

    assert (first.status_code, second.status_code, none.status_code) == (200, 422, 422)
    assert (first.get_json()["state"], first.get_json()["decided_by"]) == ("same", "Bob")
    session.expire_all()
    assert session.scalars(select(Recurrence.state)).all() == [RecurrenceState.SAME]


def test_pairs_are_listed_the_newest_first(call: Caller) -> None:
    pairs = [make.recurrence() for _ in range(3)]

    first = call("GET", "/recurrences?limit=2").get_json()
    rest = call("GET", f"/recurrences?limit=2&cursor={first['next_cursor']}").get_json()
    one = call("GET", f"/recurrences?incident={pairs[1].later.ref}&state=suspected").get_json()

    assert [row["id"] for row in first["items"] + rest["items"]] == [pair.id for pair in reversed(pairs)]
    assert [row["id"] for row in one["items"]] == [pairs[1].id]


def test_a_pair_with_a_private_incident_is_shown_to_nobody_who_may_not_see_both(
    call: Caller, admin_call: Caller
) -> None:
    pair = make.recurrence(earlier=make.incident("Secret", is_private=True))

    assert call("GET", "/recurrences").get_json()["items"] == []
    assert call("POST", f"/recurrences/{pair.id}/decision", json={"decision": "same"}).status_code == 404
    assert len(admin_call("GET", "/recurrences").get_json()["items"]) == 1


def test_the_report_is_that_of_the_page(call: Caller, browser: Browser, set_clock: Callable[[datetime], None]) -> None:
    make.incident()
    set_clock(make.NOW)

    first = call("GET", "/reports/weekly/2026-W47")
    found = first.get_json()
    set_clock(make.NOW + timedelta(minutes=1))
    again = call("GET", "/reports/weekly/2026-W47", headers={"If-None-Match": first.headers["ETag"]})

    page = browser.client.get("/reports/weekly/2026-W47.json").get_json()
    assert found.keys() == page.keys()
    assert found["figures"] == page["figures"]
    assert again.status_code == 304
    assert found.keys() == {field.data_key or name for name, field in ReportSchema().fields.items()}
    assert call("GET", "/reports/weekly/2026-W99").status_code in (404, 422)
    assert call("GET", "/reports/weekly/2026-W47?team=nobody").status_code == 404


def test_services_come_in_pages(call: Caller) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        make.service(name)

    first = call("GET", "/services?limit=2").get_json()
    rest = call("GET", f"/services?limit=2&cursor={first['next_cursor']}").get_json()

    assert [row["slug"] for row in first["items"] + rest["items"]] == ["alpha", "beta", "gamma"]


def test_a_pipeline_asks_for_the_risk_of_a_service(call: Caller, admin_call: Caller) -> None:
    service = make.service("Checkout")
    make.incident("Secret", is_private=True, services=[service])

    told, known = call("GET", "/services/checkout/risk"), admin_call("GET", "/services/checkout/risk")

    assert (told.get_json()["at_risk"], known.get_json()["at_risk"]) == (False, True)
    assert call("GET", "/services/nowhere/risk").status_code == 404
    assert call("GET", "/services/%00/risk").status_code == 400


def test_a_text_is_answered_with_what_it_resembles_and_may_be_seen(
    app: Flask, call: Caller, admin_call: Caller
) -> None:
    from tracker.recurrence.jobs import read_what_is_marked

    make.incident("Kafka consumer lag on ledger postings", is_private=True)
    make.incident("Kafka consumer lag on ledger exports")
    read_what_is_marked(make.NOW)

    told = call("GET", "/similar", query_string={"text": "Kafka consumer lag on the ledger"}).get_json()["matches"]
    known = admin_call("GET", "/similar", query_string={"text": "Kafka consumer lag on the ledger"}).get_json()

    assert [row["incident"]["title"] for row in told] == ["Kafka consumer lag on ledger exports"]
    assert len(known["matches"]) == 2
    assert call("GET", "/similar?text=%00").status_code in (200, 422)
