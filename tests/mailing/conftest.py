"""Messages, and a mail server that does what it is told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from flask import Flask

from tests import make
from tracker import clock, create_app
from tracker.clients.mail import OutgoingMail
from tracker.config import Settings
from tracker.db import database, session
from tracker.mailing import jobs
from tracker.mailing.jobs import Delivered
from tracker.models import Message, MessageKind, Person
from tracker.queue import immediate_queue
from tracker.security import Vault
from tracker.wiring import Wiring


@dataclass
class Post:
    """A mail client of the protocol that keeps what it takes, and fails as told, once for each error."""

    errors: list[Exception] = field(default_factory=list)
    sent: list[OutgoingMail] = field(default_factory=list)
    during: Callable[[], object] | None = None

    def send(self, mail: OutgoingMail, *, now: datetime) -> None:  # noqa: ARG002
        if self.during:
            self.during()
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(mail)

    def check(self) -> list[str]:
        return []


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def wiring(post: Post) -> Wiring:
    def no_tracker(_access: object) -> object:
        raise AssertionError("No tracker is asked here.")

    return Wiring(mail=post, queue=immediate_queue(), vault=Vault(make.SECRET), ticket_client=no_tracker)  # type: ignore[arg-type]


@pytest.fixture
def app(settings: Settings, wiring: Wiring, set_clock: Callable[[datetime], None], now: datetime) -> Iterator[Flask]:
    set_clock(now)
    app = create_app(settings, wiring)
    with app.app_context():
        yield app
        session.remove()
        database.engine.dispose()


def message(to: Person | None = None, **columns: object) -> Message:
    person = to or make.person("Ana")
    values = {
        "kind": MessageKind.WEEKLY_REPORT,
        "about": make.unique("report"),
        "person_id": person.id,
        "subject": "The week in one page",
        "text": "Two items slipped.\n",
        "html": "<p style='color:red'>Two items slipped.</p>",
        "run_after": make.NOW,
        "created_at": make.NOW,
    }
    return make.save(Message(**values | columns))


def deliver(at: datetime) -> Delivered:
    """One round of the job, begun at a moment at which the clock then stands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "utcnow", lambda: at)
        return jobs.deliver_due(at)
