"""Items and the tickets that they follow, as they stand after a first round of reading."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from bench.sync.trackers import LONG_AGO, TARGETS, Flavour, Site, key, place, remote_id
from tests.databases import make_template
from tests.make import SECRET
from tracker import create_app
from tracker.clients.factory import ticket_client_factory
from tracker.clients.outbox import Outbox
from tracker.config import Settings
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionTicket,
    JiraFlavour,
    Ticket,
    TicketState,
    Tracker,
    TrackerKind,
)
from tracker.queue import immediate_queue
from tracker.security import Vault
from tracker.sync.reading.operations import EVERYTHING
from tracker.wiring import Wiring

AT_ONCE = 1000


def settings_in(folder: Path) -> Settings:
    url = f"sqlite:///{folder / 'followthrough.db'}"
    return Settings(instance_path=folder, database_url=url, secret_key=SECRET, timezone=ZoneInfo("UTC"))


def open_in(folder: Path) -> None:
    """The application over the folder's database, for the rest of this process. Its writes wait for nobody."""
    wiring = Wiring(
        mail=Outbox(folder / "outbox"),
        queue=immediate_queue(),
        vault=Vault(SECRET),
        ticket_client=ticket_client_factory(frozenset({"127.0.0.1"}), seconds_between_writes=0),
    )
    create_app(settings_in(folder), wiring).app_context().push()


def fill(folder: Path, site: Site) -> None:
    make_template(settings_in(folder).database_url, folder)
    open_in(folder)
    with transaction():
        tracker = _tracker(site)
        session.add(tracker)
        session.flush()
        for start in range(0, site.tickets.number, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, site.tickets.number))
            for table, rows in _rows(numbers, site, tracker_id=tracker.id):
                session.execute(insert(table), rows)


def _tracker(site: Site) -> Tracker:
    tracker = Tracker(slug="tracker", name=site.flavour.value, url=site.url, created_at=LONG_AGO)
    tracker.cursors = {EVERYTHING: datetime.now(UTC).isoformat()}  # tonight is far away
    tracker.sealed_token = Vault(SECRET).seal("token")
    tracker.kind = TrackerKind.GITHUB if site.flavour is Flavour.GITHUB else TrackerKind.JIRA
    if site.flavour is not Flavour.GITHUB:
        is_cloud = site.flavour is Flavour.JIRA_CLOUD
        tracker.flavour = JiraFlavour.CLOUD if is_cloud else JiraFlavour.SERVER
        tracker.email = "us@example.com" if is_cloud else ""
    return tracker


def _rows(numbers: range, site: Site, *, tracker_id: int) -> Iterator[tuple[type, list[dict[str, object]]]]:
    yield ActionItem, [{"id": n + 1, "number": n + 1, "title": f"Item {n}", "created_at": LONG_AGO} for n in numbers]
    yield Ticket, [_ticket(n, site, tracker_id=tracker_id) for n in numbers]
    yield ActionTicket, [_link(n) for n in numbers]


def _ticket(number: int, site: Site, *, tracker_id: int) -> dict[str, object]:
    return {
        "id": number + 1,
        "tracker_id": tracker_id,
        "remote_id": remote_id(site.flavour, number),
        "key": key(site.flavour, number),
        "url": "",
        "target": place(site.flavour, number % TARGETS),
        "title": f"Item {number}",
        "state": TicketState.OPEN,
        "remote_updated_at": LONG_AGO,
        "seen_at": LONG_AGO,
        "freshness_since": LONG_AGO,
    }


def _link(number: int) -> dict[str, object]:
    return {
        "action_id": number + 1,
        "ticket_id": number + 1,
        "linked_at": LONG_AGO,
        "applied_state": TicketState.OPEN,
        "state_here": TicketState.OPEN,
        "agreed_at": LONG_AGO,
        "title_here": f"Item {number}",
        "title_there": f"Item {number}",
    }
