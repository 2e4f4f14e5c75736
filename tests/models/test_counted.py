"""Each item notes whether it counts in everybody's figures, whatever changes about the incidents that ask for it."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from tests import make
from tracker import action_links
from tracker.db import session, transaction
from tracker.models import ActionItem, Incident, IncidentAction, Person, settle_all_counting

APART: list[dict[str, Any]] = [{"is_private": True}, {"is_drill": True}, {"is_undated": True}]


def counts(action: ActionItem) -> bool:
    return session.scalars(select(ActionItem.counts_for_all).where(ActionItem.id == action.id)).one()


def test_an_item_that_no_incident_asks_for_counts(app: Flask) -> None:
    assert counts(make.action())


@pytest.mark.parametrize("columns", APART)
def test_an_item_of_an_incident_apart_does_not(app: Flask, columns: dict[str, Any]) -> None:
    assert not counts(make.action(incidents=(make.incident(**columns),)))


@pytest.mark.parametrize("columns", APART)
def test_one_plain_incident_is_enough(app: Flask, columns: dict[str, Any]) -> None:
    assert counts(make.action(incidents=(make.incident(**columns), make.incident())))


@pytest.mark.parametrize("columns", APART)
def test_it_follows_its_incident_there_and_back(app: Flask, columns: dict[str, Any]) -> None:
    incident = make.incident()
    action = make.action(incidents=(incident,))
    for is_apart in (True, False):
        with transaction():
            row = session.get_one(Incident, incident.id)
            for name in columns:
                setattr(row, name, is_apart)

        assert counts(action) is not is_apart


def test_it_follows_its_links(app: Flask, responder: Person, now: datetime) -> None:
    drill, real = make.incident(is_drill=True), make.incident()
    action = make.action(incidents=(drill,))

    with transaction():
        row, incident = session.get_one(ActionItem, action.id), session.get_one(Incident, real.id)
        action_links.link_incident(row, incident, by=session.get_one(Person, responder.id), now=now)
    assert counts(action)

    with transaction():
        row, incident = session.get_one(ActionItem, action.id), session.get_one(Incident, real.id)
        action_links.unlink_incident(row, incident, by=session.get_one(Person, responder.id), now=now)
    assert not counts(action)


def test_noting_it_does_not_count_as_a_change_by_a_person(app: Flask) -> None:
    incident = make.incident()
    action = make.action(incidents=(incident,))
    with transaction():
        session.get_one(Incident, incident.id).is_private = True

    session.refresh(action)
    assert action.version == 1


def test_what_is_written_past_the_session_is_settled_on_request(app: Flask) -> None:
    drill = make.incident(is_drill=True)
    action, other = make.action(incidents=(drill,)), make.action(incidents=(drill,))
    with transaction():
        session.execute(delete(IncidentAction).where(IncidentAction.action_id == action.id))
        session.execute(update(ActionItem).where(ActionItem.id == other.id).values(counts_for_all=True))
        settle_all_counting(session())

    assert (counts(action), counts(other)) == (True, False)
