"""Pairs, their incidents, the unfinished business and families, each only for readers who may see both incidents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import (
    ActionItem,
    Answer,
    Comparison,
    Incident,
    IncidentAction,
    Person,
    Postmortem,
    Recurrence,
    RecurrenceState,
    may_see,
)
from tracker.recurrence.repeated import beside
from tracker.recurrence.unfinished import Promise, Stock, began_at, postmortem_words, take_stock
from tracker.references import number_of

PAGE = 30
LISTED = (
    Incident.number,
    Incident.title,
    Incident.severity,
    Incident.phase,
    Incident.is_drill,
    Incident.is_private,
    Incident.declared_at,
    Incident.started_at,
    Incident.is_undated,
)
"""What a list shows of an incident: not its texts."""
_owner, _accepted_by = aliased(Person), aliased(Person)
PROMISED = (
    ActionItem.id,
    ActionItem.number,
    ActionItem.title,
    ActionItem.state,
    ActionItem.kind,
    func.coalesce(_owner.name, ActionItem.owner_text).label("owner"),
    ActionItem.due_on,
    ActionItem.done_at,
    ActionItem.verified_at,
    ActionItem.declined_at,
    ActionItem.declined_reason,
    func.coalesce(_accepted_by.name, "").label("declined_by"),
)
"""The fields of a ``Promise``, read as they are: a page of pairs shows hundreds."""


def may_see_pair(viewer: Person | None) -> ColumnElement[bool]:
    """The condition under which somebody may know of a pair: they may see both incidents, for it quotes both."""
    return (
        exists().where(Incident.id == Recurrence.later_id, may_see(viewer))
        & exists().where(Incident.id == Recurrence.earlier_id, may_see(viewer))
    )  # fmt: skip


def get_pair(recurrence_id: int, *, viewer: Person) -> Recurrence:
    """The pair with both incidents, their services and who decided.

    Raises:
        NotFoundError: there is none, or this reader may not see both incidents.
    """
    query = (
        select(Recurrence)
        .where(Recurrence.id == recurrence_id, may_see_pair(viewer))
        .options(
            # The services are few, and joined they need no statement for each side.
            joinedload(Recurrence.later).joinedload(Incident.services),
            joinedload(Recurrence.earlier).selectinload(Incident.services),
            joinedload(Recurrence.decided_by),
            selectinload(Recurrence.verdicts),
        )
    )
    pair = session.scalars(query).unique().one_or_none()
    if pair is None:
        raise NotFoundError("There is no such pair, or it is not shown to you.")
    return pair


def pair_page(*, viewer: Person, number: int) -> tuple[list[Recurrence], bool]:
    """One page of pairs, those to decide first, and whether there is a next one."""
    is_decided = case((Recurrence.state == RecurrenceState.SUSPECTED, 0), else_=1)
    newest = case((Recurrence.state == RecurrenceState.SUSPECTED, Recurrence.found_at), else_=Recurrence.decided_at)
    order = (is_decided, newest.desc(), Recurrence.id.desc())
    # All pairs are sorted, so first their ids alone: with their texts it takes three times as long.
    shown = select(Recurrence.id).where(may_see_pair(viewer)).order_by(*order)
    shown = shown.limit(PAGE + 1).offset((number - 1) * PAGE)
    query = (
        select(Recurrence)
        .where(Recurrence.id.in_(select(shown.subquery().c.id)))
        .order_by(*order)
        .options(
            joinedload(Recurrence.later).load_only(*LISTED),
            joinedload(Recurrence.earlier).load_only(*LISTED),
            joinedload(Recurrence.decided_by).load_only(Person.name),
        )
    )
    found = list(session.scalars(query))
    return found[:PAGE], len(found) > PAGE


def pairs_of(incident: Incident, *, viewer: Person) -> list[Recurrence]:
    """The pairs in which this incident is the later one, the likeliest first."""
    query = (
        select(Recurrence)
        .where(Recurrence.later_id == incident.id, may_see_pair(viewer))
        .options(joinedload(Recurrence.earlier), joinedload(Recurrence.decided_by))
        .order_by(case((Recurrence.state == RecurrenceState.NOT_THE_SAME, 1), else_=0), Recurrence.score.desc())
    )
    return list(session.scalars(query))


@dataclass(frozen=True)
class Compared:
    """How far the comparison of an incident has got."""

    is_waiting: bool
    compared_with: int | None
    """``None``: it was never compared."""


def comparison_of(incident: Incident) -> Compared:
    rows = list(session.scalars(select(Comparison).where(Comparison.incident_id == incident.id)))
    done = [row.compared_with for row in rows if row.done_at is not None]
    return Compared(any(row.done_at is None for row in rows), max(done, default=None))


def stocks(pairs: Sequence[Recurrence], *, today: date) -> dict[int, Stock]:
    """For each pair what became of the earlier incident's items, in two queries however many pairs."""
    earlier_ids = {pair.earlier_id for pair in pairs}
    promises, postmortems = promises_of(earlier_ids), postmortems_of(earlier_ids)
    return {
        pair.id: take_stock(
            promises.get(pair.earlier_id, []),
            came_back=began_at(pair.later),
            today=today,
            postmortem=postmortems.get(pair.earlier_id, ""),
        )
        for pair in pairs
    }


