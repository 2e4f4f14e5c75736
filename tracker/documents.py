"""Reads the rows of whole incidents, many at once: for the postmortem page and for every export."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.db import session
from tracker.markdown_documents import IncidentDocument
from tracker.models import (
    ActionItem,
    ActionTicket,
    Answer,
    ContributingFactor,
    Incident,
    IncidentAction,
    Postmortem,
    RoleAssignment,
    Ticket,
    TimelineEntry,
    Why,
)

BEGINNING = datetime.min.replace(tzinfo=UTC)
Row = TypeVar("Row")


def documents_of(incidents: Sequence[Incident]) -> list[IncidentDocument]:
    """One document an incident, in their order, with the same number of queries however many.

    The caller has made sure that the reader may see these incidents; their items are visible through them. Give at
    most a few hundred at once, and incidents whose services are loaded.
    """
    ids = [incident.id for incident in incidents]
    postmortems = {
        row.incident_id: row
        for row in session.scalars(
            select(Postmortem)
            .where(Postmortem.incident_id.in_(ids))
            .options(joinedload(Postmortem.lead), joinedload(Postmortem.skipped_by), joinedload(Postmortem.template))
        )
    }
    written = [row.id for row in postmortems.values()]
    (answers, headings), whys, factors = answers_of(written), whys_of(written), factors_of(written)
    entries, roles, (items, tickets) = entries_of(ids), roles_of(ids), items_and_tickets_of(ids)
    documents = []
    for incident in incidents:
        postmortem = postmortems.get(incident.id)
        key = postmortem.id if postmortem else 0
        documents.append(
            IncidentDocument(
                incident=incident,
                postmortem=postmortem,
                answers=answers.get(key, {}),
                own_headings=headings.get(key, {}),
                entries=entries.get(incident.id, []),
                roles=roles.get(incident.id, []),
                whys=whys.get(key, []),
                factors=factors.get(key, []),
                items=items.get(incident.id, []),
                tickets=tickets,
            )
        )
    return documents


def answers_of(postmortem_ids: Iterable[int]) -> tuple[dict[int, dict[str, str]], dict[int, dict[str, str]]]:
    """The texts that are not empty, and how the installation's own questions read: by postmortem and question."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    headings: dict[int, dict[str, str]] = defaultdict(dict)
    rows = (
        select(Answer.postmortem_id, Answer.question, Answer.text, Answer.heading)
        .where(Answer.postmortem_id.in_(list(postmortem_ids)), Answer.text != "")
        .order_by(Answer.question)
    )
    for postmortem_id, question, text, heading in session.execute(rows):
        found[postmortem_id][question] = text
        if heading:
            headings[postmortem_id][question] = heading
    return found, headings


def whys_of(postmortem_ids: Iterable[int]) -> dict[int, list[Why]]:
    found: dict[int, list[Why]] = defaultdict(list)
    asked = select(Why).where(Why.postmortem_id.in_(list(postmortem_ids))).options(joinedload(Why.items))
    rows = asked.order_by(Why.position, Why.id)
    for row in session.scalars(rows).unique():
        found[row.postmortem_id].append(row)
    return found


def factors_of(postmortem_ids: Iterable[int]) -> dict[int, list[ContributingFactor]]:
    found: dict[int, list[ContributingFactor]] = defaultdict(list)
    rows = (
        select(ContributingFactor)
        .where(ContributingFactor.postmortem_id.in_(list(postmortem_ids)))
        .order_by(ContributingFactor.position, ContributingFactor.id)
    )
    for row in session.scalars(rows):
        found[row.postmortem_id].append(row)
    return found


def entries_of(incident_ids: Iterable[int]) -> dict[int, list[TimelineEntry]]:
    """The timelines without what was taken out, each in its order."""
    found: dict[int, list[TimelineEntry]] = defaultdict(list)
    rows = (
        select(TimelineEntry)
        .where(TimelineEntry.incident_id.in_(list(incident_ids)), TimelineEntry.removed_at.is_(None))
        .options(joinedload(TimelineEntry.author))
        .order_by(TimelineEntry.position, TimelineEntry.id)
    )
    for row in session.scalars(rows):
        found[row.incident_id].append(row)
    return {incident_id: in_order(group) for incident_id, group in found.items()}


def in_order(entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """By time; an entry whose time is not known stays behind the one it was written after."""
    known = BEGINNING
    keyed = []
    for entry in entries:
        known = entry.at or known
        keyed.append((known, entry))
    return [entry for _, entry in sorted(keyed, key=lambda pair: pair[0])]


def roles_of(incident_ids: Iterable[int]) -> dict[int, list[RoleAssignment]]:
    found: dict[int, list[RoleAssignment]] = defaultdict(list)
    rows = (
        select(RoleAssignment)
        .where(RoleAssignment.incident_id.in_(list(incident_ids)))
        .options(joinedload(RoleAssignment.person))
        .order_by(RoleAssignment.since, RoleAssignment.id)
    )
    for row in session.scalars(rows):
        found[row.incident_id].append(row)
    return found


def items_and_tickets_of(incident_ids: Iterable[int]) -> tuple[dict[int, list[ActionItem]], dict[int, list[Ticket]]]:
    """The items by incident, and the tickets by item. What several incidents ask for has its tickets once."""
    items: dict[int, dict[int, ActionItem]] = defaultdict(dict)
    tickets: dict[int, dict[int, Ticket]] = defaultdict(dict)
    rows = (
        select(IncidentAction.incident_id, ActionItem, Ticket)
        .join(ActionItem, ActionItem.id == IncidentAction.action_id)
        .outerjoin(ActionTicket, ActionTicket.action_id == ActionItem.id)
        .outerjoin(Ticket, Ticket.id == ActionTicket.ticket_id)
        .where(IncidentAction.incident_id.in_(list(incident_ids)))
        .options(joinedload(ActionItem.owner), joinedload(ActionItem.team))
        .order_by(ActionItem.number, Ticket.id)
    )
    for incident_id, item, ticket in session.execute(rows):
        items[incident_id][item.id] = item
        if ticket is not None:
            tickets[item.id][ticket.id] = ticket
    return _as_lists(items), _as_lists(tickets)


def _as_lists(groups: dict[int, dict[int, Row]]) -> dict[int, list[Row]]:
    return {key: list(group.values()) for key, group in groups.items()}
