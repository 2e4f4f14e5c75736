"""Items that are owed again, and items that nobody owns, in groups."""

from collections.abc import Sequence
from datetime import date

from tracker import words
from tracker.models import ActionItem, ActionState
from tracker.my_work.shapes import Found, Group, Mark, item_row


def failed_group(found: Found, *, today: date) -> Group:
    """Fixes that did not hold, whenever they are due; those that are overdue stand with what is overdue."""
    rows = [
        item_row(
            item,
            found,
            mark=Mark("did_not_hold"),
            why=f"It was done, and it came back all the same. Due on {words.day_text(item.due_on)}."
            if item.due_on
            else "It was done, and it came back all the same. It has no due date.",
            verb="Open item",
        )
        for item in found.due
        if item.state is ActionState.DID_NOT_HOLD and not item.is_overdue(today)
    ]
    return Group("The fix did not hold", "", rows, f"{words.count(len(rows), 'fix', 'fixes')} did not hold")


def nobodys_group(items: Sequence[ActionItem], found: Found, *, today: date) -> Group:
    """For who leads the team, or is in one that nobody leads."""
    rows = [
        item_row(item, found, mark=_mark(item, today=today), why=_why(item), verb="Find an owner") for item in items
    ]
    return Group(
        "Nobody owns these",
        "They are of your team, or of none. Take them, give them to somebody, or decline them with a reason.",
        rows,
        f"{words.count(len(rows), 'item has', 'items have')} no owner",
        "/actions?owner=nobody&team=mine",
        "All items of your teams without an owner",
    )


def _mark(item: ActionItem, *, today: date) -> Mark:
    late = item.days_overdue(today)
    return Mark("overdue", f"{words.count(late, 'day')} overdue") if late else Mark(item.state)


def _why(item: ActionItem) -> str:
    named = f"“{item.owner_text}” is nobody here. " if item.owner_text else ""
    return f"{named}Due on {words.day_text(item.due_on)}." if item.due_on else f"{named}It has no due date."
