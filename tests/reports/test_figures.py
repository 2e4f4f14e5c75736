"""Shares, their changes in words, and the rule that chooses the headline."""

from dataclasses import replace

import pytest

from tracker.reports.figures import DEFINITIONS, HEADLINE_RULES, Compared, HeadlineFacts, Share, headline, median_days

pytestmark = pytest.mark.once

CALM = HeadlineFacts(came_back=0, undecided=0, long_overdue=0, overdue=0, late_postmortems=0, incidents=0, verified=0)


def compared(this: Share, before: Share) -> Compared:
    return Compared(DEFINITIONS[0], this, before)


@pytest.mark.parametrize(
    ("share", "said"),
    [(Share(0, 0), "none yet"), (Share(7, 9), "7 of 9"), (Share(7, 10), "70 %"), (Share(2, 3000), "0 %")],
)
def test_under_ten_cases_the_cases_are_shown(share: Share, said: str) -> None:
    assert share.words == said


def test_a_part_is_never_more_than_the_whole() -> None:
    with pytest.raises(ValueError, match="not a share"):
        Share(3, 2)


@pytest.mark.parametrize(
    ("this", "before", "said", "better"),
    [
        (Share(8, 10), Share(15, 20), "5 points up", True),
        (Share(1, 10), Share(2, 20), "as the week before", None),
        (Share(5, 20), Share(6, 20), "5 points down", False),
        (Share(1, 2), Share(1, 4), "the week before: 1 of 4", True),
        (Share(1, 2), Share(0, 0), "no week before to compare with", None),
    ],
)
def test_a_change_is_told_in_words(this: Share, before: Share, said: str, better: bool | None) -> None:
    one = compared(this, before)

    assert (one.change, one.is_better) == (said, better)


def test_fewer_recurrences_are_better() -> None:
    one = Compared(DEFINITIONS[0], Share(1, 10), Share(3, 10), more_is_better=False)

    assert one.is_better is True


def test_the_headline_names_the_worst_first() -> None:
    worst_to_best = [
        replace(CALM, came_back=1, long_overdue=2, late_postmortems=1, undecided=1, overdue=3),
        replace(CALM, long_overdue=2, late_postmortems=1, undecided=1, overdue=3),
        replace(CALM, late_postmortems=1, undecided=1, overdue=3),
        replace(CALM, undecided=1, overdue=3),
        replace(CALM, overdue=3),
        replace(CALM, verified=1),
        replace(CALM, incidents=2),
        CALM,
    ]

    said = [headline(facts) for facts in worst_to_best]

    assert len(HEADLINE_RULES) == len(said)

    assert said == [
        "1 incident came back this week: an earlier one was not followed through.",
        "2 action items are overdue by 30 days or more.",
        "1 required postmortem not published by the due date.",
        "1 possible recurrence waiting for somebody to decide.",
        "3 action items are overdue, none of them for long.",
        "Nothing slipped, and 1 fix shown to work this week.",
        "2 incidents this week, and nothing slipped.",
        "A calm week: no incident, and nothing slipped.",
    ]


def test_the_median_of_nothing_is_not_zero() -> None:
    assert (median_days([]), median_days([1, 4]), median_days([3])) == (None, 2, 3)
