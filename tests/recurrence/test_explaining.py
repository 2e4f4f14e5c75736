"""Why two incidents look alike, in lines that a person can check."""

from datetime import timedelta

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.recurrence.conftest import address, family_of
from tracker.db import session, transaction
from tracker.models import CauseCategory, Incident, Recurrence, Service, Severity
from tracker.recurrence.explaining import Time, differences, explain, family_history, ordinal, shared_words


def test_shared_words_are_told_each_with_how_many_have_it() -> None:
    told = shared_words([["migration", 1], ["enqueued", 3]], compared_with=801)

    assert told == "Shared rare words: migration (in 1), enqueued (in 3) of 801 earlier incidents"


def incident(*services: str, severity: Severity = Severity.SEV2, alert: str = "") -> Incident:
    row = Incident(id=1, number=1, title="T", severity=severity, alert_name=alert)
    row.services = [Service(name=name, slug=name) for name in services]
    return row


@pytest.mark.parametrize(
    ("later", "earlier", "told"),
    [
        (incident("A"), incident("A"), []),
        (incident("A"), incident(), []),
        (incident("A", "B"), incident("A"), ["now B too"]),
        (incident("A"), incident("A", "B"), ["then B too"]),
        (incident("A"), incident("B"), ["then B, now A"]),
        (incident(severity=Severity.SEV1), incident(), ["then SEV2, now SEV1"]),
        (incident(alert="lag"), incident(alert="errors"), ["alert then errors, now lag"]),
        (incident(alert="lag"), incident(), []),
    ],
)
def test_what_differs_is_told_only_where_both_are_known(later: Incident, earlier: Incident, told: list[str]) -> None:
    assert differences(later, earlier, causes={}) == told


def test_the_familys_history_counts_what_came_before() -> None:
    history = [
        Time(f"INC-{number}", make.NOW - timedelta(days=90 - number), is_undated=False) for number in range(1, 7)
    ]
    later = Incident(number=9, declared_at=make.NOW)

    assert family_history(history[:1], before=later) == ""
    assert family_history(history[:2], before=later) == "the 3rd time, after INC-1 (26 Aug 2026), INC-2 (27 Aug 2026)"
    assert family_history(history, before=later).startswith("the 7th time, after 2 more, INC-3 (")


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd")]
)
def test_numbers_stand_in_their_order(number: int, words: str) -> None:
    assert ordinal(number) == words


def test_there_are_never_more_than_five_lines() -> None:
    pair = Recurrence(reasons=[f"same thing {n}" for n in range(9)], shared_terms=[["a", 1]], compared_with=3)
    pair.later, pair.earlier = incident("A", severity=Severity.SEV1), incident("B")
    pair.later.declared_at = make.NOW
    history = [Time(f"INC-{n}", make.NOW - timedelta(days=n), is_undated=False) for n in range(2, 5)]

    assert len(explain(pair, history=history, causes={})) == 4


def test_the_decision_tells_what_is_the_same_what_differs_and_how_often_it_happened(
    browser: Browser, pair: Recurrence, earlier: Incident, later: Incident, others: list[Incident]
) -> None:
    family_of(others[4], earlier)
    make.postmortem(earlier, cause_category=CauseCategory.RECENT_DEPLOY)
    make.postmortem(later, cause_category=CauseCategory.DATA_ISSUE)

    text = browser.get(address(pair)).text

    assert "ledger (in 1), migration (in 1) of 6 earlier incidents" in text
    assert "Different: cause then recent deploy, now data issue" in text
    assert f"the 3rd time, after {others[4].ref}" in text


def test_a_private_relative_is_in_nobody_elses_history(
    app: Flask, browser: Browser, pair: Recurrence, earlier: Incident, others: list[Incident]
) -> None:
    family_of(others[4], earlier)
    with transaction():
        session.get_one(Incident, others[4].id).is_private = True

    page = browser.get(address(pair))

    assert (others[4].ref in page.body, "In this family" in page.text) == (False, False)
