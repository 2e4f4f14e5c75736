"""Which step of a Jira workflow is taken, and what a project's own names for its states change about that. Pure."""

from __future__ import annotations

from typing import Any

import pytest

from tracker.clients.failures import TransitionMissing
from tracker.clients.jira_workflow import step_to_close, step_to_reopen
from tracker.clients.state_names import meaning
from tracker.clients.tickets import TicketState

pytestmark = pytest.mark.once

DONE, SHIPPED, REJECTED, REVIEW = "Done", "Shipped", "Rejected", "In review"
CATEGORIES = {DONE: "done", SHIPPED: "indeterminate", REJECTED: "indeterminate", REVIEW: "done"}


def ways(*statuses: str, resolutions: tuple[str, ...] = ()) -> list[object]:
    """One to each status; those that Jira counts as done ask for one of the resolutions."""
    return [way(status, resolutions if CATEGORIES[status] == "done" else ()) for status in statuses]


def way(status: str, resolutions: tuple[str, ...]) -> dict[str, Any]:
    allowed = [{"id": name, "name": name} for name in resolutions]
    asked = {"resolution": {"required": True, "allowedValues": allowed}} if allowed else {}
    there = {"name": status, "statusCategory": {"key": CATEGORIES[status]}}
    return {"id": status, "name": f"To {status}", "to": there, "fields": asked}


@pytest.mark.parametrize(
    ("offered", "state", "names", "taken"),
    [
        (ways(SHIPPED, DONE), TicketState.DONE, {}, DONE),
        (ways(SHIPPED, DONE), TicketState.DONE, {"shipped": "done"}, DONE),
        (ways(SHIPPED, REVIEW), TicketState.DONE, {"shipped": "done", "in review": "open"}, SHIPPED),
        (ways(DONE, REJECTED), TicketState.NOT_PLANNED, {"rejected": "not planned"}, REJECTED),
        (ways(REVIEW, DONE), TicketState.DONE, {"in review": "open"}, DONE),
        (ways(DONE, resolutions=("Fixed", "Wontfix")), TicketState.NOT_PLANNED, {}, "Done Wontfix"),
        (
            ways(DONE, resolutions=("Fixed", "Later")),
            TicketState.NOT_PLANNED,
            {"done: later": "not planned"},
            "Done Later",
        ),
        (ways(DONE, resolutions=("Later", "Fixed")), TicketState.DONE, {"done: later": "not planned"}, "Done Fixed"),
    ],
)
def test_the_step_that_closes_is_the_one_that_means_it(
    offered: list[object], state: TicketState, names: dict[str, str], taken: str
) -> None:
    step = step_to_close(offered, state=state, key="OPS-7", names=names)

    assert " ".join([step.transition_id, *(one["name"] for one in step.fields.values())]) == taken


@pytest.mark.parametrize(
    ("offered", "names", "taken"),
    [
        (ways(SHIPPED, REVIEW), {"in review": "open", "shipped": "done"}, REVIEW),
        (ways(DONE, SHIPPED), {}, SHIPPED),
    ],
)
def test_the_step_that_opens_leads_to_what_is_open_there(
    offered: list[object], names: dict[str, str], taken: str
) -> None:
    assert step_to_reopen(offered, key="OPS-7", names=names).transition_id == taken


def test_a_state_that_was_said_to_be_closed_is_no_way_back() -> None:
    with pytest.raises(TransitionMissing, match="Shipped"):
        step_to_reopen(ways(SHIPPED), key="OPS-7", names={"shipped": "done"})


def test_a_name_with_its_resolution_goes_before_the_name_alone() -> None:
    names = {"done": "done", "done: won't do": "not planned"}

    assert [meaning(one, names=names) for one in ("Done: Won't Do", "Done: Fixed", "Open")] == [
        "not planned",
        "done",
        "",
    ]
