"""The judges themselves: a judge that objects to nothing would prove nothing."""

from __future__ import annotations

import json

import pytest

from tests.clients.descriptions import github_description, jira_description
from tests.servers.proxy import Request, json_answer

pytestmark = pytest.mark.once


def asked(method: str, path: str, body: object = None) -> Request:
    return Request(
        method, path, {"Content-Type": "application/json"}, b"" if body is None else json.dumps(body).encode()
    )


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (asked("GET", "/repos/acme/shop/issues?state=every"), "'every' is not one of"),
        (asked("GET", "/repos/acme/shop/issues?order=newest"), "order is not described"),
        (asked("POST", "/repos/acme/shop/issues", {"title": "x", "labels": "one"}), "is not of type 'array'"),
        (asked("PATCH", "/repos/acme/shop/issues/1", {"state": "shut"}), "'shut' is not one of"),
        (asked("DELETE", "/repos/acme/shop/issues/1"), "is not described"),
        (asked("GET", "/search/issues?q=x"), "is not described"),
    ],
)
def test_githubs_own_words_object_to_what_github_does_not_take(request_: Request, said: str) -> None:
    (objection,) = github_description().objections(request_)

    assert said in objection


def test_githubs_own_words_let_what_we_send_pass() -> None:
    made = asked(
        "POST", "/repos/acme/shop/issues", {"title": "x", "body": "y", "labels": ["one"], "assignees": ["ana"]}
    )

    assert github_description().objections(made) == []


def test_atlassians_own_words_judge_requests_and_answers() -> None:
    description = jira_description()
    if description is None:
        pytest.skip("Atlassian's description is not on this machine; see tests/data/openapi/README.md")
    search = asked("GET", "/rest/api/2/search/jql?jql=project%3DOPS&maxResults=many")
    bulk = asked("POST", "/rest/api/2/issue/bulkfetch", {"issueIdsOrKeys": ["1"], "fields": ["summary"]})

    assert "many" in description.objections(search)[0]
    assert description.objections(bulk) == []
    assert description.objections(bulk, json_answer(200, {"issues": "none"})) != []
