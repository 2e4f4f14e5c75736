"""Whatever a tracker sends becomes a value of ours or an error in words, never anything else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.clients import github_answers, jira_answers, jira_workflow
from tracker.clients.answers import Answer, tracker_words
from tracker.clients.failures import ClientError, StrangeAnswer, TransitionMissing
from tracker.clients.tickets import TicketState
from tracker.clients.transport import error_for_status, retry_after

pytestmark = pytest.mark.once

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))
DUTY = "Mon, 23 Nov 2026 09:00:00 GMT"

GITHUB = {
    "node_id": "I_1",
    "number": 12,
    "title": "Add an alert",
    "state": "closed",
    "state_reason": "not_planned",
    "assignees": [{"login": "ana"}],
    "labels": [{"name": "one"}, "two"],
    "updated_at": "2026-11-23T09:00:00Z",
    "html_url": "https://github.com/acme/shop/issues/12",
    "repository_url": "https://api.github.com/repos/acme/shop",
}
JIRA_FIELDS = {
    "summary": "Add an alert",
    "status": {"name": "Closed", "statusCategory": {"key": "done"}},
    "resolution": {"name": "Won't Do"},
    "assignee": {"accountId": "5b10", "displayName": "Ana"},
    "duedate": "2026-12-01",
    "labels": ["one", "followthrough-0123456789abcdef"],
    "updated": "2026-11-23T09:00:00.000+0100",
    "project": {"key": "OPS"},
}
JIRA = {"id": "10007", "key": "OPS-7", "fields": JIRA_FIELDS}


def read_github(value: object) -> object:
    return github_answers.snapshot(value)


def read_jira(value: object) -> object:
    return jira_answers.snapshot(value, base_url="https://acme.atlassian.net")


def test_a_github_issue_reads_as_it_is() -> None:
    one = github_answers.snapshot(GITHUB)

    assert (one.key, one.target, one.state, one.assignee) == (
        "acme/shop#12",
        "acme/shop",
        TicketState.NOT_PLANNED,
        "ana",
    )
    assert (one.state_text, one.labels) == ("closed as not planned", ("one", "two"))


def test_a_jira_issue_reads_as_it_is() -> None:
    one = jira_answers.snapshot(JIRA, base_url="https://acme.atlassian.net")

    assert (one.remote_id, one.key, one.state, one.assignee) == ("10007", "OPS-7", TicketState.NOT_PLANNED, "5b10")
    assert (one.url, one.labels) == ("https://acme.atlassian.net/browse/OPS-7", ("one",))
    assert one.updated_at.isoformat() == "2026-11-23T08:00:00+00:00"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z"])
def test_a_time_at_the_end_of_the_calendar_is_an_error_in_words(text: str) -> None:
    with pytest.raises(StrangeAnswer, match="is not a time"):
        Answer({"updated_at": text}, where="the issue").moment("updated_at")


@given(JSON)
def test_any_json_is_an_error_in_words_or_a_ticket(value: object) -> None:
    for read in (read_github, read_jira):
        with pytest.raises(ClientError):
            read(value)


@given(st.sampled_from(sorted(GITHUB)), JSON)
def test_any_single_field_of_github_may_be_strange(name: str, value: object) -> None:
    _reads_or_says(read_github, GITHUB | {name: value})


@given(st.sampled_from(sorted(JIRA_FIELDS)), JSON)
def test_any_single_field_of_jira_may_be_strange(name: str, value: object) -> None:
    _reads_or_says(read_jira, JIRA | {"fields": JIRA_FIELDS | {name: value}})


def _reads_or_says(read: Callable[[object], object], value: object) -> None:
    with suppress(ClientError):  # an error in words is an answer too; anything else fails the test
        read(value)


@given(JSON)
def test_reasons_are_one_short_line_whatever_comes(value: object) -> None:
    words = tracker_words(value)

    assert len(words) <= 1000
    assert len(words.splitlines()) <= 1


def test_the_reasons_of_both_trackers_are_repeated() -> None:
    github = {"message": "Validation Failed", "errors": [{"field": "title", "code": "missing_field"}]}
    jira = {"errorMessages": [], "errors": {"duedate": "Due date is required."}}

    assert tracker_words(github) == "Validation Failed; title missing_field"
    assert tracker_words(jira) == "duedate: Due date is required."


@pytest.mark.parametrize("reason", ["completed", None])
def test_only_completed_counts_as_done_on_github(reason: str | None) -> None:
    assert github_answers.snapshot(GITHUB | {"state_reason": reason}).state is TicketState.DONE
    assert github_answers.snapshot(GITHUB | {"state_reason": "deleted"}).state is TicketState.NOT_PLANNED


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("Done Done", TicketState.DONE),
        ("Closed Fixed", TicketState.DONE),
        ("Closed Won't Fix", TicketState.NOT_PLANNED),
        ("Done Wont Do", TicketState.NOT_PLANNED),
        ("Cancelled", TicketState.NOT_PLANNED),
        ("Closed Duplicate", TicketState.DUPLICATE),
    ],
)
def test_jira_says_by_its_resolution_why_a_ticket_was_closed(words: str, state: TicketState) -> None:
    assert jira_answers.closed_as(words) is state


@given(JSON)
def test_any_transitions_are_an_error_in_words(value: object) -> None:
    with pytest.raises(ClientError):
        jira_workflow.step_to_close([value], state=TicketState.DONE, key="OPS-7")


def test_no_transition_at_all_is_said() -> None:
    with pytest.raises(TransitionMissing, match="No step is possible"):
        jira_workflow.step_to_close([], state=TicketState.DONE, key="OPS-7")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "99999999999999999999"}, 86_400),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:30 GMT", "date": DUTY}, 30),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795424460", "date": DUTY}, 60),
        ({"x-ratelimit-remaining": "12", "x-ratelimit-reset": "1795424460", "date": DUTY}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795424460"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_told_by_the_trackers_own_clock(headers: dict[str, str], seconds: int | None) -> None:
    assert retry_after(headers) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.integers(400, 599), st.text(max_size=30), st.booleans())
def test_every_status_has_a_meaning(status: int, words: str, is_write: bool) -> None:
    error = error_for_status(status, headers={}, words=words, host="github.com", is_write=is_write)

    assert "github.com" in str(error)


def test_what_no_database_takes_is_taken_out_of_texts() -> None:
    """JSON may hold half a character and a NUL; one such title would stop a whole tracker's round."""
    nasty = "Half \ud83d of\x00 it"
    issue = github_answers.snapshot(GITHUB | {"title": nasty, "labels": [nasty, {"name": nasty}]})
    said = tracker_words({"message": nasty})

    for text in (issue.title, *issue.labels, said):
        assert text == "Half ? of it"
        assert text.encode()


def test_a_day_that_stands_for_never_is_no_day() -> None:
    days = {"never": "9999-12-31", "zero": "0001-01-01", "fine": "2026-12-24"}

    answer = Answer(days, where="the issue")

    assert [answer.optional_day(name) for name in days] == [None, None, date(2026, 12, 24)]
