"""A person's items whose tickets are not as they should be, in groups."""

from collections.abc import Sequence

from tracker import words
from tracker.models import ActionItem
from tracker.my_work.shapes import Found, Group, Mark, Row, item_row
from tracker.ticket_troubles import ADVICE, CALM, TicketTrouble


def ticket_group(found: Found) -> Group:
    rows = [
        _trouble_row(item, found, troubles=[one for one in troubles if one not in CALM])
        for item, troubles in found.troubled
        if any(one not in CALM for one in troubles)
    ]
    return Group(
        "Tickets that need a look",
        "What we do not know never counts as done.",
        rows,
        f"{words.count(len(rows), 'ticket needs', 'tickets need')} a look",
    )


def calm_ticket_group(found: Found) -> Group:
    rows = [
        _trouble_row(item, found, troubles=troubles)
        for item, troubles in found.troubled
        if all(one in CALM for one in troubles)
    ]
    return Group("Tickets to know about", "", rows)


def _trouble_row(item: ActionItem, found: Found, *, troubles: Sequence[TicketTrouble]) -> Row:
    worst = troubles[0]
    mark = Mark("failed" if worst not in CALM else worst.value, worst.value.capitalize())
    return item_row(item, found, mark=mark, why=ADVICE[worst], verb="See its tickets")
