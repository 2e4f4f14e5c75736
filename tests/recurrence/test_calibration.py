"""The installation's own decisions correct how likely *same* is; visibly, and reversibly."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.db import session, transaction
from tracker.errors import NotFoundError
from tracker.models import AuditEntry, Incident, Person, Recurrence, RecurrenceState, Role, Severity, Stage
from tracker.recurrence import calibration, jobs
from tracker.recurrence.calibration import SHIPPED, Decision, fitted

UNDERRATED: list[Decision] = [(0.2, number % 10 < 6) for number in range(60)]
"""Of what was said to be the same with .2, six of ten were."""


def decide_all(decisions: list[Decision], *, now: datetime) -> None:
    earlier = make.incident("Earlier", declared_at=now - timedelta(days=90))
    with transaction():
        for number, (shipped, is_same) in enumerate(decisions):
            later = make_later(number, now=now)
            session.add(
                Recurrence(
                    later_id=later.id,
                    earlier_id=earlier.id,
                    state=RecurrenceState.SAME if is_same else RecurrenceState.NOT_THE_SAME,
                    stage=Stage.DECLARED,
                    score=shipped,
                    uncalibrated=shipped,
                    found_at=now,
                    decided_at=now,
                )
            )


def make_later(number: int, *, now: datetime) -> Incident:
    later = Incident(number=10_000 + number, title=f"Later {number}", severity=Severity.SEV3, declared_at=now)
    session.add(later)
    session.flush()
    return later


def test_what_was_rated_too_low_is_rated_higher() -> None:
    found = fitted(UNDERRATED)

    assert found.likelihood(0.2) == pytest.approx(0.6, abs=0.06)
    assert found.likelihood(0.1) < found.likelihood(0.3) < found.likelihood(0.9)


def test_a_few_decisions_against_all_odds_keep_the_order() -> None:
    found = fitted([(0.9, False), (0.1, True)] * 30)

    assert found.likelihood(0.1) < found.likelihood(0.9)


def test_decisions_as_promised_change_little() -> None:
    found = fitted([(0.5, number % 2 == 0) for number in range(60)])

    assert found.likelihood(0.5) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("number", "fits"), [(49, 0), (50, 1)])
def test_from_fifty_decisions_on_it_is_fitted(app: Flask, now: datetime, number: int, fits: int) -> None:
    decide_all(UNDERRATED[:number], now=now)

    jobs.calibrate(now)
    jobs.calibrate(now)

    assert [fit.decisions for fit in calibration.fits()] == [50] * fits


def test_a_fit_is_in_use_and_says_how_much_better_it_is(app: Flask, now: datetime) -> None:
    decide_all(UNDERRATED, now=now)

    jobs.calibrate(now)

    (fit,) = calibration.fits()
    assert (fit.decisions, fit.same, fit.is_in_use) == (60, 36, True)
    assert fit.error_after < fit.error_before
    assert calibration.calibration_in_use().likelihood(0.2) > 0.5


def test_a_person_can_go_back_and_on_again(app: Flask, now: datetime, admin: Person) -> None:
    decide_all(UNDERRATED, now=now)
    jobs.calibrate(now)
    (fit,) = calibration.fits()

    with transaction():
        calibration.use_shipped(by=admin, now=now)
    off = calibration.calibration_in_use()
    with transaction():
        calibration.use_fit(fit.id, by=admin, now=now)

    assert (off, calibration.calibration_in_use().slope) == (SHIPPED, fit.slope)


def test_what_a_person_chose_stays_when_more_is_decided(app: Flask, now: datetime, admin: Person) -> None:
    decide_all(UNDERRATED[:50], now=now)
    jobs.calibrate(now)
    with transaction():
        calibration.use_shipped(by=admin, now=now)
        for fit in calibration.fits():
            fit.decisions = 20

    jobs.calibrate(now)

    assert len(calibration.fits()) == 2
    assert calibration.calibration_in_use() == SHIPPED


def test_of_those_who_fit_and_choose_at_the_same_moment_one_is_obeyed(app: Flask, now: datetime, admin: Person) -> None:
    decide_all(UNDERRATED[:50], now=now)
    start, other = Barrier(4), make.person("Cleo", role=Role.ADMIN)

    def at_once(work: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                work()
            finally:
                session.remove()

    def choose(by: Person, *, is_shipped: bool) -> None:
        with transaction():
            if is_shipped:
                calibration.use_shipped(by=by, now=now)
            else:
                calibration.use_fit(1, by=by, now=now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(at_once, [lambda: jobs.calibrate(now)] * 4))
        (fit,) = calibration.fits()
        choices = [(admin, True), (other, False), (admin, False), (other, True)]
        list(pool.map(at_once, [partial(choose, by, is_shipped=is_shipped) for by, is_shipped in choices]))
    session.rollback()

    last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    (fit,) = calibration.fits()
    assert last is not None
    assert (last.person_id, last.subject == "calibration 1") == (fit.chosen_by_id, fit.is_in_use)


def test_a_fit_that_is_not_there_is_told(app: Flask, now: datetime, admin: Person) -> None:
    with pytest.raises(NotFoundError, match="no such calibration"), transaction():
        calibration.use_fit(99, by=admin, now=now)


def test_an_administrator_chooses_what_is_in_use_and_it_is_noted(admin_browser: Browser, now: datetime) -> None:
    decide_all(UNDERRATED[:12], now=now)
    make.calibration_fit(decisions=50, is_in_use=False)
    make.calibration_fit(decisions=70, slope=1.0, shift=1.0)

    first = admin_browser.get("/settings/calibration")
    second = first.submit("Use the calibration from 50 decisions")
    third = second.submit("Use the likelihoods that came with the program")

    assert "12 decisions so far, 8 of them same" in first.text
    assert "The next calibration is made with 84 decisions." in first.text
    assert "20 % becomes 40 %" in first.text
    assert "The calibration from 50 decisions is in use." in second.flashes
    assert "chose what is in use" in second.text
    assert calibration.calibration_in_use() == SHIPPED
    assert "As it came with the program" in third.text
    notes = session.scalars(select(AuditEntry).where(AuditEntry.action == "choose_calibration"))
    assert [note.subject for note in notes] == ["calibration 1", "the shipped calibration"]


def test_without_enough_decisions_the_page_says_what_is_used(admin_browser: Browser) -> None:
    assert "From 50 decisions on, yours correct them." in admin_browser.get("/settings/calibration").text
