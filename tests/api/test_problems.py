"""Whatever is sent: an answer that a program can read, and never a fault of ours."""

import json

import pytest

from tests import make
from tests.api.client import Caller
from tests.browser import Browser

BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"title": "\xff"}',
    "half a character": b'{"title": "\\ud800", "severity": "SEV1"}',
    "a list": b"[]",
    "a number": b"1",
    "too deep": b"[" * 100_000,
    "a long number": b"1" * 10_000,
    "not a number": b'{"title": NaN}',
    "null": b"null",
    "no title": b'{"severity": "SEV1"}',
    "an empty title": b'{"title": " \\u0000 ", "severity": "SEV1"}',
    "a long title": json.dumps({"title": "x" * 301, "severity": "SEV1"}).encode(),
    "a wrong severity": b'{"title": "x", "severity": "SEV9"}',
    "the year 1": b'{"title": "x", "severity": "SEV1", "started_at": "0001-01-01T00:00:00+14:00"}',
    "the year 9999": b'{"title": "x", "severity": "SEV1", "started_at": "9999-12-31T23:59:59-14:00"}',
    "an unknown field": b'{"title": "x", "severity": "SEV1", "id": 1}',
    "an unknown service": b'{"title": "x", "severity": "SEV1", "services": ["nowhere"]}',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_taken_gets_a_problem(call: Caller, name: str) -> None:
    answer = call("POST", "/incidents", data=BODIES[name], content_type="application/json")

    assert answer.status_code in (400, 422)
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == answer.status_code
    assert call("GET", "/incidents").get_json()["items"] == []


def test_a_body_of_another_kind_is_refused(call: Caller) -> None:
    answer = call("POST", "/incidents", data="title=x", content_type="application/x-www-form-urlencoded")

    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")


def test_a_body_that_is_too_large_is_refused(call: Caller) -> None:
    answer = call("POST", "/incidents", data=b" " * 3_000_000, content_type="application/json")

    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_an_address_or_a_method_that_is_not_there_gets_a_problem(call: Caller) -> None:
    nowhere, method = call("GET", "/nowhere"), call("DELETE", "/incidents")

    assert (nowhere.status_code, nowhere.mimetype) == (404, "application/problem+json")
    assert (method.status_code, method.mimetype) == (405, "application/problem+json")
    assert "POST" in method.headers["Allow"]


def test_each_wrong_field_is_named(call: Caller) -> None:
    answer = call("POST", "/incidents", json={"severity": "SEV9", "services": ["ok", ""]})

    fields = [error["field"] for error in answer.get_json()["errors"]]
    assert sorted(fields) == ["services.1", "severity", "title"]


QUERIES = ["limit=0", "limit=101", "limit=x", "limit=1e3", "q=%ff", "q=%00", "cursor=%ff", "severity=%ed%a0%80"]


@pytest.mark.parametrize("query", QUERIES)
def test_any_query_gets_an_answer(call: Caller, query: str) -> None:
    make.incident()

    assert call("GET", f"/incidents?{query}").status_code in (200, 422)


def test_a_fault_of_ours_is_told_without_its_details(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise ZeroDivisionError("a secret of ours")

    call.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("tracker.api.queries.incidents", broken)

    answer = call("GET", "/incidents")

    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "secret" not in answer.get_data(as_text=True)


def test_the_page_about_the_api_names_every_address_and_its_fields(browser: Browser) -> None:
    page = browser.get("/api/docs")

    paths = browser.client.get("/api/v1/openapi.json").get_json()["paths"]
    for path in paths:
        assert path.removeprefix("/api/v1") in page.text
    assert "started_at" in page.text
    assert "did_not_hold" in page.text  # only ever answered


def test_the_description_is_openapi_3_1_and_open_to_everybody(anonymous: Browser) -> None:
    described = anonymous.client.get("/api/v1/openapi.json").get_json()

    assert described["openapi"] == "3.1.0"
    declare = described["paths"]["/api/v1/incidents"]["post"]
    assert {one["name"] for one in declare["parameters"]} == {"Idempotency-Key"}
    assert "application/problem+json" in described["components"]["responses"]["DEFAULT_ERROR"]["content"]
