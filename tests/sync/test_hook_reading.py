"""What a delivery says, read from real ones."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sync.hooks import SAMPLES, SECRET, github_samples
from tracker.sync.hooks.reading import Told, github_told, is_signed, jira_told

ISSUE = "MDU6SXNzdWU0NDQ1MDAwNDE="


def as_sent(value: Any) -> bytes:
    import json

    return json.dumps(value).encode()


def test_the_signature_is_that_of_githubs_own_example() -> None:
    """https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries"""
    signed = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert is_signed(b"Hello, World!", signed, secret=SECRET)
    assert not is_signed(b"Hello, World?", signed, secret=SECRET)
    assert not is_signed(b"Hello, World!", signed, secret=SECRET + "s")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("issues opened", Told(ISSUE, datetime(2019, 5, 15, 15, 20, 18, tzinfo=UTC))),
        ("issues labeled", Told(ISSUE, datetime(2019, 5, 15, 15, 20, 18, tzinfo=UTC))),
        ("issues reopened", Told(ISSUE, datetime(2021, 10, 11, 16, 40, 56, tzinfo=UTC))),
        ("issues deleted", Told(ISSUE, None)),
        ("issues locked", Told(ISSUE, None)),
        ("issues transferred", Told("MDExOlB1bGxSZXF1ZXN0MzMyNzAzOTcz", None)),
        ("issue_comment created", None),
        ("ping", None),
    ],
)
def test_github_names_the_issue_by_what_never_changes(name: str, told: Told | None) -> None:
    assert github_told(as_sent(github_samples()[name])) == told


def test_jira_names_the_issue_by_its_number_whatever_its_key() -> None:
    told = jira_told((SAMPLES / "jira.json").read_bytes())

    assert told == Told("10002", datetime(2026, 11, 23, 6, 0, tzinfo=UTC))


def test_a_pull_request_is_no_ticket() -> None:
    sample = github_samples()["issues opened"]
    sample["issue"]["pull_request"] = {"url": "https://api.github.com/repos/acme/shop/pulls/1"}

    assert github_told(as_sent(sample)) is None
