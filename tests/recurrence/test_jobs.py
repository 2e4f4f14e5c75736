"""Comparing in the background, and the alert that brings the unfinished business."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.recurrence.conftest import SUMMARY, TITLE, Ask, pairs, read_by_index
from tracker.db import session, transaction
from tracker.models import (
    CauseCategory,
    Comparison,
    ContributingFactor,
    Incident,
    Person,
    Phase,
    PostmortemState,
    RecurrenceState,
    Service,
    Stage,
    TimelineEntry,
    Why,
)
from tracker.recurrence import jobs, operations
from tracker.recurrence.described import described_incidents


def test_a_repeat_is_suspected_with_its_reasons(earlier: Incident, later: Incident, ask: Ask, now: datetime) -> None:
    ask(later)

    jobs.compare_due(now)

    (pair,) = pairs()
    assert (pair.later_id, pair.earlier_id, pair.state) == (later.id, earlier.id, RecurrenceState.SUSPECTED)
    assert "same service: Checkout" in pair.reasons
    assert any(reason.startswith("shared rare words: ") and "ledger" in reason for reason in pair.reasons)
    assert ["ledger", 1] in pair.shared_terms
    assert pair.compared_with == 6


def test_an_incident_like_no_other_makes_no_pair(earlier: Incident, ask: Ask, checkout: Service, now: datetime) -> None:
    other = make.incident("Payslips are late", summary="The bank holiday calendar was missing.", services=[checkout])
    ask(other)

    jobs.compare_due(now)

    assert pairs() == []
    row = session.get_one(Comparison, (other.id, Stage.DECLARED))
    assert (row.done_at, row.compared_with) == (now, 6)


def test_a_drill_is_never_compared_with(others: list[Incident], ask: Ask, checkout: Service, now: datetime) -> None:
    make.incident(TITLE, summary=SUMMARY, services=[checkout], is_drill=True, declared_at=now - timedelta(days=9))
    real = make.incident(TITLE, summary=SUMMARY, services=[checkout])
    ask(real)

    jobs.compare_due(now)

    assert pairs() == []
    assert session.get_one(Comparison, (real.id, Stage.DECLARED)).compared_with == len(others)


def test_a_drill_makes_no_pair(earlier: Incident, ask: Ask, checkout: Service, now: datetime) -> None:
    drill = make.incident(TITLE, summary=SUMMARY, services=[checkout], is_drill=True)
    ask(drill)

    jobs.compare_due(now)

    assert pairs() == []
    assert session.get_one(Comparison, (drill.id, Stage.DECLARED)).done_at == now


def test_what_is_later_is_no_suspect(later: Incident, earlier: Incident, ask: Ask, now: datetime) -> None:
    ask(earlier)

    jobs.compare_due(now)

    assert pairs() == []


def test_the_written_cause_finds_what_other_words_hid(
    others: list[Incident], ask: Ask, checkout: Service, now: datetime
) -> None:
    cause = "Vacuum never reached the partitioned audit table, so transaction ids ran towards wraparound."
    first = make.incident("Orders fail", services=[checkout], declared_at=now - timedelta(days=200))
    second = make.incident("Basket page stays blank", services=[checkout])
    for one in (first, second):
        made = make.postmortem(one, cause_category=CauseCategory.RESOURCE_EXHAUSTION)
        make.answer(made, "root_causes", cause)
    ask(second, stage=Stage.POSTMORTEM)

    jobs.compare_due(now)

    (pair,) = pairs()
    assert (pair.earlier_id, pair.stage) == (first.id, Stage.POSTMORTEM)
    assert "same cause: resource exhaustion" in pair.reasons


def test_what_is_noted_in_the_first_minutes_finds_what_the_title_hid(
    earlier: Incident, ask: Ask, checkout: Service, now: datetime
) -> None:
    incident = make.incident("Checkout is down", services=[checkout])
    ask(incident)
    jobs.compare_due(now)
    read_by_index()
    assert pairs() == []

    make.entry(incident, SUMMARY, created_at=now + timedelta(minutes=14))
    jobs.compare_due(now)

    (pair,) = pairs()
    assert pair.earlier_id == earlier.id
    assert any("enqueued" in reason for reason in pair.reasons)


def test_what_is_noted_later_or_by_the_product_itself_is_not_what_was_declared(
    earlier: Incident, ask: Ask, now: datetime
) -> None:
    ask(earlier)
    jobs.compare_due(now)

    make.entry(earlier, "Otters in the ledger", created_at=earlier.declared_at + timedelta(minutes=16))
    make.entry(earlier, "Otters, said by a click", created_at=earlier.declared_at, is_automatic=True)
    for number in range(6):
        make.entry(earlier, f"Note {'abcdef'[number] * 3}", created_at=earlier.declared_at)
    jobs.look_for_differences(now)

    (described,) = described_incidents([earlier.id])
    assert described.entries == "Note aaa\nNote bbb\nNote ccc\nNote ddd\nNote eee"


def test_what_the_product_noted_is_compared_once_somebody_put_it_in_other_words(
    browser: Browser, now: datetime
) -> None:
    make.entry(make.incident(), "Incident declared", created_at=now, is_automatic=True)
    page = browser.get("/incidents/INC-1").click("Correct")

    texts = []
    for words in ("Incident declared", "Otters gnaw at the ledger"):
        page.submit("Save", text=words)
        texts.append(next(iter(described_incidents([1]))).entries)

    assert texts == ["", "Otters gnaw at the ledger"]


def test_whatever_is_written_that_is_compared_has_it_compared_again(
    earlier: Incident, ask: Ask, checkout: Service, now: datetime
) -> None:
    ask(earlier)
    postmortem = make.postmortem(earlier, state=PostmortemState.DRAFT)
    entry = make.entry(earlier, "The vacuum of otters", created_at=earlier.declared_at)
    jobs.compare_due(now)
    assert due() == []

    make.save(Why(postmortem_id=postmortem.id, position=0, claim="Nobody watches locks"))
    assert due() == [Stage.POSTMORTEM]
    make.save(ContributingFactor(postmortem_id=postmortem.id, text="The canary slept"))
    assert due() == [Stage.POSTMORTEM]
    make.answer(postmortem, "contributing_factors", "A holiday")
    assert due() == [Stage.POSTMORTEM]
    with transaction():
        session.get_one(TimelineEntry, entry.id).text = "The vacuum of badgers"
    assert due() == [Stage.DECLARED, Stage.POSTMORTEM]
    with transaction():
        session.get_one(TimelineEntry, entry.id).removed_at = now
    assert due() == [Stage.DECLARED, Stage.POSTMORTEM]
    with transaction():
        session.get_one(TimelineEntry, entry.id).is_starred = True
        session.get_one(Service, checkout.id).name = "Till"
    assert due() == []


def due() -> list[Stage]:
    """What the index asks for once it has read what changed; then it is compared."""
    read_by_index()
    session.rollback()
    asked = list(session.scalars(select(Comparison.stage).where(Comparison.done_at.is_(None))))
    jobs.compare_due(make.NOW)
    return sorted(asked)


def test_comparing_again_keeps_one_pair(earlier: Incident, later: Incident, ask: Ask, now: datetime) -> None:
    ask(later)
    jobs.compare_due(now)
    with transaction():
        session.get_one(Incident, later.id).summary = SUMMARY + " The autovacuum was off."
    ask(later)

    jobs.compare_due(now)

    assert [(pair.later_id, pair.earlier_id) for pair in pairs()] == [(later.id, earlier.id)]


def test_a_decided_pair_is_not_asked_again(
    earlier: Incident, later: Incident, ask: Ask, responder: Person, now: datetime
) -> None:
    make.recurrence(later, earlier, state=RecurrenceState.NOT_THE_SAME, decided_at=now, reasons=["as it was decided"])
    ask(later)

    jobs.compare_due(now)

    (pair,) = pairs()
    assert (pair.state, pair.reasons) == (RecurrenceState.NOT_THE_SAME, ["as it was decided"])


def test_of_a_family_only_one_is_asked_about(
    earlier: Incident, later: Incident, ask: Ask, checkout: Service, responder: Person, now: datetime
) -> None:
    second = make.incident(TITLE, summary=SUMMARY, services=[checkout], declared_at=now - timedelta(days=30))
    pair = make.recurrence(second, earlier)
    with transaction():
        operations.decide(session.merge(pair), RecurrenceState.SAME, why="", by=responder, now=now)
    ask(later)

    jobs.compare_due(now)

    assert len([pair for pair in pairs() if pair.later_id == later.id]) == 1


def test_the_third_time_is_as_loud_while_the_second_still_waits_for_its_decision(
    earlier: Incident, ask: Ask, checkout: Service, now: datetime
) -> None:
    for days in (30, 0):
        ask(make.incident(TITLE, summary=SUMMARY, services=[checkout], declared_at=now - timedelta(days=days)))
        jobs.compare_due(now)

    assert [pair.state for pair in pairs()] == [RecurrenceState.SUSPECTED] * 2
    assert len({pair.later_id for pair in pairs()}) == 2


def test_who_asks_again_while_it_is_compared_is_compared_again(
    earlier: Incident, later: Incident, ask: Ask, now: datetime
) -> None:
    ask(later)
    with transaction():
        claim = operations.claim_comparison(now=now)
    assert claim is not None
    with transaction():
        session.get_one(Comparison, (later.id, Stage.DECLARED)).asked_at = now + timedelta(seconds=1)

    finding = jobs.find(claim)
    with transaction():
        operations.record_comparison(claim, finding, now=now)

    assert session.get_one(Comparison, (later.id, Stage.DECLARED)).done_at is None


def test_two_workers_never_take_the_same_comparison(later: Incident, ask: Ask, now: datetime) -> None:
    ask(later)

    with transaction():
        first = operations.claim_comparison(now=now)
    with transaction():
        second = operations.claim_comparison(now=now)

    assert (first is not None, second) == (True, None)


def test_a_worker_that_died_gives_its_comparison_back(
    earlier: Incident, later: Incident, ask: Ask, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    ask(later)
    with transaction():
        operations.claim_comparison(now=now)
    done = []

    for minutes in (4, 5):
        set_clock(now + timedelta(minutes=minutes))
        done.append(jobs.compare_due(now))

    assert done == [0, 1]


def test_two_workers_that_find_the_same_pair_write_it_once(
    earlier: Incident, later: Incident, ask: Ask, now: datetime
) -> None:
    ask(later)
    with transaction():
        claim = operations.claim_comparison(now=now)
    assert claim is not None
    read_by_index()
    finding = jobs.find(claim)

    for _worker in range(2):
        with transaction():
            operations.record_comparison(claim, finding, now=now)

    assert len(pairs()) == 1


def test_what_still_goes_on_is_compared_again_once_a_night_and_finds_what_was_not_known_before(
    earlier: Incident,
    later: Incident,
    ask: Ask,
    checkout: Service,
    now: datetime,
    set_clock: Callable[[datetime], None],
) -> None:
    over = make.incident("Over", phase=Phase.RESOLVED)
    practice = make.incident("A practice", is_drill=True)
    with transaction():
        session.get_one(Incident, earlier.id).title = "Lunch is cold"
        session.get_one(Incident, earlier.id).summary = "The oven was off."
    for one in (later, over, practice):
        ask(one)
    jobs.compare_due(now)
    before = len(pairs())
    with transaction():
        session.get_one(Incident, earlier.id).title = TITLE
        session.get_one(Incident, earlier.id).summary = SUMMARY
    tonight = now.replace(hour=3, minute=0) + timedelta(days=1)

    set_clock(tonight)
    asked = [jobs.compare_again(at) for at in (tonight - timedelta(minutes=1), tonight, tonight)]
    jobs.compare_due(tonight)
    asked += [jobs.compare_again(tonight + timedelta(hours=hours)) for hours in (1, 23, 24)]

    assert asked == [0, 1, 0, 0, 0, 1]
    assert (before, [(pair.later_id, pair.earlier_id) for pair in pairs()]) == (0, [(later.id, earlier.id)])


def test_a_second_worker_of_the_same_night_asks_for_nothing_while_the_first_compares(
    later: Incident, ask: Ask, now: datetime
) -> None:
    ask(later)
    jobs.compare_due(now)
    tonight = now + timedelta(days=1)
    asked = [jobs.compare_again(tonight)]
    with transaction():
        claim = operations.claim_comparison(now=tonight)

    asked.append(jobs.compare_again(tonight + timedelta(hours=1)))

    assert asked == [1, 0]
    assert claim is not None
    assert claim.asked_at == tonight
