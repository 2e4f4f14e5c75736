"""What is asked about action items: their words one by one, and what they amount to together."""

import pytest

from tracker.models import ActionItem, ActionKind, ActionState, Lever, Severity
from tracker.promises import (
    DONE_QUESTION,
    OWNER_QUESTION,
    SEEN_QUESTION,
    SIZE_QUESTION,
    TELLS_QUESTION,
    TITLE_QUESTION,
    VERB_QUESTION,
    Strength,
    done_questions,
    plan_questions,
    questions,
    strength_of,
    title_questions,
)

pytestmark = pytest.mark.once


def item(kind: ActionKind | None = None, lever: Lever | None = None, **columns: object) -> ActionItem:
    return ActionItem(**{"title": "Limit retries", "kind": kind, "lever": lever, "state": ActionState.OPEN} | columns)


def test_a_title_is_asked_for_its_verb_its_object_and_its_size() -> None:
    asked = {
        "Improve": TITLE_QUESTION,
        "Be more careful": TITLE_QUESTION,
        "Ensure": TITLE_QUESTION,
        "Better monitoring": VERB_QUESTION,
        "A second reviewer": VERB_QUESTION,
        "Rewrite the checkout": SIZE_QUESTION,
        "Add alerts to all services": SIZE_QUESTION,
        "Limit retries, and warm the cache, and tell support": SIZE_QUESTION,
    }

    assert {title: title_questions(title) for title in asked} == {title: [one] for title, one in asked.items()}
    assert [title_questions(title) for title in ("Limit retries to ten", "Document the failover", "")] == [[], [], []]


def test_an_item_is_asked_for_a_definition_of_done_that_can_be_seen_and_for_an_owner() -> None:
    assert questions("Limit retries", done_when="") == [DONE_QUESTION]
    assert questions("Limit retries", done_when="It works.", has_owner=False) == [SEEN_QUESTION, OWNER_QUESTION]
    assert questions("Limit retries", done_when="At most ten of forty are retries in the graph") == []
    assert done_questions("") == []


def test_how_strong_a_fix_is_follows_from_its_lever() -> None:
    assert [strength_of(item(lever=lever)) for lever in (Lever.CODE, Lever.TOOLS, Lever.ALERTING, Lever.PROCESS)] == [
        Strength.REMOVES,
        Strength.GUARDS,
        Strength.DETECTS,
        Strength.TELLS,
    ]
    assert {strength_of(item(lever=lever)) for lever in Lever} == set(Strength)
    assert strength_of(item()) is None


def test_a_sev1_is_asked_for_all_three_kinds_and_nobody_for_a_plan_without_items() -> None:
    prevent, detect = item(ActionKind.PREVENT, Lever.CODE), item(ActionKind.DETECT)

    assert len(plan_questions(Severity.SEV1, [prevent])) == 2
    assert plan_questions(Severity.SEV1, [prevent, detect, item(ActionKind.RECOVER)]) == []
    assert len(plan_questions(Severity.SEV2, [detect])) == 1
    assert plan_questions(Severity.SEV3, [detect]) == []
    assert plan_questions(Severity.SEV1, []) == []
    assert plan_questions(Severity.SEV2, [item(ActionKind.PREVENT, state=ActionState.DECLINED)]) == []


def test_a_plan_that_only_tells_people_is_asked_for_something_that_lasts() -> None:
    words = [item(ActionKind.PREVENT, Lever.PROCESS), item(ActionKind.RECOVER, Lever.RUNBOOKS)]

    assert plan_questions(Severity.SEV3, words) == [TELLS_QUESTION]
    assert plan_questions(Severity.SEV3, [*words, item(lever=Lever.TOOLS)]) == []
    assert plan_questions(Severity.SEV3, [*words, item()]) == []
