"""The report on the command line."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from click.testing import CliRunner
from flask import Flask

from tests import make
from tracker.cli import main
from tracker.models import ActionState, ReportSubscription


def test_what_was_mailed_is_counted_in_words(app: Flask, set_clock: Callable[[datetime], None]) -> None:
    set_clock(datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    make.save(ReportSubscription(person_id=make.person().id, weekday=0, hour=8))

    first, second = (CliRunner().invoke(main, ("report", "weekly", "--send"), obj=lambda: app) for _ in range(2))

    assert first.stdout == "1 report mail written, for the worker to deliver.\n"
    assert second.stdout == "0 report mails written, for the worker to deliver.\n"


def test_a_declined_item_is_told_with_the_day_to_look_again(app: Flask, set_clock: Callable[[datetime], None]) -> None:
    set_clock(datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    make.action(
        "Second cache",
        state=ActionState.DECLINED,
        declined_reason="The service goes away.",
        declined_at=make.NOW,
        due_on=date(2026, 11, 1),
        look_again_on=date(2026, 11, 27),
    )

    told = CliRunner().invoke(main, ("report", "weekly", "--format", "text"), obj=lambda: app).stdout

    assert "AI-1 Second cache (No owner, declined, to look at again on 27 Nov 2026)" in told
