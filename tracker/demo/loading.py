"""Loads the sample data: all of it or nothing, into a database that holds no work of anybody's yet."""

from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import select

from tracker.db import session
from tracker.demo.cast import Cast
from tracker.demo.coming_back import write_comparisons, write_pair
from tracker.demo.company import write_company
from tracker.demo.dates import Calendar
from tracker.demo.happening import declared_at, write_incident
from tracker.demo.learning import keep_editions, write_postmortem
from tracker.demo.practising import write_readiness
from tracker.demo.promises import promises_of, write_item
from tracker.demo.texts import read_company, read_incidents, read_pairs
from tracker.errors import RuleError
from tracker.models import ActionItem, Incident, Person, Service, Team


def holds_work() -> bool:
    """Whether the database holds anything that sample data would mix with."""
    tables: tuple[Any, ...] = (Incident, ActionItem, Service, Team)
    return any(session.scalar(select(table.id).limit(1)) is not None for table in tables)


def load_company(*, now: datetime, zone: tzinfo) -> Cast:
    """Write the whole sample data, told from ``now``. The caller holds the transaction.

    Raises:
        RuleError: the database holds work already, or somebody has an address of a person of the sample data.
    """
    if holds_work():
        raise RuleError(
            "This database holds incidents, items, services or teams already, and sample data would mix with them. "
            "Load it into an empty database, for example with another FOLLOWTHROUGH_INSTANCE_PATH."
        )
    company = read_company()
    _refuse_known([one.email for one in company.people])
    cast = Cast(Calendar(now, zone))
    write_company(company, cast=cast)
    texts = sorted(read_incidents(), key=lambda text: declared_at(text, cast=cast))
    for text in texts:
        write_incident(text, cast=cast)
        write_postmortem(text, cast=cast)
    promises = [promise for text in texts for promise in promises_of(text, cast=cast)]
    for promise in sorted(promises, key=lambda promise: promise.made_at):
        write_item(promise, cast=cast)
    write_readiness(cast=cast)
    write_comparisons(cast=cast)
    for pair in read_pairs():
        write_pair(pair, cast=cast)
    keep_editions()
    cast.write_audit_log()
    return cast


def _refuse_known(emails: list[str]) -> None:
    known = session.scalar(select(Person.email).where(Person.email.in_(emails)).order_by(Person.email).limit(1))
    if known is not None:
        raise RuleError(f"{known} has an account already, and the sample data has a person of that address.")
