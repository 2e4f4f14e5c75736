"""Items as CSV: no cell may be taken for a formula, no private incident is named."""

from collections.abc import Iterable, Iterator
from datetime import date

from tracker.actions.queries import ActionRow
from tracker.models import ActionState
from tracker.spreadsheets import csv_line

HEADER = (
    "ref", "title", "state", "priority", "kind", "lever", "owner", "team", "due_on", "days_overdue", "asked_by",
    "incidents", "tickets", "ticket_states", "created_on", "done_on", "verified_on", "evidence",
)  # fmt: skip


def csv_lines(rows: Iterable[ActionRow], *, today: date) -> Iterator[str]:
    """The header and one line an item."""
    yield csv_line(HEADER)
    for row in rows:
        yield csv_line(cells(row, today=today))


def cells(row: ActionRow, *, today: date) -> tuple[str, ...]:
    action = row.action
    return (
        action.ref,
        action.title,
        action.state.value,
        action.priority.value,
        action.kind.value if action.kind else "",
        action.lever.value if action.lever else "",
        action.owner.name if action.owner else action.owner_text,
        action.team.name if action.team else "",
        action.due_on.isoformat() if action.due_on else "",
        str(action.days_overdue(today) or ""),
        str(row.asked_by),
        " ".join(incident.ref or "private" for incident in row.incidents),
        " ".join(ticket.key for ticket in row.tickets),
        ", ".join(f"{ticket.state.value} ({ticket.freshness.value})" for ticket in row.tickets),
        action.created_at.date().isoformat(),
        action.done_at.date().isoformat() if action.done_at else "",
        action.verified_at.date().isoformat() if action.verified_at and action.state is ActionState.VERIFIED else "",
        action.done_evidence,
    )
