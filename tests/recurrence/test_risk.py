"""What a pipeline is told of a service before it deploys."""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests import make
from tests.recurrence.conftest import family_of
from tracker.cli import main
from tracker.errors import NotFoundError
from tracker.models import ActionState, Incident, Person, Phase, Service
from tracker.recurrence.risk import ServiceRisk, service_risk

TODAY = date(2026, 11, 23)


@pytest.fixture
def broke(checkout: Service) -> Incident:
    return make.incident(
        "Checkout answers 503",
        services=[checkout],
        phase=Phase.RESOLVED,
        alert_name="checkout-errors",
        declared_at=make.NOW - timedelta(days=20),
    )


def found(viewer: Person | None = None) -> ServiceRisk:
    return service_risk("checkout", viewer=viewer, now=make.NOW, today=TODAY)


def run(app: Flask, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["risk", *arguments], obj=lambda: app)


def test_open_overdue_and_unverified_items_are_counted_and_the_verified_and_declined_are_not(broke: Incident) -> None:
    done = {"done_at": make.NOW}
    make.action("Late", incidents=(broke,), due_on=TODAY - timedelta(days=9))
    make.action("In time", incidents=(broke,), due_on=TODAY)
    make.action("Broke again", incidents=(broke,), state=ActionState.DID_NOT_HOLD)
    make.action("Done", incidents=(broke,), state=ActionState.DONE, **done)
    make.action("Shown", incidents=(broke,), state=ActionState.VERIFIED, verified_at=make.NOW, **done)
    make.action("No", incidents=(broke,), state=ActionState.DECLINED, declined_reason="Too dear.")

    risk = found()

    assert (risk.open, risk.overdue, risk.did_not_hold, risk.unverified) == (3, 1, 1, 1)
    assert risk.items[0].title == "Late"
    assert risk.sentence == (
        "Checkout: 1 overdue item, 1 fix that did not hold, 3 open items, 1 item done but not verified."
    )


def test_an_item_that_two_incidents_of_the_service_ask_for_counts_once(broke: Incident, checkout: Service) -> None:
    again = make.incident("Again", services=[checkout], phase=Phase.RESOLVED)

    make.action(incidents=(broke, again))

    assert found().open == 1


def test_the_last_triggers_say_what_broke_it_and_whether_it_had_come_back(broke: Incident, checkout: Service) -> None:
    again = make.incident("Again", services=[checkout], phase=Phase.RESOLVED)
    family_of(broke, again)
    make.incident("Long ago", services=[checkout], phase=Phase.CLOSED, declared_at=make.NOW - timedelta(days=91))
    make.incident("Practice", services=[checkout], is_drill=True)
    make.incident("Elsewhere")

    risk = found()

    assert [(one.title, one.came_back) for one in risk.triggers] == [("Again", True), ("Checkout answers 503", True)]
    assert (risk.triggers[1].alert, risk.live, risk.is_at_risk) == ("checkout-errors", 0, False)


def test_private_incidents_and_their_items_are_in_it_only_for_who_may_see_them(
    checkout: Service, admin: Person, responder: Person, broke: Incident
) -> None:
    secret = make.incident("Secret", services=[checkout], is_private=True)
    make.action("Hidden", incidents=(secret,), due_on=TODAY - timedelta(days=3))
    family_of(broke, secret)

    for viewer in (responder, None):
        risk = found(viewer)
        assert (risk.open, risk.live, [one.came_back for one in risk.triggers]) == (0, 0, [False])

    by_admin = found(admin)
    assert (by_admin.overdue, by_admin.live, len(by_admin.triggers)) == (1, 1, 2)


def test_an_unknown_service_says_so(app: Flask) -> None:
    with pytest.raises(NotFoundError, match="There is no service checkout"):
        found()


def test_the_command_tells_a_pipeline_by_its_exit_status(app: Flask, broke: Incident) -> None:
    calm = run(app, "checkout", "--json")
    make.action("Late", incidents=(broke,), due_on=date(2026, 11, 1))
    at_risk = run(app, "checkout")

    assert (calm.exit_code, json.loads(calm.stdout)["at_risk"]) == (0, False)
    assert (at_risk.exit_code, "overdue by 22 days" in at_risk.stdout) == (3, True)
    assert run(app, "nowhere").exit_code == 1
