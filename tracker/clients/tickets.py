"""What Followthrough asks of every tracker: one protocol, and the values that go in and out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Any, Protocol

from tracker.clients.check_report import CheckReport, Lacking
from tracker.clients.singly import Singly
from tracker.clients.state_names import NO_NAMES, StateNames

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
    (Jira's default is "Task", GitHub's none). `extra` are further fields as the tracker names them. On GitHub
    `due_on` stands in the text.
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
    lost: WhyGone | None = None
    """Why it could not be read before. That a question about many leaves it out again is answer enough then."""


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
    helpers: tuple[str, ...] = ()
    """Whom it is assigned to beside `assignee`, where a tracker takes several."""

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
    marker: str = ""
    """Beside which the due date stands in a text of ours, where tickets have no field for it; "" without one."""
    labels: tuple[str, ...] | Keep = KEEP
    assignee: str | Keep | None = KEEP
    """As in `NewTicket`; `None` assigns it to nobody."""
    instead_of: str | None = None
    """The assignee who is replaced, where several are assigned: the others stay. `None` replaces all."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a list told. Keep `mark` only after `tickets` was walked to its end, and give it back next time."""

    tickets: Iterator[TicketSnapshot]
    mark: str = ""
    """"" where the tracker cannot say that nothing changed."""
    is_unchanged: bool = False
    """The tracker said so: one call, and `tickets` is empty."""


@dataclass(frozen=True, kw_only=True)
class RateLeft:
    """How many calls the tracker still lets us make, as it said last."""

    left: int
    of: int | None
    resets_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Way:
    """A step that can be taken from where a ticket stands now; `asks_for` are fields only a person can fill there."""

    name: str
    leads_to: str
    """The status in the tracker's words."""
    closes: bool
    asks_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RemotePerson:
    """Somebody whom tickets can be assigned to. `name` goes into `NewTicket.assignee`."""

    name: str
    shown: str
    email: str = ""
    """Often hidden: "" then."""


@dataclass(frozen=True, kw_only=True)
class TicketField:
    """A field that a new ticket can carry. `name` is its key in `NewTicket.extra`."""

    name: str
    shown: str
    is_required: bool
    kind: str
    """As Jira says: "string", "number", "option", "array", "user" ..."""
    choices: tuple[str, ...] = ()
    """What may be chosen, by the names people see; empty when it is free."""


class TicketClient(Protocol):
    """A tracker, seen from here. Every method may raise a `failures.ClientError`.

    Writes are sent exactly once: `AnswerLost` means that the write may have happened, and it is the
    caller who looks (`find_by_marker`, `read_many`) before writing again.
    """

    @property
    def rate_left(self) -> RateLeft | None:
        """What the last answer said of the calls that are left; `None` where it said nothing."""
        ...

    def check(self, *, targets: Sequence[str] = (), filled: Collection[str] = (), kind: str = "") -> CheckReport:
        """Try credentials, and for each target reading, writing, fields and transitions. Leaves nothing behind.

        `filled` names the fields of Jira that a mapping of ours fills; `kind` as in `fields`.
        """
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

    def changes(self, target: str, *, since: datetime | None, mark: str = "") -> Changes:
        """`changed_since`, asked at once, and for one call when nothing changed.

        Only an unchanged `since` with the `mark` that came with it can be answered so.
        """
        ...

    def read_many(
        self, tickets: Sequence[TicketHandle], *, singly: Singly | None = None
    ) -> Mapping[str, TicketSnapshot | Gone]:
        """Strong reads by `remote_id`, many with one call: moved, transferred and deleted tickets are told apart.

        A ticket missing from the answer could not be read this time; it never fails the others. `singly` is used up
        where only a call of its own tells why a ticket was left out.
        """
        ...

    def close(
        self, ticket: TicketHandle, *, state: TicketState = TicketState.DONE, names: StateNames = NO_NAMES
    ) -> TicketSnapshot: ...

    def reopen(self, ticket: TicketHandle, *, names: StateNames = NO_NAMES) -> TicketSnapshot: ...

    def comment(self, ticket: TicketHandle, *, text: str, marker: str = "") -> None:
        """With a `marker` a comment whose answer was lost can be looked for before it is written again."""
        ...

    def has_comment(self, ticket: TicketHandle, *, marker: str, since: datetime) -> bool:
        """Whether the comment that we wrote at or after `since` is there, by a strong read of all comments."""
        ...

    def originals_of(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot]:
        """By the `remote_id` of each duplicate the ticket that it repeats, where somebody said which."""
        ...

    def ways(self, ticket: TicketHandle) -> tuple[Way, ...]:
        """What can be done with the ticket now; empty where every ticket can be closed and reopened."""
        ...

    def people(self, target: str, *, words: str) -> tuple[RemotePerson, ...]:
        """Whom tickets of the target can be assigned to, by part of a name or an e-mail; twenty at most."""
        ...

    def fields(self, target: str, *, kind: str = "") -> tuple[TicketField, ...]:
        """What a new ticket of that kind can carry beyond what we always send; empty where there is nothing more.

        Raises `Refused` where there is no such kind.
        """
        ...

    def states(self, target: str) -> tuple[str, ...]:
        """The names that tickets' states have there; empty where they are the same everywhere."""
        ...

    def resolutions(self) -> tuple[str, ...]:
        """The same of the reasons for closing: "Won't Do"."""

    def lacking(self, target: str, *, labels: Collection[str], people: Collection[str]) -> Lacking:
        """What of these no ticket of the target could carry now; nothing where labels come by themselves (Jira)."""

    def edit(self, ticket: TicketHandle, *, changes: TicketEdit) -> TicketSnapshot: ...

    def link_back(self, ticket: TicketHandle, *, link: BackLink) -> None:
        """Add the way back to us; safe to repeat. Does nothing where the ticket's text is the only place."""
        ...

    def close_connections(self) -> None: ...
