"""Words in a postmortem that become links when it is read: people by their name, tickets by their key."""

from collections.abc import Iterable, Mapping, Sequence

from flask import url_for
from sqlalchemy import select

from tracker.db import session
from tracker.models import Person, Ticket

MOST = 200
"""Different words that become links on one page."""


def links_of(texts: Iterable[str], tickets: Mapping[int, Sequence[Ticket]]) -> dict[str, str]:
    """``@Ana Lund`` leads to what she has promised; the key of a ticket of these items to the ticket."""
    whole = "\n".join(texts)
    found = {
        ticket.key: ticket.url
        for group in tickets.values()
        for ticket in group
        if ticket.key in whole and ticket.url.startswith(("https://", "http://"))
    }
    if "@" in whole:
        people = session.execute(select(Person.id, Person.name).order_by(Person.name, Person.id))
        for person_id, name in people:
            if name and f"@{name}" in whole:
                found.setdefault(f"@{name}", url_for("actions.index", owner=person_id))
    return dict(list(found.items())[:MOST])
