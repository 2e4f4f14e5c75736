"""The rollback decision: what the answers come down to, and that the decision is on the timeline."""

import pytest
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.db import session
from tracker.incidents.rollback import AGAINST, CHECKED, FOR, QUESTIONS, Advice, Question, Reply, advise
from tracker.models import EntryKind, Phase, TimelineEntry

CLEAR = (
    {one.key: Reply.YES for one in FOR}
    | {one.key: Reply.NO for one in AGAINST}
    | {one.key: Reply.YES for one in CHECKED}
)


def test_a_clear_case_is_rolled_back() -> None:
    decision = advise(CLEAR)

    assert (decision.advice, decision.check_first) == (Advice.ROLL_BACK, ())
    assert decision.sentence.startswith("Roll back: a recent change is the likely cause; rolling back is low-risk")


@pytest.mark.parametrize("question", AGAINST, ids=lambda one: one.key)
def test_one_thing_against_it_is_enough(question: Question) -> None:
    decision = advise(CLEAR | {question.key: Reply.YES})

    assert decision.advice is Advice.DO_NOT
    assert decision.reasons == (question.reason,)


@pytest.mark.parametrize("question", [*FOR, *AGAINST], ids=lambda one: one.key)
def test_in_doubt_the_fastest_reversible_step_is_advised(question: Question) -> None:
    decision = advise(CLEAR | {question.key: Reply.NOT_SURE})

    assert decision.advice is Advice.REVERSIBLE
    assert decision.reasons == (question.unsure,)


def test_nothing_known_is_doubt() -> None:
    assert advise({}).advice is Advice.REVERSIBLE


def test_a_risky_rollback_of_what_may_not_be_the_cause_is_advised_against() -> None:
    decision = advise(CLEAR | {"likely_cause": Reply.NOT_SURE, "low_risk": Reply.NO})

    assert decision.advice is Advice.DO_NOT
    assert "not sure that the change is the cause" in decision.sentence


def test_what_nobody_has_verified_is_to_be_verified_first() -> None:
    decision = advise(CLEAR | {"known_good": Reply.NOT_SURE})

    assert (decision.advice, decision.check_first) == (Advice.ROLL_BACK, ("that the target is a known-good state",))


def test_a_target_that_is_not_good_speaks_against_it() -> None:
    assert advise(CLEAR | {"known_good": Reply.NO}).advice is Advice.DO_NOT


def test_the_decision_stands_on_the_timeline_with_the_advice(browser: Browser) -> None:
    make.incident("Checkout answers 503", phase=Phase.TRIAGED)
    page = browser.get("/incidents/INC-1").click("Roll back? Think it through in a minute")
    page = page.submit("What do you advise?", **{key: reply.value for key, reply in CLEAR.items()})
    assert "The advice: roll back" in page.text

    page = page.submit("Note the decision", chosen="we roll back", note="To 4.1.")

    entry = session.scalars(select(TimelineEntry)).one()
    assert entry.kind is EntryKind.DECISION
    assert entry.text.startswith(
        "We roll back: To 4.1. The answers said: roll back: a recent change is the likely cause"
    )
    assert "Your decision stands on the timeline" in page.flashes


def test_advice_alone_writes_nothing(browser: Browser) -> None:
    make.incident(phase=Phase.TRIAGED)
    page = browser.get("/incidents/INC-1/rollback").submit("What do you advise?")

    assert "When in doubt" in page.text
    assert session.scalars(select(TimelineEntry)).all() == []


def test_a_decision_needs_to_be_chosen_and_the_answers_stay(browser: Browser) -> None:
    make.incident(phase=Phase.TRIAGED)
    page = browser.get("/incidents/INC-1/rollback").submit("What do you advise?", migrations="yes")

    page = page.submit("Note the decision")

    assert page.status == 422
    assert "Choose what you decide." in page.text
    assert "data migrations cannot be undone" in page.text.lower()
    assert len(QUESTIONS) == 10
