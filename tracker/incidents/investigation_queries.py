"""What was suspected in an incident that was looked up for this reader."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from tracker.db import session
from tracker.models import Evidence, Hypothesis, Incident, Person


def hypotheses_of(incident: Incident) -> list[Hypothesis]:
    """In the order in which they were raised, with their evidence and the names of people."""
    statement = (
        select(Hypothesis)
        .where(Hypothesis.incident_id == incident.id)
        .options(
            joinedload(Hypothesis.raised_by).load_only(Person.name),
            joinedload(Hypothesis.settled_by).load_only(Person.name),
            selectinload(Hypothesis.evidence).joinedload(Evidence.noted_by).load_only(Person.name),
        )
        .order_by(Hypothesis.id)
    )
    return list(session.scalars(statement))
