"""The index in the tables: in step with every change, taken back exactly, and the same answers as in memory."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from tests import make
from tests.recurrence.conftest import TITLE, read_by_index
from tracker.db import session, transaction
from tracker.models import (
    CauseCategory,
    Incident,
    IndexBlock,
    IndexDays,
    IndexDocument,
    IndexMark,
    IndexState,
    IndexTerm,
    Postmortem,
    PostmortemState,
    Service,
)
from tracker.recurrence import index, jobs, weights
from tracker.recurrence.described import compared, described_incidents
from tracker.recurrence.known import known_incidents
from tracker.recurrence.prepared import MOST_OF_ENTRIES, MOST_OF_TEXT
from tracker.recurrence.question import ask
from tracker.recurrence.similarity import Basis, Library, Match, prepare
from tracker.recurrence.stored import Stored

WORDS = ("pgbouncer", "ledger", "locks", "quorum", "checkout", "503", "maxReplicaCount", "データベース", "")


def whole_index() -> dict[str, object]:
    """All that the index holds, without the keys of terms, which depend on its history."""
    session.rollback()
    blocks = select(IndexTerm.term, IndexBlock.block, IndexBlock.postings)
    blocks = blocks.join(IndexTerm, IndexTerm.id == IndexBlock.term_id).order_by(IndexTerm.term, IndexBlock.block)
    return {
        "terms": {row.term: row.incidents for row in session.scalars(select(IndexTerm))},
        "blocks": [tuple(row) for row in session.execute(blocks)],
        "days": [tuple(row) for row in session.execute(select(*IndexDays.__table__.columns))],
        "documents": sorted(map(str, session.execute(select(*IndexDocument.__table__.columns)))),
        "incidents": session.scalar(select(IndexState.incidents)),
    }


def rebuilt() -> dict[str, object]:
    """The index made anew from nothing."""
    with transaction():
        for table in (IndexBlock, IndexDays, IndexTerm, IndexDocument, IndexState, IndexMark):
            session.query(table).delete()
        index.mark_all()
    read_by_index()
    return whole_index()


def documented() -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(IndexDocument)) or 0


def answers_of_tables_and_memory() -> tuple[list[Match], list[Match]]:
    """What both say of the latest incident: ids, order, scores and counts."""
    session.rollback()
    every = [prepare(one) for one in described_incidents(compared(list(session.scalars(select(Incident.id)))))]
    if not every:
        return [], []
    latest = max(every, key=lambda one: one.place)
    return known_incidents().match(latest, limit=20), Library(every).match(latest, limit=20)


Change = tuple[str, int, str]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["add", "edit", "move", "delete", "drill", "service", "read"]),
        st.integers(0, 9),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    ),
    max_size=12,
)


def apply(change: Change, incidents: list[int], service: Service, *, now: datetime) -> None:
    kind, number, text = change
    if kind == "add" or not incidents:
        incidents.append(make.incident(text.strip() or "x", summary=text, declared_at=now - timedelta(days=number)).id)
        return
    if kind == "read":
        read_by_index()
        return
    key = incidents[number % len(incidents)]
    with transaction():
        incident = session.get_one(Incident, key)
        if kind == "edit":
            incident.summary = text
        elif kind == "move":
            incident.declared_at = now - timedelta(days=10 + number)
        elif kind == "drill":
            incident.is_drill = not incident.is_drill
        elif kind == "service":
            incident.services = [] if incident.services else [session.merge(service)]
        else:
            session.delete(incident)
            incidents.remove(key)


@given(changes=CHANGES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_changes_gives_the_index_that_a_rebuild_gives(
    app: Flask, checkout: Service, now: datetime, changes: list[Change]
) -> None:
    incidents: list[int] = []
    for change in changes:
        apply(change, incidents, checkout, now=now)
    read_by_index()

    assert whole_index() == rebuilt()
    from_tables, from_memory = answers_of_tables_and_memory()
    assert from_tables == from_memory


def test_what_is_deleted_leaves_nothing(earlier: Incident, others: list[Incident]) -> None:
    with transaction():
        for incident in session.scalars(select(Incident)):
            session.delete(incident)
    read_by_index()

    assert whole_index() == {"terms": {}, "blocks": [], "days": [], "documents": [], "incidents": 0}


def rename_service(_incident: Incident, service: Service) -> None:
    service.name = "Chickout"


def drop_services(incident: Incident, _service: Service) -> None:
    incident.services.clear()


def name_alert(incident: Incident, _service: Service) -> None:
    incident.alert_name = "ledger-locks"


def make_drill(incident: Incident, _service: Service) -> None:
    incident.is_drill = True


def delete(incident: Incident, _service: Service) -> None:
    session.delete(incident)


def name_cause(incident: Incident, _service: Service) -> None:
    postmortem = Postmortem(incident_id=incident.id, state=PostmortemState.DRAFT, started_at=make.NOW)
    postmortem.cause_category = CauseCategory.TRAFFIC_SPIKE
    session.add(postmortem)


@pytest.mark.parametrize("change", [rename_service, drop_services, name_alert, make_drill, delete, name_cause])
def test_every_change_of_what_is_compared_is_read(
    earlier: Incident, checkout: Service, change: Callable[[Incident, Service], object]
) -> None:
    before = whole_index()

    with transaction():
        change(session.get_one(Incident, earlier.id), session.get_one(Service, checkout.id))
    read_by_index()

    assert whole_index() != before


def test_a_written_cause_is_read(earlier: Incident) -> None:
    make.answer(make.postmortem(earlier, state=PostmortemState.DRAFT), "root_causes", "The vacuum never ran.")
    read_by_index()

    assert "=vacuum" in whole_index()["terms"]  # type: ignore[operator]


def test_what_does_not_matter_is_not_read_again(earlier: Incident) -> None:
    with transaction():
        session.get_one(Incident, earlier.id).is_private = True

    assert session.scalar(select(func.count()).select_from(IndexMark)) == 0


def test_a_change_that_is_taken_back_marks_nothing(earlier: Incident) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        session.get_one(Incident, earlier.id).title = "Something else"
        session.flush()
        raise ZeroDivisionError

    assert session.scalar(select(func.count()).select_from(IndexMark)) == 0


def test_the_sweep_finds_what_was_written_past_the_session(earlier: Incident, now: datetime) -> None:
    with transaction():
        session.execute(update(Incident).where(Incident.id == earlier.id).values(title="Otters everywhere"))
    read_by_index()
    assert "otter" not in str(whole_index()["terms"])

    jobs.look_for_differences(now)

    assert whole_index() == rebuilt()


def test_a_rebuild_answers_while_it_goes_on(earlier: Incident, later: Incident) -> None:
    asking = prepare(next(iter(described_incidents([later.id]))))
    before = known_incidents().match(asking)
    with transaction():
        index.mark_all()
        while_it_goes_on = known_incidents().match(asking)
    read_by_index()

    assert before[0].incident_id == earlier.id
    assert before == while_it_goes_on == known_incidents().match(asking)


@pytest.mark.parametrize("basis", list(Basis))
def test_the_tables_answer_as_the_memory_does(
    earlier: Incident, others: list[Incident], later: Incident, basis: Basis
) -> None:
    """Ids, order, scores and counts: on each database the same as in memory, so on both the same."""
    make.answer(make.postmortem(earlier, state=PostmortemState.DRAFT), "root_causes", "Locks of the migration.")
    make.answer(make.postmortem(later, state=PostmortemState.DRAFT), "root_causes", "The migration held its locks.")
    read_by_index()
    every = [prepare(one) for one in described_incidents([one.id for one in (earlier, *others, later)])]
    asking = next(one for one in every if one.id == later.id)

    found = known_incidents().match(asking, basis=basis, limit=20)

    assert found[0].incident_id == earlier.id
    assert found == Library(every).match(asking, basis=basis, limit=20)


TRACE = 'File "/srv/checkout/pool_{0}.py", line 9, in get_conn{0}\n  raise PoolEmpty(f"{{self}} waited")\n'
ODD = ["", "x", "word " * 100_000, TITLE * 2_000, "a.b" * 60_000, "データ" * 20_000, "قاعدة البيانات " * 7_000, "\t\n"]


@pytest.mark.parametrize("text", [*ODD, "".join(map(TRACE.format, range(2_000)))])
def test_of_any_text_only_so_much_is_indexed_and_asked(app: Flask, others: list[Incident], text: str) -> None:
    odd = make.incident("odd", summary=text, declared_at=make.NOW - timedelta(days=1))
    make.entry(odd, text or "x", created_at=odd.declared_at)
    read_by_index()
    asking = prepare(next(iter(described_incidents([odd.id]))))

    assert documented() == 6
    assert len(asking.body) <= MOST_OF_TEXT + MOST_OF_ENTRIES
    assert len(ask(asking, Basis.DECLARED, store=Stored()).searching) <= weights.MAX_TERMS
    assert len(known_incidents().match(asking, limit=20)) <= len(others)
