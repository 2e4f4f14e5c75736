"""What a ticket's state means for an item, as a table."""

import pytest

from tracker.models import ActionState as A
from tracker.models import TicketState as T
from tracker.sync.following.states import Step, sentence_for, step_for

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("item", "applied", "ticket", "step"),
    [
        (A.OPEN, T.OPEN, T.DONE, Step.FINISH),
        (A.IN_PROGRESS, T.OPEN, T.DONE, Step.FINISH),
        (A.DID_NOT_HOLD, T.OPEN, T.DONE, Step.FINISH),
        (A.OPEN, None, T.DONE, Step.FINISH),
        (A.DID_NOT_HOLD, T.DONE, T.DONE, Step.NOTHING),
        (A.DONE, T.OPEN, T.DONE, Step.NOTE),
        (A.VERIFIED, T.OPEN, T.DONE, Step.NOTE),
        (A.DECLINED, T.OPEN, T.DONE, Step.NOTE),
        (A.OPEN, T.OPEN, T.NOT_PLANNED, Step.NOTE),
        (A.OPEN, T.OPEN, T.DUPLICATE, Step.NOTE),
        (A.DONE, T.DONE, T.OPEN, Step.REOPEN),
        (A.VERIFIED, T.DONE, T.OPEN, Step.NOTE),
        (A.DECLINED, T.NOT_PLANNED, T.OPEN, Step.NOTE),
        (A.DONE, T.NOT_PLANNED, T.OPEN, Step.NOTE),
        (A.DONE, None, T.OPEN, Step.NOTHING),
        (A.OPEN, None, T.OPEN, Step.NOTHING),
    ],
)
def test_an_item_takes_over_what_changed_in_its_ticket(item: A, applied: T | None, ticket: T, step: Step) -> None:
    assert step_for(item, applied=applied, ticket=ticket) is step


def test_an_item_is_done_only_when_all_its_known_tickets_are() -> None:
    assert step_for(A.OPEN, applied=T.OPEN, ticket=T.DONE, others=[T.DONE, T.OPEN]) is Step.NOTE
    assert step_for(A.OPEN, applied=T.OPEN, ticket=T.DONE, others=[T.DONE, T.NOT_PLANNED]) is Step.NOTE
    assert step_for(A.OPEN, applied=T.OPEN, ticket=T.DONE, others=[T.DONE]) is Step.FINISH


def test_the_sentence_says_where_it_was_closed_and_what_to_do() -> None:
    def said(ticket: T, *, item: A = A.OPEN, step: Step = Step.NOTE) -> str:
        return sentence_for(step, ticket=ticket, item=item, tracker="GitHub", key="acme/shop#12")

    assert said(T.DONE, step=Step.FINISH) == "Closed in GitHub (acme/shop#12)."
    assert said(T.DONE) == "Closed in GitHub (acme/shop#12). The item's other tickets are not done yet."
    assert said(T.NOT_PLANNED).endswith("Decline it here with a reason, or open it again there.")
    assert said(T.OPEN, item=A.VERIFIED).endswith("It stays verified; look whether it still holds.")
