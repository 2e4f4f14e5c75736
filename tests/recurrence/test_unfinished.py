"""What became of the promises of an earlier incident, in words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tracker.models import ActionKind, ActionState, PostmortemState
from tracker.recurrence.unfinished import Promise, postmortem_words, take_stock

BACK = datetime(2026, 11, 1, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def promise(number: int = 1, state: ActionState = ActionState.OPEN, **columns: object) -> Promise:
    values: dict[str, object] = {"id": number, "number": number, "title": f"Promise {number}", "state": state}
    return Promise(**values | columns)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (promise(due_on=date(2026, 10, 21), owner="Ana"), "overdue by 33 days, Ana"),
        (promise(due_on=TODAY, owner="Ana"), "open, due 23 Nov 2026, Ana"),
        (promise(), "open, without a date, nobody owns it"),
        (promise(state=ActionState.IN_PROGRESS, owner="Bo"), "in progress, without a date, Bo"),
        (promise(state=ActionState.DID_NOT_HOLD, owner="Bo"), "was done and did not hold, Bo"),
        (promise(state=ActionState.DONE, done_at=BACK - timedelta(days=1)), "done on 31 Oct 2026, but not verified"),
        (promise(state=ActionState.DONE, done_at=BACK + timedelta(days=1)), "done since, on 2 Nov 2026; not verified"),
        (promise(state=ActionState.VERIFIED, verified_at=BACK - timedelta(days=1)), "verified on 31 Oct 2026"),
        (promise(state=ActionState.VERIFIED, verified_at=BACK + timedelta(days=1)), "verified since, on 2 Nov 2026"),
        (
            promise(state=ActionState.DECLINED, declined_at=BACK, declined_by="Bo", declined_reason="Too dear."),
            "declined on 1 Nov 2026 by Bo because “Too dear”",
        ),
    ],
)
def test_each_promise_says_how_it_stands(one: Promise, words: str) -> None:
    (line,) = take_stock([one], came_back=BACK, today=TODAY).lines

    assert line.words == words


def test_all_of_them_are_one_sentence_with_its_base() -> None:
    promises = [
        promise(1, ActionState.VERIFIED, verified_at=BACK - timedelta(days=9)),
        promise(2, ActionState.VERIFIED, verified_at=BACK - timedelta(days=9)),
        promise(3, ActionState.DONE, done_at=BACK - timedelta(days=3)),
        promise(4, owner="Ana", due_on=date(2026, 10, 21)),
        promise(5, ActionState.DECLINED, declined_at=BACK, declined_by="Bo", declined_reason="Too dear."),
    ]

    sentence = take_stock(promises, came_back=BACK, today=TODAY).sentence

    assert sentence == (
        "Of its 5 items: 2 verified, 1 done but not verified, 1 declined on 1 Nov 2026 by Bo because “Too dear”, "
        "1 overdue by 33 days (Ana)."
    )


def test_nothing_promised_says_so() -> None:
    assert take_stock([], came_back=BACK, today=TODAY).sentence == "No action items came of it."


def test_nothing_is_done_since_while_nothing_came_back() -> None:
    (line,) = take_stock([promise(state=ActionState.DONE, done_at=BACK)], came_back=None, today=TODAY).lines

    assert line.words == "done on 1 Nov 2026, but not verified"


def test_the_unfinished_comes_first_what_prevents_before_what_recovers() -> None:
    promises = [
        promise(1, ActionState.VERIFIED, verified_at=BACK - timedelta(days=9), kind=ActionKind.PREVENT),
        promise(2, kind=ActionKind.RECOVER),
        promise(3, kind=ActionKind.PREVENT),
        promise(4, kind=ActionKind.PREVENT, due_on=TODAY - timedelta(days=9)),
    ]

    lines = take_stock(promises, came_back=BACK, today=TODAY).lines

    assert [line.promise.number for line in lines] == [4, 3, 2, 1]


def test_only_a_changed_state_is_news() -> None:
    def digest(*promises: Promise, today: date = TODAY) -> str:
        return take_stock(promises, came_back=BACK, today=today).digest

    before = digest(promise(1), promise(2))

    assert digest(promise(2), promise(1, title="Other words"), today=TODAY + timedelta(days=99)) == before
    assert digest(promise(1), promise(2, ActionState.IN_PROGRESS)) != before
    assert digest(promise(1)) != before


@pytest.mark.parametrize(
    ("state", "is_required", "words"),
    [
        (PostmortemState.SKIPPED, False, "Its postmortem was skipped: “No time”."),
        (PostmortemState.DRAFT, True, "Its postmortem was not published."),
        (PostmortemState.DRAFT, False, ""),
        (PostmortemState.PUBLISHED, True, ""),
    ],
)
def test_a_postmortem_that_was_not_finished_is_told(state: PostmortemState, is_required: bool, words: str) -> None:
    assert postmortem_words(state, is_required=is_required, skipped_reason="No time.") == words
