"""A tracker that means harm, or was broken into: what it sends is refused, cut, or kept as plain text."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.clients.worlds import GithubWorld, JiraWorld
from tests.servers.proxy import Answer, Request, json_answer
from tracker.clients import jira_reading
from tracker.clients.failures import AnswerLost, ClientError, StrangeAnswer, Unavailable

pytestmark = pytest.mark.once

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(params=["github", "jira"])
def world(request: pytest.FixtureRequest) -> GithubWorld | JiraWorld:
    found: GithubWorld | JiraWorld = request.getfixturevalue(request.param)
    return found


def answers(world: GithubWorld | JiraWorld, monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    """From now on the tracker says this to everything."""
    monkeypatch.setattr(world.server.dress, "before", lambda _request: answer)


def spoil(world: GithubWorld | JiraWorld, monkeypatch: pytest.MonkeyPatch, **fields: Any) -> None:
    """From now on every issue in an answer has these fields."""
    usual = world.server.dress.after

    def spoilt(request: Request, answer: Answer) -> Answer:
        answer = usual(request, answer)
        value = answer.json if answer.body else None
        return answer.with_json({**value, **fields}) if isinstance(value, dict) and "id" in value else answer

    monkeypatch.setattr(world.server.dress, "after", spoilt)


def body_answer(body: bytes, **headers: str) -> Answer:
    shown = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(200, body, {"Content-Type": "application/json", **shown})


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"id": ' + b"9" * 100_000 + b"}",
        b"\xff\xfe\x00",
        b"NaN",
        b"",
        b"null",
    ],
    ids=["deep list", "deep object", "long number", "no text", "NaN", "nothing", "null"],
)
def test_json_made_to_hurt_is_only_a_strange_answer(
    world: GithubWorld | JiraWorld, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    made = world.client.create(world.new("Before"))
    answers(world, monkeypatch, body_answer(body))

    with pytest.raises(StrangeAnswer):
        world.client.fetch(made.key)
    with pytest.raises(AnswerLost):
        world.client.create(world.new("After"))


def test_a_bomb_of_zeros_is_not_unpacked(world: GithubWorld | JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.client.create(world.new("Bomb"))
    bomb = gzip.compress(b"0" * 100_000_000, compresslevel=9)
    answers(world, monkeypatch, body_answer(bomb, Content_Encoding="gzip"))

    with pytest.raises((StrangeAnswer, Unavailable)):
        world.client.fetch(made.key)


def test_script_in_a_title_stays_text_and_is_cut(github: GithubWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made = github.client.create(github.new("Script"))
    spoil(github, monkeypatch, title=SCRIPT + "\x00" + "x" * 1_000_000, html_url="javascript:alert(1)")

    read = github.client.fetch(made.key)

    assert read.title.startswith(SCRIPT)
    assert "\x00" not in read.title
    assert len(read.title) <= 100_000
    assert read.url == ""


def test_an_issue_that_claims_to_live_elsewhere_is_strange_and_its_create_is_not_repeated(
    github: GithubWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(github, monkeypatch, repository_url="https://evil.example.com/../../x")

    with pytest.raises(AnswerLost):
        github.client.create(github.new("Elsewhere"))


@pytest.mark.parametrize("field", ["id", "key", "fields"])
@pytest.mark.parametrize("value", [None, 7, [], {}, "x/../../y"])
def test_wrong_types_in_an_issue_are_told_in_words(
    jira: JiraWorld, monkeypatch: pytest.MonkeyPatch, field: str, value: object
) -> None:
    made = jira.client.create(jira.new("Types"))
    spoil(jira, monkeypatch, **{field: value})

    with pytest.raises(StrangeAnswer) as caught:
        jira.client.fetch(made.key)
    assert str(caught.value).endswith((".", '"'))


def test_searches_that_never_end_end(jira_cloud: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jira_reading, "MOST_PAGES", 5)
    answers(jira_cloud, monkeypatch, json_answer(200, {"issues": [], "nextPageToken": "again"}))

    with pytest.raises(StrangeAnswer, match="we stopped there"):
        list(jira_cloud.client.changed_since("OPS", since=None))
    assert len(jira_cloud.server.proxy.requests) == 5


def test_comments_that_never_end_end(jira: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made = jira.client.create(jira.new("Talk"))
    monkeypatch.setattr(jira_reading, "MOST_PAGES", 5)
    talk = {"comments": [{"body": "x", "created": "2999-01-01T00:00:00.000+0000"}], "total": 2**40}
    answers(jira, monkeypatch, json_answer(200, talk))

    with pytest.raises(StrangeAnswer, match="we stopped there"):
        jira.client.has_comment(made.handle, marker="AI-7:0123456789abcdef", since=made.updated_at)


def test_words_of_an_error_are_cut_and_never_markup_of_ours(
    world: GithubWorld | JiraWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"message": SCRIPT + "x" * 1_000_000, "errors": [{"message": "y" * 1_000_000}] * 15}
    answers(world, monkeypatch, Answer(422, json.dumps(said).encode(), {"Content-Type": "application/json"}))

    with pytest.raises(ClientError) as caught:
        world.client.create(world.new("Told"))
    assert len(str(caught.value)) < 2_000
