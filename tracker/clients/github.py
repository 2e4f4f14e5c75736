"""Tickets as issues of GitHub repositories, on github.com and on Enterprise servers.

`POST` has no idempotency key there: a write goes out once, and what is not known after it is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from tracker.clients import github_answers
from tracker.clients.addresses import Resolve, addresses_of, check_address, check_form
from tracker.clients.answers import Answer
from tracker.clients.check_report import CheckReport, Lacking
from tracker.clients.failures import AnswerLost, Redirected, Refused, StrangeAnswer, TicketGone
from tracker.clients.github_check import kind_problem, people_found, repository_lacks, repository_problems
from tracker.clients.github_reading import GithubReader
from tracker.clients.github_site import GithubSite
from tracker.clients.kept_token import KeptToken
from tracker.clients.pace import Pace
from tracker.clients.singly import Singly
from tracker.clients.state_names import NO_NAMES, StateNames
from tracker.clients.ticket_text import (
    due_line,
    marker_comment,
    ticket_body,
    ticket_title,
    unlinked,
    with_due_line,
)
from tracker.clients.tickets import (
    KEEP,
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
)
from tracker.clients.transport import TIMEOUTS, TrackerAdapter

Read = TypeVar("Read")
TITLE_LIMIT = 256
BODY_LIMIT = 65_536
ROOM_TO_CHANGE = 16
"""Left free in a new text: a later due date may need a few characters more."""
NO_LINE = "Its due date was not changed: its text has no line of ours any more that says only that."
_REASONS = {
    TicketState.DONE: "completed",
    TicketState.NOT_PLANNED: "not_planned",
    TicketState.DUPLICATE: "duplicate",
}


class GithubClient:
    """A `TicketClient` for github.com or a GitHub Enterprise server (`https://host/api/v3`).

    `token` is a person's token, or `GithubApp.sealed_text()`.
    """

    def __init__(
        self,
        *,
        token: str,
        base_url: str = "https://api.github.com",
        allowed_hosts: frozenset[str] = frozenset(),
        seconds_between_writes: float = 1.0,
        pace: Pace | None = None,
        kept_token: KeptToken | None = None,
        timeouts: tuple[float, float] = TIMEOUTS,
        resolve: Resolve = addresses_of,
    ) -> None:
        self._base_url = github_answers.api_address(base_url)
        check_form(self._base_url)
        self._allowed_hosts = allowed_hosts
        self._resolve = resolve
        adapter = TrackerAdapter(allowed_hosts=allowed_hosts, resolve=resolve, timeouts=timeouts)
        self._site = GithubSite(
            self._base_url,
            token=token,
            kept=kept_token or KeptToken(),
            adapter=adapter,
            pace=pace or Pace(seconds_between_writes),
        )
        self._reader = GithubReader(self._site)

    @property
    def rate_left(self) -> RateLeft | None:
        return self._site.rate_left

    def check(self, *, targets: Sequence[str] = (), filled: Collection[str] = (), kind: str = "") -> CheckReport:
        del filled  # issues have no fields of their own
        check_address(self._base_url, allowed_hosts=self._allowed_hosts, resolve=self._resolve)
        account = self._site.account()
        problems = [problem for target in targets for problem in self._problems_of(target, kind=kind)]
        return CheckReport(account=account, problems=tuple(problems))

    def _problems_of(self, target: str, *, kind: str) -> list[str]:
        found = repository_problems(self._site, target=target)
        problem = kind_problem(self._site, target=target, kind=kind) if kind and not found else None
        return [*found, problem] if problem else found

    def create(self, new: NewTicket) -> TicketSnapshot:
        ending = marker_comment(new.marker)
        if new.due_on:
            ending = f"{due_line(new.due_on)}\n{ending}"
        fields: dict[str, Any] = {
            **new.extra,
            "title": ticket_title(new.title, limit=TITLE_LIMIT),
            "body": ticket_body(unlinked(new.body), limit=BODY_LIMIT - ROOM_TO_CHANGE, ending=ending),
            "labels": list(new.labels),
        }
        if new.assignee:
            fields["assignees"] = [new.assignee]
        if new.kind:
            fields["type"] = new.kind
        try:
            answer = self._site.write("POST", f"/repos/{github_answers.target(new.target)}/issues", fields=fields)
        except Redirected as error:
            raise Refused(f"{new.target} was renamed or moved. Enter its new name in the settings.") from error
        except TicketGone as error:  # what GitHub answers where issues are switched off
            raise TicketGone(f"{new.target} takes no issues: {error.message}") from error
        return self._understood(lambda: github_answers.made(answer, asked=new))

    def find_by_marker(self, target: str, *, marker: str, since: datetime) -> TicketSnapshot | None:
        return self._reader.find_by_marker(target, marker=marker, since=since)

    def fetch(self, key_or_url: str) -> TicketSnapshot:
        target, number = github_answers.place_in(key_or_url.strip(), api_url=self._base_url)
        issue = self._reader.issue(target, number=number)
        if Answer(issue, where="the issue").has("pull_request"):
            raise Refused("That is a pull request. Give the address of an issue.")
        return github_answers.snapshot(issue)

    def changed_since(self, target: str, *, since: datetime | None) -> Iterator[TicketSnapshot]:
        return self.changes(target, since=since).tickets

    def changes(self, target: str, *, since: datetime | None, mark: str = "") -> Changes:
        return self._reader.changes(target, since=since, mark=mark)

    def read_many(
        self, tickets: Sequence[TicketHandle], *, singly: Singly | None = None
    ) -> Mapping[str, TicketSnapshot | Gone]:
        return self._reader.read_many(tickets, singly=singly or Singly())

    def originals_of(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot]:
        return self._reader.originals_of(tickets)

    def close(
        self, ticket: TicketHandle, *, state: TicketState = TicketState.DONE, names: StateNames = NO_NAMES
    ) -> TicketSnapshot:
        del names  # GitHub's states are the same everywhere
        return self._change(ticket, fields={"state": "closed", "state_reason": _REASONS[state]})

    def reopen(self, ticket: TicketHandle, *, names: StateNames = NO_NAMES) -> TicketSnapshot:
        del names
        return self._change(ticket, fields={"state": "open", "state_reason": "reopened"})

    def ways(self, ticket: TicketHandle) -> tuple[Way, ...]:
        del ticket
        return ()

    def comment(self, ticket: TicketHandle, *, text: str, marker: str = "") -> None:
        ending = marker_comment(marker) if marker else ""
        fields = {"body": ticket_body(unlinked(text), limit=BODY_LIMIT, ending=ending)}
        answer = self._write_to(ticket, method="POST", end="/comments", fields=fields)
        self._understood(lambda: Answer(answer, where="the comment").number("id"))

    def has_comment(self, ticket: TicketHandle, *, marker: str, since: datetime) -> bool:
        return self._reader.has_comment(ticket.key, marker=marker, since=since)

    def edit(self, ticket: TicketHandle, *, changes: TicketEdit) -> TicketSnapshot:
        fields: dict[str, Any] = {}
        if changes.title is not KEEP:
            fields["title"] = ticket_title(str(changes.title), limit=TITLE_LIMIT)
        if changes.labels is not KEEP:
            fields["labels"] = list(changes.labels)
        if changes.assignee is not KEEP:
            fields["assignees"] = self._assignees(ticket, changes=changes)
        text = None if changes.due_on is KEEP else self._text_with_due_date(ticket, changes=changes)
        if text is not None:
            fields["body"] = text
        edited = self._change(ticket, fields=fields) if fields else self.fetch(ticket.key)
        if changes.due_on is not KEEP and text is None:
            return replace(edited, notes=(*edited.notes, NO_LINE))
        return edited

    def _text_with_due_date(self, ticket: TicketHandle, *, changes: TicketEdit) -> str | None:
        """Read just before it is written, so that nobody's words are overtaken; ``None``: there is no line of ours."""
        place, number = github_answers.split(ticket.key)
        issue = Answer(self._reader.issue(place, number=number), where="the issue")
        text, day = issue.get("body"), changes.due_on
        if not changes.marker or not isinstance(text, str) or issue.text("node_id")[:120] != ticket.remote_id:
            return None
        return with_due_line(text, marker=changes.marker, day=None if day is KEEP else day)

    def _assignees(self, ticket: TicketHandle, *, changes: TicketEdit) -> list[str]:
        wanted = [str(changes.assignee)] if changes.assignee else []
        if changes.instead_of is None:
            return wanted
        there = self.fetch(ticket.key)
        replaced = {name.lower() for name in (changes.instead_of, *wanted)}
        return wanted + [name for name in (there.assignee, *there.helpers) if name and name.lower() not in replaced]

    def people(self, target: str, *, words: str) -> tuple[RemotePerson, ...]:
        return people_found(self._site, target=target, words=words)

    def states(self, target: str) -> tuple[str, ...]:
        del target
        return ()

    def resolutions(self) -> tuple[str, ...]:
        return ()

    def lacking(self, target: str, *, labels: Collection[str], people: Collection[str]) -> Lacking:
        return repository_lacks(self._site, target=target, labels=labels, people=people)

    def fields(self, target: str, *, kind: str = "") -> tuple[TicketField, ...]:
        problem = kind_problem(self._site, target=target, kind=kind) if kind else None
        if problem:
            raise Refused(problem)
        return ()

    def link_back(self, ticket: TicketHandle, *, link: BackLink) -> None:
        """GitHub has no links beside the text, and the text carries ours."""

    def close_connections(self) -> None:
        self._site.close()

    def _change(self, ticket: TicketHandle, *, fields: Mapping[str, Any]) -> TicketSnapshot:
        return self._made(self._write_to(ticket, method="PATCH", fields=fields))

    def _write_to(self, ticket: TicketHandle, *, method: str, fields: Mapping[str, Any], end: str = "") -> object:
        try:
            return self._site.write(method, github_answers.issue_path(ticket.key) + end, fields=fields)
        except Redirected:  # nothing was changed there: write once more, to where the ticket went
            there = self.fetch(ticket.key)
            if there.remote_id != ticket.remote_id:
                raise
            return self._site.write(method, github_answers.issue_path(there.key) + end, fields=fields)

    def _made(self, answer: object) -> TicketSnapshot:
        return self._understood(lambda: github_answers.snapshot(answer))

    def _understood(self, read: Callable[[], Read]) -> Read:
        """A write whose answer we cannot read did happen, as far as we can tell."""
        try:
            return read()
        except StrangeAnswer as error:
            raise AnswerLost(f"{self._site.host} took what we sent, but its answer makes no sense to us.") from error
