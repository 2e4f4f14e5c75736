"""Families follow from the decisions: joining, merging and parting."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tracker.db import session, transaction
from tracker.models import Family, FamilyMember, Incident, Person, Recurrence, RecurrenceState
from tracker.recurrence import operations

Decide = Callable[..., Recurrence]


@pytest.fixture
def five(app: Flask, now: datetime) -> list[Incident]:
    return [make.incident(f"Time {number}", declared_at=now - timedelta(days=100 - number)) for number in range(5)]


@pytest.fixture
def same(responder: Person, now: datetime) -> Decide:
    """Decide that two incidents are the same."""

    def decide(earlier: Incident, later: Incident) -> Recurrence:
        pair = make.recurrence(later, earlier)
        with transaction():
            operations.decide(session.get_one(Recurrence, pair.id), RecurrenceState.SAME, why="", by=responder, now=now)
        return pair

    return decide


def families() -> list[set[str]]:
    """The titles of each family's incidents, the oldest family first."""
    session.rollback()
    query = select(FamilyMember.family_id, Incident.title).join(Incident).order_by(FamilyMember.family_id)
    found: dict[int, set[str]] = {key: set() for key in session.scalars(select(Family.id).order_by(Family.id))}
    for row in session.execute(query):
        found[row.family_id].add(row.title)
    return list(found.values())


def undo(pair: Recurrence, *, by: Person, now: datetime) -> None:
    with transaction():
        operations.undo_decision(session.get_one(Recurrence, pair.id), by=by, now=now)


def test_two_that_are_the_same_are_a_family(five: list[Incident], same: Decide) -> None:
    same(five[0], five[1])

    assert families() == [{"Time 0", "Time 1"}]
    assert session.scalars(select(Family.name)).all() == ["Time 0"]


def test_a_third_joins_whichever_of_them_it_is_like(five: list[Incident], same: Decide) -> None:
    same(five[0], five[1])
    same(five[1], five[2])

    assert families() == [{"Time 0", "Time 1", "Time 2"}]


def test_two_families_that_turn_out_the_same_become_the_older_one(five: list[Incident], same: Decide) -> None:
    same(five[0], five[1])
    oldest = session.scalars(select(Family.id)).one()
    same(five[2], five[3])

    same(five[1], five[2])

    assert families() == [{"Time 0", "Time 1", "Time 2", "Time 3"}]
    assert session.scalars(select(Family.id)).all() == [oldest]


def test_related_makes_no_family(five: list[Incident], responder: Person, now: datetime) -> None:
    pair = make.recurrence(five[1], five[0])

    with transaction():
        operations.decide(session.get_one(Recurrence, pair.id), RecurrenceState.RELATED, why="", by=responder, now=now)

    assert families() == []


def test_undoing_the_only_decision_leaves_no_family(
    five: list[Incident], same: Decide, responder: Person, now: datetime
) -> None:
    pair = same(five[0], five[1])

    undo(pair, by=responder, now=now)

    assert families() == []


def test_undoing_the_bridge_parts_a_family_in_two(
    five: list[Incident], same: Decide, responder: Person, now: datetime
) -> None:
    same(five[0], five[1])
    bridge = same(five[1], five[2])
    same(five[2], five[3])

    undo(bridge, by=responder, now=now)

    assert sorted(families(), key=sorted) == [{"Time 0", "Time 1"}, {"Time 2", "Time 3"}]


def test_after_a_merge_is_undone_each_family_has_its_address_again(
    five: list[Incident], same: Decide, responder: Person, now: datetime
) -> None:
    same(five[2], five[3])
    same(five[0], five[1])
    bridge = same(five[1], five[2])

    undo(bridge, by=responder, now=now)

    assert families() == [{"Time 2", "Time 3"}, {"Time 0", "Time 1"}]


def test_undoing_one_of_two_ways_keeps_the_family(
    five: list[Incident], same: Decide, responder: Person, now: datetime
) -> None:
    first = same(five[0], five[1])
    same(five[1], five[2])
    same(five[0], five[2])

    undo(first, by=responder, now=now)

    assert families() == [{"Time 0", "Time 1", "Time 2"}]


def test_two_decisions_about_one_incident_at_the_same_moment_make_one_family(
    app: Flask, five: list[Incident], responder: Person, now: datetime
) -> None:
    pairs = [make.recurrence(five[1], five[0]).id, make.recurrence(five[2], five[1]).id]
    start, responder_id = Barrier(2), responder.id

    def decide(pair_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    operations.lock_pair(pair_id)
                    pair = session.get_one(Recurrence, pair_id)
                    person = session.get_one(Person, responder_id)
                    operations.decide(pair, RecurrenceState.SAME, why="", by=person, now=now)
            finally:
                session.remove()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(decide, pairs))

    assert families() == [{"Time 0", "Time 1", "Time 2"}]
