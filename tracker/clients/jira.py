"""Tickets as Jira issues, Cloud and Server/Data Center. The only module that imports the jira package.

Facts this rests on: the numeric id survives a move, the key does not; search lags behind writes on Cloud; one unknown
key breaks a whole query; the package repeats writes unless told otherwise, and reads a new issue again after making it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from jira import JIRA, JIRAError

from tracker.clients import jira_answers, jira_workflow
from tracker.clients.addresses import Resolve, addresses_of, check_address, check_form
from tracker.clients.answers import Answer, tracker_words
from tracker.clients.failures import (
    AnswerLost,
    BadCredentials,
    ClientError,
    Redirected,
    StrangeAnswer,
    Unavailable,
)
from tracker.clients.jira_check import project_problems
from tracker.clients.jira_reading import JiraReader
from tracker.clients.ticket_text import marker_label, ticket_body, ticket_title
from tracker.clients.tickets import (
    KEEP,
    BackLink,
    CheckReport,
    Gone,
    NewTicket,
    TicketEdit,
    TicketHandle,
    TicketSnapshot,
    TicketState,
)
from tracker.clients.transport import (
    MOST_REDIRECTS,
    TIMEOUTS,
    USER_AGENT,
    Pace,
    TrackerAdapter,
    error_for_broken,
    error_for_status,
)

TITLE_LIMIT = 255
BODY_LIMIT = 32_767


class JiraClient:
    """A `TicketClient` for one Jira site. With an e-mail the token is an API token, without a personal access token."""

    keeps_due_dates = True

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        email: str = "",
        is_cloud: bool,
        allowed_hosts: frozenset[str] = frozenset(),
        seconds_between_writes: float = 1.0,
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
        self._pace = Pace(seconds_between_writes)
        adapter = TrackerAdapter(allowed_hosts=allowed_hosts, resolve=resolve, timeouts=timeouts)
        self._site = _Site(address=self._base_url, email=email, token=token, adapter=adapter)
        self._reader = JiraReader(get=self._get, ask=self._ask, base_url=self._base_url, is_cloud=is_cloud)

    def check(self, *, targets: Sequence[str] = ()) -> CheckReport:
        check_address(self._base_url, allowed_hosts=self._allowed_hosts, resolve=self._resolve)
        account = self._reader.account()
        problems = [
            problem for target in targets for problem in project_problems(self._get, target=target, kind=self._kind)
        ]
        name = account.optional_text("displayName") or account.text("name")
        return CheckReport(account=name[:200], problems=tuple(problems))

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

    def read_many(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot | Gone]:
        return self._reader.read_many(tickets)

    def close(self, ticket: TicketHandle, *, state: TicketState = TicketState.DONE) -> TicketSnapshot:
        before = self._reader.read(ticket.remote_id)
        if before.state is state:
            return before
        ways = self._transitions(ticket)
        step = jira_workflow.step_to_close(ways, state=state, key=before.key)
        return self._take(step, before=before, state=state)

    def reopen(self, ticket: TicketHandle) -> TicketSnapshot:
        before = self._reader.read(ticket.remote_id)
        if before.state is TicketState.OPEN:
            return before
        step = jira_workflow.step_to_reopen(self._transitions(ticket), key=before.key)
        return self._take(step, before=before, state=TicketState.OPEN)

    def comment(self, ticket: TicketHandle, *, text: str) -> None:
        with self._writing():
            self._site.add_comment(ticket.remote_id, ticket_body(text, limit=BODY_LIMIT))

    def edit(self, ticket: TicketHandle, *, changes: TicketEdit) -> TicketSnapshot:
        fields: dict[str, Any] = {}
        if changes.title is not KEEP:
            fields["summary"] = ticket_title(str(changes.title), limit=TITLE_LIMIT)
        if changes.due_on is not KEEP:
            fields["duedate"] = changes.due_on.isoformat() if changes.due_on else None
        if changes.labels is not KEEP:
            marked = self._reader.marker_labels(ticket.remote_id)  # or we would not find our own ticket again
            fields["labels"] = [*map(jira_answers.jira_label, changes.labels), *marked]
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
        with _translated(host=self._host, is_write=False):
            return self._site.get_json(path, parameters=parameters)

    def _ask(self, path: str, body: Mapping[str, Any]) -> object:
        """A question that Jira wants as a POST: nothing changes, so a lost answer is only unavailable."""
        with _translated(host=self._host, is_write=False):
            return self._site.post_json(path, body=body)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._pace.wait()
        try:
            with _translated(host=self._host, is_write=True):
                yield
        finally:
            self._pace.mark()

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
            fields["assignee"] = {"accountId" if self._is_cloud else "name": new.assignee}
        return fields

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


class _Site(JIRA):
    """The jira package on our transport: no call when made, no retry, version 2 of the interface."""

    def __init__(self, *, address: str, email: str, token: str, adapter: TrackerAdapter) -> None:
        options: dict[str, Any] = {"rest_api_version": "2", "headers": {"User-Agent": USER_AGENT}}
        super().__init__(
            address,
            options=options,
            basic_auth=(email, token) if email else None,
            token_auth=None if email else token,
            get_server_info=False,
            max_retries=0,
            logging=False,
        )
        self._session.max_redirects = MOST_REDIRECTS
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def end(self) -> None:
        self._session.close()

    def get_json(self, path: str, *, parameters: Mapping[str, str]) -> object:
        answer: object = self._session.get(self._get_url(path), params=dict(parameters)).json()
        return answer

    def post_json(self, path: str, *, body: Mapping[str, Any]) -> object:
        answer: object = self._session.post(self._get_url(path), data=json.dumps(body)).json()
        return answer

    def put_json(self, path: str, *, body: Mapping[str, Any]) -> None:
        self._session.put(self._get_url(path), data=json.dumps(body))


@contextmanager
def _translated(*, host: str, is_write: bool) -> Iterator[None]:
    """The package's exceptions, and what it stumbles over, as our errors."""
    try:
        yield
    except AnswerLost as error:
        if is_write:
            raise
        raise Unavailable(f"{host} broke off or failed. We try again.", retry_after=error.retry_after) from error
    except StrangeAnswer as error:
        if isinstance(error, Redirected) or not is_write:
            raise
        raise AnswerLost(f"{host} took what we sent, but its answer makes no sense to us.") from error
    except ClientError:
        raise
    except JIRAError as error:
        raise _error_of(error, host=host, is_write=is_write) from error
    except (requests.RequestException, ValueError, TypeError, AttributeError, KeyError) as error:
        raise error_for_broken(host=host, is_write=is_write) from error


def _error_of(error: JIRAError, *, host: str, is_write: bool) -> ClientError:
    response = error.response
    if response is None or response.status_code < 400:
        return error_for_broken(host=host, is_write=is_write)
    if "AUTHENTICATED_FAILED" in response.headers.get("X-Seraph-LoginReason", ""):
        return BadCredentials(f"{host} does not accept our credentials. Enter a new token in the settings.")
    if response.headers.get("X-Authentication-Denied-Reason"):
        return BadCredentials(f"{host} asks our account to sign in once in a browser before it lets us in again.")
    try:
        words = tracker_words(response.json())
    except ValueError:
        words = ""
    return error_for_status(response.status_code, headers=response.headers, words=words, host=host, is_write=is_write)
