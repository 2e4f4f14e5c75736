"""Reports through the weeks on which calendars go wrong: once each, at the hour chosen, to nobody who may not see."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests import make
from tracker import create_app
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import Message, Person, ReportSubscription
from tracker.reports import jobs
from tracker.wiring import Wiring

pytestmark = pytest.mark.once  # the calendar is the same on both

ZONE = ZoneInfo("Europe/Copenhagen")
WEEKS = (
    date(2026, 10, 19),  # its Sunday has the hour from two to three twice
    date(2026, 12, 28),  # week 53
    date(2027, 1, 4),
    date(2027, 3, 22),  # its Sunday has no hour from two to three
    date(2028, 2, 28),  # has a 29th of February
)
CHOSEN = {"Ana": (0, 8), "Bo": (6, 2), "Nora": (1, 0)}
"""Weekday and hour, by the clock in Copenhagen."""


def looks() -> list[datetime]:
    """The hours around each chosen one, in UTC, and the ends of each week."""
    found = set()
    for monday in WEEKS:
        begins = datetime.combine(monday, datetime.min.time(), UTC)
        for weekday, hour in CHOSEN.values():
            found |= {begins + timedelta(days=weekday, hours=hour + offset) for offset in (-3, -2, -1, 0, 1)}
        found.add(begins + timedelta(days=6, hours=20))
    return sorted(found)


def expected() -> dict[tuple[str, str], datetime]:
    """Look by look, by the clock on the wall: when each report should have been written, and on which week."""
    found: dict[tuple[str, str], datetime] = {}
    for moment in looks():
        local = moment.astimezone(ZONE)
        if local.date() - timedelta(days=local.weekday()) not in WEEKS:
            continue
        year, week, _ = (local.date() - timedelta(days=7)).isocalendar()
        for name, chosen in CHOSEN.items():
            if (local.weekday(), local.hour) >= chosen:
                found.setdefault((name, f"{year}-W{week:02}"), moment)
    return found


def test_each_report_is_written_once_at_its_hour_and_tells_nothing_private(settings: Settings, wiring: Wiring) -> None:
    app = create_app(replace(settings, timezone=ZONE), wiring)
    with app.app_context():
        people = {name: make.person(name) for name in CHOSEN}
        for name, (weekday, hour) in CHOSEN.items():
            make.save(ReportSubscription(person_id=people[name].id, weekday=weekday, hour=hour))
        hidden = make.incident("quokka", is_private=True, named=(people["Nora"],))
        long_ago: dict[str, Any] = {"due_on": date(2026, 9, 18), "created_at": datetime(2026, 8, 1, tzinfo=UTC)}
        make.action("quokka item", incidents=(hidden,), **long_ago)
        make.action("Warm the cache", **long_ago)

        for moment in looks():
            if jobs.send_reports(moment):
                jobs.send_reports(moment)

        query = select(Person.name, Message.period, Message.created_at, Message.text, Message.subject).join(
            Message.person
        )
        rows = session.execute(query).all()
        wanted = expected()
        told = {(row.name, row.period): row.created_at for row in rows if (row.name, row.period) in wanted}
        assert told == wanted
        assert len(rows) == len({(row.name, row.period) for row in rows})
        assert {"2026-W52", "2026-W53", "2028-W08"} <= {row.period for row in rows}
        assert {row.name for row in rows if "quokka" in row.text} == {"Nora"}
        # What is thirty days late stands on the front: in the subject, and first in the list.
        assert all("30 days" in row.subject for row in rows if row.name == "Ana")
        session.remove()
        database.engine.dispose()
