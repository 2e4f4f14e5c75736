"""What is a repository and what is a project, wherever it is asked."""

from __future__ import annotations

import pytest

from tracker.clients import github_answers, jira_answers
from tracker.clients.failures import Refused
from tracker.clients.targets import is_target
from tracker.models import TrackerKind

pytestmark = pytest.mark.once


@pytest.mark.parametrize("text", ["acme/shop", "_acme/shop.js", "OPS", "O2_X", "O", "ops", "acme", "a/b/c", "OPS-7"])
@pytest.mark.parametrize("kind", TrackerKind)
def test_what_may_be_saved_as_a_target_is_what_a_client_takes(kind: TrackerKind, text: str) -> None:
    taken_by_client = (github_answers if kind is TrackerKind.GITHUB else jira_answers).target

    if is_target(text, kind=kind):
        assert taken_by_client(text) == text
    else:
        with pytest.raises(Refused):
            taken_by_client(text)


def test_each_kind_of_tracker_has_names_of_its_own() -> None:
    assert [is_target("acme/shop", kind=kind) for kind in (TrackerKind.GITHUB, TrackerKind.JIRA)] == [True, False]
    assert [is_target("OPS", kind=kind) for kind in (TrackerKind.GITHUB, TrackerKind.JIRA)] == [False, True]
