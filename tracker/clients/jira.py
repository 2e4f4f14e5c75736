"""Tickets as Jira issues, Cloud and Server/Data Center.

Facts this rests on: the numeric id survives a move, the key does not; search lags behind writes on Cloud; one unknown
key breaks a whole query; the package repeats writes unless told otherwise, and reads a new issue again after making it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tracker.clients import jira_answers, jira_workflow
from tracker.clients.addresses import Resolve, addresses_of, check_address, check_form
from tracker.clients.answers import Answer
from tracker.clients.check_report import CheckReport, Lacking
from tracker.clients.failures import ClientError, TransitionMissing
from tracker.clients.jira_check import project_problems, ticket_fields
from tracker.clients.jira_reading import JiraReader
from tracker.clients.jira_site import JiraSite, translated
from tracker.clients.pace import Pace
from tracker.clients.singly import Singly
from tracker.clients.state_names import NO_NAMES, StateNames, meaning
from tracker.clients.ticket_text import comment_reference, marker_label, ticket_body, ticket_title
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
from tracker.clients.transport import TIMEOUTS, TrackerAdapter, rate_left

TITLE_LIMIT = 255
BODY_LIMIT = 32_767


class JiraClient:
    """A `TicketClient` for one Jira site. With an e-mail the token is an API token, without a personal access token."""

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        email: str = "",
        is_cloud: bool,
        allowed_hosts: frozenset[str] = frozenset(),
        seconds_between_writes: float = 1.0,
        pace: Pace | None = None,
        timeouts: tuple[float, float] = TIMEOUTS,
        resolve: Resolve = addresses_of,
        default_kind: str = "Task",
    ) -> None:
        self._base_url = base_url.rstrip("/")
        check_form(self._base_url)
        self._host = urlsplit(self._base_url).netloc
        self._allowed_hosts = allowed_hosts
        self._resolve = resolve
        self._is_cloud = is_cloud
        self._kind = default_kind
        self._pace = pace or Pace(seconds_between_writes)
        self._adapter = TrackerAdapter(allowed_hosts=allowed_hosts, resolve=resolve, timeouts=timeouts)
        self._site = JiraSite(address=self._base_url, email=email, token=token, adapter=self._adapter)
        self._reader = JiraReader(get=self._get, ask=self._ask, base_url=self._base_url, is_cloud=is_cloud)

    @property
    def rate_left(self) -> RateLeft | None:
        return rate_left(self._adapter.last_headers)

    def check(self, *, targets: Sequence[str] = (), filled: Collection[str] = (), kind: str = "") -> CheckReport:
        check_address(self._base_url, allowed_hosts=self._allowed_hosts, resolve=self._resolve)
        account = self._reader.account()
        problems: list[str] = []
        notes: list[str] = []
        for target in targets:
            found = project_problems(self._get, target=target, kind=kind or self._kind, filled=filled)
            problems += found or self._workflow_problems(target, notes=notes)
        name = account.optional_text("displayName") or account.text("name")
        return CheckReport(account=name[:200], problems=tuple(problems), notes=tuple(notes))

    def create(self, new: NewTicket) -> TicketSnapshot:
        title = ticket_title(new.title, limit=TITLE_LIMIT)
        fields = self._fields_of(new, title=title)
        with self._writing():
            made = self._site.create_issue(fields=fields, prefetch=False)
            remote_id, key = jira_answers.made_ticket(made.raw)
        handle = TicketHandle(remote_id=remote_id, key=key)
        notes = self._link_notes(handle, link=new.back_link)
        try:
            snapshot = self._reader.read(remote_id)
        except ClientError:  # the ticket is there: whatever fails from here on is only a note
            snapshot = jira_answers.as_asked(new, remote_id=remote_id, key=key, base_url=self._base_url, title=title)
        return replace(snapshot, notes=snapshot.notes + notes)

    def find_by_marker(self, target: str, *, marker: str, since: datetime) -> TicketSnapshot | None:
        del since  # the label is enough: nobody has to walk a list
        return self._reader.find_by_marker(target, marker=marker)

    def fetch(self, key_or_url: str) -> TicketSnapshot:
        return self._reader.read(jira_answers.key_in(key_or_url.strip(), base_url=self._base_url))

    def changed_since(self, target: str, *, since: datetime | None) -> Iterator[TicketSnapshot]:
        return self._reader.changed_since(target, since=since)

    def changes(self, target: str, *, since: datetime | None, mark: str = "") -> Changes:
        del mark  # Jira's searches carry no mark
        return Changes(tickets=self.changed_since(target, since=since))

    def read_many(
        self, tickets: Sequence[TicketHandle], *, singly: Singly | None = None
    ) -> Mapping[str, TicketSnapshot | Gone]:
        return self._reader.read_many(tickets, singly=singly or Singly())

    def close(
        self, ticket: TicketHandle, *, state: TicketState = TicketState.DONE, names: StateNames = NO_NAMES
    ) -> TicketSnapshot:
        before = self._reader.read(ticket.remote_id)
        if _state_of(before, names=names) is state:
            return before
        ways = self._transitions(ticket)
        step = jira_workflow.step_to_close(ways, state=state, key=before.key, names=names)
        return self._take(step, before=before, state=state)

    def reopen(self, ticket: TicketHandle, *, names: StateNames = NO_NAMES) -> TicketSnapshot:
        before = self._reader.read(ticket.remote_id)
        if _state_of(before, names=names) is TicketState.OPEN:
            return before
        step = jira_workflow.step_to_reopen(self._transitions(ticket), key=before.key, names=names)
        return self._take(step, before=before, state=TicketState.OPEN)

    def ways(self, ticket: TicketHandle) -> tuple[Way, ...]:
        return jira_workflow.possible(self._transitions(ticket))

    def comment(self, ticket: TicketHandle, *, text: str, marker: str = "") -> None:
        ending = comment_reference(marker) if marker else ""
        with self._writing():
            made = self._site.add_comment(ticket.remote_id, ticket_body(text, limit=BODY_LIMIT, ending=ending))
            Answer(made.raw, where="the comment").text("id")

    def has_comment(self, ticket: TicketHandle, *, marker: str, since: datetime) -> bool:
        return self._reader.has_comment(ticket.remote_id, reference=comment_reference(marker), since=since)

    def originals_of(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot]:
        return self._reader.originals_of(tickets)

    def people(self, target: str, *, words: str) -> tuple[RemotePerson, ...]:
        return self._reader.people(target, words=words)

    def states(self, target: str) -> tuple[str, ...]:
        return self._reader.states(target)

    def resolutions(self) -> tuple[str, ...]:
        return self._reader.resolutions()

    def lacking(self, target: str, *, labels: Collection[str], people: Collection[str]) -> Lacking:
        del target, labels, people
        return Lacking()

    def fields(self, target: str, *, kind: str = "") -> tuple[TicketField, ...]:
        return ticket_fields(self._get, target=target, kind=kind or self._kind)

    def edit(self, ticket: TicketHandle, *, changes: TicketEdit) -> TicketSnapshot:
        fields: dict[str, Any] = {}
        if changes.title is not KEEP:
            fields["summary"] = ticket_title(str(changes.title), limit=TITLE_LIMIT)
        if changes.due_on is not KEEP:
            fields["duedate"] = changes.due_on.isoformat() if changes.due_on else None
        if changes.labels is not KEEP:
            marked = self._reader.marker_labels(ticket.remote_id)  # or we would not find our own ticket again
            fields["labels"] = [*map(jira_answers.jira_label, changes.labels), *marked]
        if changes.assignee is not KEEP:
            fields["assignee"] = self._person(changes.assignee)
        if fields:
            with self._writing():
                self._site.put_json(f"issue/{ticket.remote_id}", body={"fields": fields})
        return self._reader.read(ticket.remote_id)

    def link_back(self, ticket: TicketHandle, *, link: BackLink) -> None:
        body = {"globalId": link.global_id, "object": {"url": link.url, "title": link.title[:TITLE_LIMIT]}}
        with self._writing():
            self._site.post_json(f"issue/{ticket.remote_id}/remotelink", body=body)

    def close_connections(self) -> None:
        self._site.end()

    def _get(self, path: str, parameters: Mapping[str, str]) -> object:
        with translated(host=self._host, is_write=False):
            return self._site.get_json(path, parameters=parameters)

    def _ask(self, path: str, body: Mapping[str, Any]) -> object:
        """A question that Jira wants as a POST: nothing changes, so a lost answer is only unavailable."""
        with translated(host=self._host, is_write=False):
            return self._site.post_json(path, body=body)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._pace.turn(), translated(host=self._host, is_write=True):
            yield

    def _fields_of(self, new: NewTicket, *, title: str) -> dict[str, Any]:
        labels = dict.fromkeys([*map(jira_answers.jira_label, new.labels), marker_label(new.marker)])
        fields: dict[str, Any] = {
            **new.extra,
            "project": {"key": jira_answers.target(new.target)},
            "issuetype": {"name": new.kind or self._kind},
            "summary": title,
            "description": ticket_body(new.body, limit=BODY_LIMIT),
            "labels": list(labels),
        }
        if new.due_on:
            fields["duedate"] = new.due_on.isoformat()
        if new.assignee:
            fields["assignee"] = self._person(new.assignee)
        return fields

    def _person(self, name: str | None) -> dict[str, str | None]:
        return {"accountId" if self._is_cloud else "name": name}

    def _workflow_problems(self, target: str, *, notes: list[str]) -> list[str]:
        """Whether tickets can be closed there, told by what Jira offers for one that is open now."""
        ticket = self._reader.some_open(target)
        if ticket is None:
            notes.append(f"There is no open issue in {target} yet, so we could not see which steps its workflow has.")
            return []
        try:
            jira_workflow.step_to_close(self._transitions(ticket.handle), state=TicketState.DONE, key=ticket.key)
        except TransitionMissing as error:
            return [error.message]
        return []

    def _link_notes(self, ticket: TicketHandle, *, link: BackLink | None) -> tuple[str, ...]:
        """Add the link back; that it fails does not unmake the ticket."""
        if link is None:
            return ()
        try:
            self.link_back(ticket, link=link)
        except ClientError as error:
            return (f"The link back to us could not be added: {error.message}",)
        return ()

    def _transitions(self, ticket: TicketHandle) -> list[object]:
        answer = self._get(f"issue/{ticket.remote_id}/transitions", {"expand": "transitions.fields"})
        return Answer(answer, where="the transitions").items("transitions")

    def _take(self, step: jira_workflow.Step, *, before: TicketSnapshot, state: TicketState) -> TicketSnapshot:
        with self._writing():
            self._site.transition_issue(before.remote_id, step.transition_id, fields=step.fields)
        try:
            return self._reader.read(before.remote_id)
        except ClientError:  # it is done; only looking at it failed
            return replace(before, state=state, state_text="", notes=("Changed, but it could not be read yet.",))


def _state_of(ticket: TicketSnapshot, *, names: StateNames) -> TicketState:
    return TicketState(meaning(ticket.state_text, names=names) or ticket.state.value)
