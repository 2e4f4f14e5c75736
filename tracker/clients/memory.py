"""A tracker that lives in memory, for tests and demonstrations. It follows the same contract as the real ones.

What happens "over there" is played by the methods that begin with `remote_`; faults by two attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tracker.clients.check_report import CheckReport, Lacking
from tracker.clients.failures import AnswerLost, ClientError, NoAccess, Refused, TicketGone
from tracker.clients.memory_tickets import BODY_LIMIT, TITLE_LIMIT, WORDS, MemoryTicket, edited, target_of
from tracker.clients.singly import Singly
from tracker.clients.state_names import NO_NAMES, StateNames
from tracker.clients.ticket_text import checked_marker, ticket_body, ticket_title
from tracker.clients.tickets import (
    BackLink,
    Changes,
    Gone,
    NewTicket,
    RateLeft,
    RemotePerson,
    TicketEdit,
    TicketField,
    TicketHandle,
    TicketSnapshot,
    TicketState,
    Way,
    WhyGone,
)


class MemoryClient:
    """A `TicketClient` whose keys look like "SHOP-1" for the target "SHOP", and "acme/shop#1" for "acme/shop".

    `fail_with`: the next call raises this and nothing happens. `lose_answer_after_commit`: the next write
    happens and then raises `AnswerLost`. Both are used up by one call.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        targets: Sequence[str] = ("SHOP",),
        url: str = "https://tracker.example.com",
    ) -> None:
        self.fail_with: ClientError | None = None
        self.lose_answer_after_commit = False
        self.tickets: dict[str, MemoryTicket] = {}
        self.hidden_targets: set[str] = set()
        self.rate_left: RateLeft | None = None
        self.people_there: list[RemotePerson] = []
        self.fields_there: list[TicketField] = []
        self.states_there: list[str] = []
        self.resolutions_there: list[str] = []
        self.labels_there: list[str] = []
        """Empty: every label is there."""
        self.kinds_there: list[str] = []
        """Empty: every kind is there."""
        self._now = now
        self._targets = list(targets)
        self._url = url
        self._numbers: dict[str, int] = {}

    def check(self, *, targets: Sequence[str] = (), filled: Collection[str] = (), kind: str = "") -> CheckReport:
        self._fail()
        problems = [f"We cannot see {target}." for target in targets if not self._is_readable(target)]
        problems += [f"There is no kind “{kind}”."] if targets and not problems and self._is_unknown(kind) else []
        missing = [one.shown for one in self.fields_there if one.is_required and one.name not in filled]
        problems += [f"The tracker requires these fields: {', '.join(missing)}."] if missing and targets else []
        return CheckReport(account="memory", problems=tuple(problems))

    def create(self, new: NewTicket) -> TicketSnapshot:
        self._need(new.target)
        remote_id = str(1000 + len(self._numbers) + sum(self._numbers.values()))
        now = self._now()
        key = self._next_key(new.target)
        snapshot = TicketSnapshot(
            remote_id=remote_id,
            key=key,
            url=self._web_address(key),
            title=ticket_title(new.title, limit=TITLE_LIMIT),
            state=TicketState.OPEN,
            state_text=WORDS[TicketState.OPEN],
            assignee=new.assignee,
            due_on=new.due_on,
            labels=new.labels,
            updated_at=now,
            target=new.target,
        )
        body = ticket_body(new.body, limit=BODY_LIMIT)
        links = {new.back_link.global_id: new.back_link} if new.back_link else {}
        self.tickets[remote_id] = MemoryTicket(
            snapshot=snapshot, body=body, marker=checked_marker(new.marker), created_at=now, links=links
        )
        self._lose()
        return snapshot

    def find_by_marker(self, target: str, *, marker: str, since: datetime) -> TicketSnapshot | None:
        self._need(target)
        there = [
            one
            for one in self.tickets.values()
            if one.snapshot.target == target and one.marker == marker and one.created_at >= since
        ]
        return min(there, key=lambda one: one.created_at).snapshot if there else None

    def fetch(self, key_or_url: str) -> TicketSnapshot:
        self._fail()
        text = key_or_url.strip()
        if "://" in text and not text.startswith(f"{self._url}/"):
            raise Refused(f"That address is not on {self._url.partition('://')[2]}.")
        if "://" not in text and not target_of(text):
            raise Refused(f'"{text}" is not a ticket. Write its key, like SHOP-7, or paste its address.')
        for one in self.tickets.values():
            if text in (one.snapshot.key, one.snapshot.url):
                return one.snapshot
        raise NoAccess(f"There is no ticket {text} that we could see.")

    def changed_since(self, target: str, *, since: datetime | None) -> Iterator[TicketSnapshot]:
        self._need(target)
        there = [one.snapshot for one in self.tickets.values() if one.snapshot.target == target]
        changed = [one for one in there if since is None or one.updated_at >= since]
        return iter(sorted(changed, key=lambda one: one.updated_at, reverse=True))

    def changes(self, target: str, *, since: datetime | None, mark: str = "") -> Changes:
        there = list(self.changed_since(target, since=since))
        new_mark = f'"{len(there)} since {since}, last {there[0].updated_at if there else None}"'
        if mark == new_mark:
            return Changes(tickets=iter(()), mark=mark, is_unchanged=True)
        return Changes(tickets=iter(there), mark=new_mark)

    def read_many(
        self, tickets: Sequence[TicketHandle], *, singly: Singly | None = None
    ) -> Mapping[str, TicketSnapshot | Gone]:
        del singly  # everything is told at once
        self._fail()
        return {ticket.remote_id: self._read(ticket) for ticket in tickets}

    def close(
        self, ticket: TicketHandle, *, state: TicketState = TicketState.DONE, names: StateNames = NO_NAMES
    ) -> TicketSnapshot:
        del names
        return self._change(ticket, state=state)

    def reopen(self, ticket: TicketHandle, *, names: StateNames = NO_NAMES) -> TicketSnapshot:
        del names
        return self._change(ticket, state=TicketState.OPEN)

    def ways(self, ticket: TicketHandle) -> tuple[Way, ...]:
        del ticket
        return ()

    def originals_of(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot]:
        self._fail()
        named = {
            one.remote_id: self.tickets[one.remote_id].original for one in tickets if one.remote_id in self.tickets
        }
        return {copy: self.tickets[one].snapshot for copy, one in named.items() if one in self.tickets}

    def comment(self, ticket: TicketHandle, *, text: str, marker: str = "") -> None:
        self._change(ticket, comment=ticket_body(text, limit=BODY_LIMIT), marker=marker)

    def has_comment(self, ticket: TicketHandle, *, marker: str, since: datetime) -> bool:
        del since
        return checked_marker(marker) in self._there(ticket).comment_markers

    def people(self, target: str, *, words: str) -> tuple[RemotePerson, ...]:
        self._need(target)
        wanted = words.strip().lower()
        return tuple(one for one in self.people_there if wanted in f"{one.name} {one.shown} {one.email}".lower())

    def fields(self, target: str, *, kind: str = "") -> tuple[TicketField, ...]:
        self._need(target)
        if self._is_unknown(kind):
            raise Refused(f"There is no kind “{kind}”.")
        return tuple(self.fields_there)

    def states(self, target: str) -> tuple[str, ...]:
        self._need(target)
        return tuple(self.states_there)

    def resolutions(self) -> tuple[str, ...]:
        self._fail()
        return tuple(self.resolutions_there)

    def lacking(self, target: str, *, labels: Collection[str], people: Collection[str]) -> Lacking:
        self._need(target)
        named = {one.name for one in self.people_there}
        return Lacking(
            labels=tuple(label for label in labels if label not in (self.labels_there or labels)),
            people=tuple(name for name in people if name not in named),
        )

    def edit(self, ticket: TicketHandle, *, changes: TicketEdit) -> TicketSnapshot:
        return self._change(ticket, changes=changes)

    def link_back(self, ticket: TicketHandle, *, link: BackLink) -> None:
        self._change(ticket, link=link)

    def close_connections(self) -> None:
        """There are none."""

    def remote_close(
        self, remote_id: str, *, state: TicketState = TicketState.DONE, original: str | None = None
    ) -> None:
        """`original` is the remote id of what a duplicate repeats."""
        one = self.tickets[remote_id]
        one.original = original
        one.snapshot = replace(one.snapshot, state=state, state_text=WORDS[state], updated_at=self._now())

    def remote_delete(self, remote_id: str) -> None:
        del self.tickets[remote_id]

    def remote_move(self, remote_id: str, *, target: str) -> str:
        """Move the ticket to another target; its new key comes back."""
        one = self.tickets[remote_id]
        key = self._next_key(target)
        one.snapshot = replace(one.snapshot, key=key, target=target, url=self._web_address(key), updated_at=self._now())
        return key

    def _fail(self) -> None:
        error, self.fail_with = self.fail_with, None
        if error is not None:
            raise error

    def _lose(self) -> None:
        lost, self.lose_answer_after_commit = self.lose_answer_after_commit, False
        if lost:
            raise AnswerLost("The connection broke before the tracker answered, so we do not know the outcome.")

    def _is_unknown(self, kind: str) -> bool:
        return bool(kind and self.kinds_there) and kind not in self.kinds_there

    def _is_readable(self, target: str) -> bool:
        return target in self._targets and target not in self.hidden_targets

    def _need(self, target: str) -> None:
        self._fail()
        if not self._is_readable(target):
            raise NoAccess(f"The tracker does not know {target}, or hides it from us.")

    def _next_key(self, target: str) -> str:
        self._numbers[target] = self._numbers.get(target, 0) + 1
        return f"{target}{'#' if '/' in target else '-'}{self._numbers[target]}"

    def _web_address(self, key: str) -> str:
        return f"{self._url}/{key.replace('#', '/issues/')}" if "#" in key else f"{self._url}/browse/{key}"

    def _read(self, ticket: TicketHandle) -> TicketSnapshot | Gone:
        one = self.tickets.get(ticket.remote_id)
        target = one.snapshot.target if one else target_of(ticket.key)
        if not self._is_readable(target):
            return Gone(remote_id=ticket.remote_id, why=WhyGone.NO_ACCESS)
        return one.snapshot if one else Gone(remote_id=ticket.remote_id, why=WhyGone.DELETED)

    def _there(self, ticket: TicketHandle) -> MemoryTicket:
        self._fail()
        one = self.tickets.get(ticket.remote_id)
        if one is None:
            raise TicketGone(f"{ticket.key} was deleted.")
        return one

    def _change(
        self,
        ticket: TicketHandle,
        *,
        state: TicketState | None = None,
        comment: str | None = None,
        marker: str = "",
        link: BackLink | None = None,
        changes: TicketEdit | None = None,
    ) -> TicketSnapshot:
        one = self._there(ticket)
        if state is not None:
            one.snapshot = replace(one.snapshot, state=state, state_text=WORDS[state])
        if comment is not None:
            one.comments.append(comment)
            one.comment_markers |= {marker} - {""}
        if link is not None:
            one.links[link.global_id] = link
        if changes is not None:
            one.snapshot = edited(one.snapshot, changes=changes)
        one.snapshot = replace(one.snapshot, updated_at=self._now())
        self._lose()
        return one.snapshot
