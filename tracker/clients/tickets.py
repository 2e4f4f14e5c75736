"""What Followthrough asks of every tracker: one protocol, and the values that go in and out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Any, Protocol

#: For a ticket whose tracker did not say when it changed: older than anything a tracker says.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class TicketState(StrEnum):
    """Only `DONE` counts as done; the reasons for closing stay apart."""

    OPEN = "open"
    DONE = "done"
    NOT_PLANNED = "not planned"
    DUPLICATE = "duplicate"


class WhyGone(StrEnum):
    """Why a ticket cannot be read. None of these means that the work is done."""

    DELETED = "deleted"
    NO_ACCESS = "no access"
    REPLACED = "replaced"  # another ticket now answers under this key


class Keep(Enum):
    """Marks a field of an edit that stays as it is (`None` would empty it)."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, kw_only=True)
class BackLink:
    """The way from the ticket back to us. `global_id` makes it safe to add twice."""

    global_id: str
    url: str
    title: str


@dataclass(frozen=True, kw_only=True)
class NewTicket:
    """A ticket to be made. `target` is "owner/repo" or a Jira project key; `marker` see `ticket_text.new_marker`.

    `assignee` is a GitHub login, a Jira Cloud account id or a Jira Server name. `kind` is the issue type
    (Jira's default is "Task"). `extra` are further fields as the tracker names them.
    """

    target: str
    title: str
    body: str
    marker: str
    labels: tuple[str, ...] = ()
    due_on: date | None = None
    assignee: str | None = None
    kind: str | None = None
    back_link: BackLink | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TicketHandle:
    """A known ticket: `remote_id` never changes, `key` ("acme/shop#12", "OPS-7") is where we saw it last."""

    remote_id: str
    key: str


@dataclass(frozen=True, kw_only=True)
class TicketSnapshot:
    """How a ticket looked when we read it. `notes` are sentences about what did not go as asked."""

    remote_id: str
    key: str
    url: str
    title: str
    state: TicketState
    state_text: str
    assignee: str | None
    due_on: date | None
    labels: tuple[str, ...]
    updated_at: datetime
    target: str
    notes: tuple[str, ...] = ()

    @property
    def handle(self) -> TicketHandle:
        return TicketHandle(remote_id=self.remote_id, key=self.key)


@dataclass(frozen=True, kw_only=True)
class Gone:
    """A ticket that is not there any more, as far as we may see. Never to be read as done."""

    remote_id: str
    why: WhyGone


@dataclass(frozen=True, kw_only=True)
class TicketEdit:
    """Changes to make; every field left at `KEEP` stays."""

    title: str | Keep = KEEP
    due_on: date | Keep | None = KEEP
    labels: tuple[str, ...] | Keep = KEEP


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """Who we are to the tracker, and in sentences what is missing before tickets can go there."""

    account: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_healthy(self) -> bool:
        return not self.problems


class TicketClient(Protocol):
    """A tracker, seen from here. Every method may raise a `failures.ClientError`.

    Writes are sent exactly once: `AnswerLost` means that the write may have happened, and it is the
    caller who looks (`find_by_marker`, `read_many`) before writing again.
    """

    @property
    def keeps_due_dates(self) -> bool:
        """False where tickets have no due date of their own (GitHub): write it into the text instead."""
        ...

    def check(self, *, targets: Sequence[str] = ()) -> CheckReport:
        """Try credentials and targets by reading only."""
        ...

    def create(self, new: NewTicket) -> TicketSnapshot:
        """Make the ticket with exactly one request. What fails after it is a note, not an error."""
        ...

    def find_by_marker(self, target: str, *, marker: str, since: datetime) -> TicketSnapshot | None:
        """The ticket we made at or after `since`, found without a search that lags behind writes.

        When a person copied a ticket with its marker, the oldest counts. `None`: not there *now*.
        """
        ...

    def fetch(self, key_or_url: str) -> TicketSnapshot:
        """One ticket by what a person would paste. Raises `Refused` for anything that is not a ticket here."""
        ...

    def changed_since(self, target: str, *, since: datetime | None) -> Iterator[TicketSnapshot]:
        """Every ticket of the target changed at or after `since` (all with `None`), newest change first.

        List calls only. The same ticket may come twice and, where the tracker counts in minutes or
        days, some older ones too. Only a finished walk tells that nothing was missed.
        """
        ...

    def read_many(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot | Gone]:
        """Strong reads by `remote_id`: moved, transferred and deleted tickets are told apart.

        A ticket missing from the answer could not be read this time; it never fails the others.
        """
        ...

    def close(self, ticket: TicketHandle, *, state: TicketState = TicketState.DONE) -> TicketSnapshot: ...

    def reopen(self, ticket: TicketHandle) -> TicketSnapshot: ...

    def comment(self, ticket: TicketHandle, *, text: str) -> None: ...

    def edit(self, ticket: TicketHandle, *, changes: TicketEdit) -> TicketSnapshot: ...

    def link_back(self, ticket: TicketHandle, *, link: BackLink) -> None:
        """Add the way back to us; safe to repeat. Does nothing where the ticket's text is the only place."""
        ...

    def close_connections(self) -> None: ...