@dataclass(frozen=True)
class Business:
    """What became of the earlier incident's items, and what the later one asks for already."""

    stock: Stock
    linked: set[int]


def business_of(pair: Recurrence, *, cause: str, viewer: Person | None, today: date) -> Business:
    """The same for one pair, with what this reader may see around it: the same promise elsewhere, and the new cause."""
    promises = promises_of([pair.earlier_id, pair.later_id])
    stock = take_stock(
        promises.get(pair.earlier_id, []),
        came_back=began_at(pair.later),
        today=today,
        postmortem=postmortems_of([pair.earlier_id]).get(pair.earlier_id, ""),
        beside=beside(pair.later, earlier_id=pair.earlier_id, cause=cause, viewer=viewer),
    )
    return Business(stock, {promise.id for promise in promises.get(pair.later_id, [])})


def postmortems_of(incident_ids: Iterable[int]) -> dict[int, str]:
    """For each of these incidents what is unfinished about its postmortem, in words."""
    columns = (Postmortem.incident_id, Postmortem.state, Postmortem.is_required, Postmortem.skipped_reason)
    rows = session.execute(select(*columns).where(Postmortem.incident_id.in_(incident_ids)))
    return {
        row.incident_id: postmortem_words(row.state, is_required=row.is_required, skipped_reason=row.skipped_reason)
        for row in rows
    }


def promises_of(incident_ids: Iterable[int]) -> dict[int, list[Promise]]:
    """The action items of these incidents. Whoever may see the incident may see its items."""
    query = (
        select(IncidentAction.incident_id, *PROMISED)
        .join(ActionItem, ActionItem.id == IncidentAction.action_id)
        .outerjoin(_owner, _owner.id == ActionItem.owner_id)
        .outerjoin(_accepted_by, _accepted_by.id == ActionItem.risk_accepted_by_id)
        .where(IncidentAction.incident_id.in_(incident_ids))
        .order_by(ActionItem.number)
    )
    found: dict[int, list[Promise]] = {}
    for row in session.execute(query).mappings():
        promise = Promise(**{name: value for name, value in row.items() if name != "incident_id"})
        found.setdefault(row["incident_id"], []).append(promise)
    return found


def answers_of(incident_ids: Iterable[int], *questions: str) -> dict[int, dict[str, str]]:
    """What the postmortems of these incidents say to these questions."""
    return answers_and_causes_of(incident_ids, *questions)[0]


def answers_and_causes_of(
    incident_ids: Iterable[int], *questions: str
) -> tuple[dict[int, dict[str, str]], dict[int, str]]:
    """The same, and the cause category of each postmortem that has one."""
    is_asked = (Answer.postmortem_id == Postmortem.id) & Answer.question.in_(questions) & (Answer.text != "")
    query = (
        select(Postmortem.incident_id, Postmortem.cause_category, Answer.question, Answer.text)
        .outerjoin(Answer, is_asked)
        .where(Postmortem.incident_id.in_(incident_ids))
    )
    answers: dict[int, dict[str, str]] = {}
    causes: dict[int, str] = {}
    for row in session.execute(query):
        if row.cause_category is not None:
            causes[row.incident_id] = row.cause_category.value
        if row.question is not None:
            answers.setdefault(row.incident_id, {})[row.question] = row.text
    return answers, causes


def visible_incidents(incident_ids: Iterable[int], *, viewer: Person | None) -> dict[int, Incident]:
    """Those of these incidents that a reader may see, with their services."""
    query = select(Incident).where(Incident.id.in_(incident_ids), may_see(viewer))
    return {one.id: one for one in session.scalars(query.options(selectinload(Incident.services)))}


def all_incidents(incident_ids: Iterable[int]) -> dict[int, Incident]:
    """For the command line, whose reader administers the machine: private ones too."""
    return {one.id: one for one in session.scalars(select(Incident).where(Incident.id.in_(incident_ids)))}


def get_any_incident(ref: str) -> Incident:
    """The incident, private or not; for the command line.

    Raises:
        NotFoundError: there is none.
    """
    incident = session.scalar(select(Incident).where(Incident.number == number_of(ref, prefix="INC")))
    if incident is None:
        raise NotFoundError(f"There is no incident {ref}. A reference looks like INC-42.")
    return incident
