"""Tickets as issues of GitHub repositories, through PyGithub's requester. The only module that imports PyGithub.

Facts this rests on (GitHub REST, version 2022-11-28): issue lists hold pull requests; a transferred issue answers
301, a deleted one 410, a hidden one 404; `POST` has no idempotency key; search lags behind writes, lists do not.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from github import Auth, GithubException
from github.Requester import Requester

from tracker.clients import github_answers
from tracker.clients.addresses import Resolve, addresses_of, check_address, check_form
from tracker.clients.answers import Answer, answer_list, tracker_words
from tracker.clients.failures import (
    AnswerLost,
    BadCredentials,
    ClientError,
    NoAccess,
    NotReached,
    RateLimited,
    Redirected,
    Refused,
    StrangeAnswer,
    TicketGone,
)
from tracker.clients.github_connection import GithubConnection
from tracker.clients.ticket_text import checked_marker, marker_comment, ticket_body, ticket_title
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
    WhyGone,
)
from tracker.clients.transport import (
    TIMEOUTS,
    USER_AGENT,
    TrackerAdapter,
    error_for_broken,
    error_for_status,
    guarded_session,
)

log = logging.getLogger(__name__)

API_VERSION = "2022-11-28"
TITLE_LIMIT = 256
BODY_LIMIT = 65_536
PAGE = 100
MOST_PAGES = 1_000
CLOCK_SLACK = timedelta(minutes=10)  # how far our clock and GitHub's may differ
_REASONS = {
    TicketState.DONE: "completed",
    TicketState.NOT_PLANNED: "not_planned",
    TicketState.DUPLICATE: "duplicate",
}
_NOT_THIS_TICKET = (RateLimited, BadCredentials, NotReached)  # what stops a batch: it would meet every ticket


class GithubClient:
    """A `TicketClient` for github.com or a GitHub Enterprise server (`https://host/api/v3`)."""

    keeps_due_dates = False

    def __init__(
        self,
        *,
        token: str,
        base_url: str = "https://api.github.com",
        allowed_hosts: frozenset[str] = frozenset(),
        seconds_between_writes: float = 1.0,
        timeouts: tuple[float, float] = TIMEOUTS,
        resolve: Resolve = addresses_of,
    ) -> None:
        self._base_url = github_answers.api_address(base_url)
        check_form(self._base_url)
        self._host = urlsplit(self._base_url).netloc
        self._allowed_hosts = allowed_hosts
        self._resolve = resolve
        adapter = TrackerAdapter(allowed_hosts=allowed_hosts, resolve=resolve, timeouts=timeouts)
        self._session = guarded_session(adapter)
        self._requester = _requester_over(self._session)(
            auth=Auth.Token(token),
            base_url=self._base_url,
            timeout=int(sum(timeouts)) or 1,  # not used: our adapter has its own
            user_agent=USER_AGENT,
            per_page=PAGE,
            verify=True,
            retry=None,
            pool_size=None,
            seconds_between_requests=None,
            seconds_between_writes=seconds_between_writes,
            api_version=API_VERSION,
        )

    def check(self, *, targets: Sequence[str] = ()) -> CheckReport:
        check_address(self._base_url, allowed_hosts=self._allowed_hosts, resolve=self._resolve)
        account = Answer(self._get("/user"), where="the account").text("login")
        problems = [problem for target in targets for problem in self._problems_of(target)]
        return CheckReport(account=account, problems=tuple(problems))

    def create(self, new: NewTicket) -> TicketSnapshot:
        fields: dict[str, Any] = {
            **new.extra,
            "title": ticket_title(new.title, limit=TITLE_LIMIT),
            "body": ticket_body(new.body, limit=BODY_LIMIT, ending=marker_comment(new.marker)),
            "labels": list(new.labels),
        }
        if new.assignee:
            fields["assignees"] = [new.assignee]
        if new.kind:
            fields["type"] = new.kind
        try:
            answer = self._write("POST", f"/repos/{github_answers.target(new.target)}/issues", fields=fields)
        except Redirected as error:
            raise Refused(f"{new.target} was renamed or moved. Enter its new name in the settings.") from error
        return github_answers.with_notes(self._made(answer), asked=new)

    def find_by_marker(self, target: str, *, marker: str, since: datetime) -> TicketSnapshot | None:
        needle = marker_comment(checked_marker(marker))
        start = since - CLOCK_SLACK
        found: object = None
        for issue in self._pages(target, since=start, sort="created"):
            answer = Answer(issue, where="an issue")
            if answer.moment("created_at") < start:
                break
            if not answer.has("pull_request") and needle in str(answer.get("body") or ""):
                found = issue
        return None if found is None else github_answers.snapshot(found)

    def fetch(self, key_or_url: str) -> TicketSnapshot:
        target, number = github_answers.place_in(key_or_url.strip(), api_url=self._base_url)
        issue = self._get_issue(target, number=number)
        if Answer(issue, where="the issue").has("pull_request"):
            raise Refused("That is a pull request. Give the address of an issue.")
        return github_answers.snapshot(issue)

    def changed_since(self, target: str, *, since: datetime | None) -> Iterator[TicketSnapshot]:
        for issue in self._pages(target, since=since, sort="updated"):
            if isinstance(issue, dict) and issue.get("pull_request"):
                continue
            try:
                yield github_answers.snapshot(issue)
            except StrangeAnswer as error:  # one bad ticket never fails the others
                log.warning("Left out one issue of %s: %s", target, error)

    def read_many(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot | Gone]:
        seen: dict[str, TicketSnapshot | Gone] = {}
        readable: dict[str, bool] = {}
        for ticket in tickets:
            try:
                seen[ticket.remote_id] = self._read(ticket, readable=readable)
            except _NOT_THIS_TICKET:
                raise
            except ClientError:
                continue  # left out of the answer: not known this time
        return seen

    def close(self, ticket: TicketHandle, *, state: TicketState = TicketState.DONE) -> TicketSnapshot:
        return self._change(ticket, fields={"state": "closed", "state_reason": _REASONS[state]})

    def reopen(self, ticket: TicketHandle) -> TicketSnapshot:
        return self._change(ticket, fields={"state": "open", "state_reason": "reopened"})

    def comment(self, ticket: TicketHandle, *, text: str) -> None:
        path = f"{github_answers.issue_path(ticket.key)}/comments"
        self._write("POST", path, fields={"body": ticket_body(text, limit=BODY_LIMIT)})

    def edit(self, ticket: TicketHandle, *, changes: TicketEdit) -> TicketSnapshot:
        fields: dict[str, Any] = {}
        if changes.title is not KEEP:
            fields["title"] = ticket_title(str(changes.title), limit=TITLE_LIMIT)
        if changes.labels is not KEEP:
            fields["labels"] = list(changes.labels)
        return self._change(ticket, fields=fields) if fields else self.fetch(ticket.key)

    def link_back(self, ticket: TicketHandle, *, link: BackLink) -> None:
        """GitHub has no links beside the text, and the text carries ours."""

    def close_connections(self) -> None:
        self._session.close()

    def _get(self, path: str, **parameters: str | int) -> object:
        return self._get_with_headers(path, parameters=parameters)[1]

    def _get_with_headers(self, path: str, *, parameters: Mapping[str, str | int]) -> tuple[dict[str, Any], object]:
        with _translated(host=self._host, is_write=False):
            return self._requester.requestJsonAndCheck("GET", path, parameters=dict(parameters))

    def _pages(self, target: str, *, since: datetime | None, sort: str) -> Iterator[object]:
        """All issues, newest first: what changes while we walk moves to the front and cannot be skipped."""
        parameters: dict[str, str | int] = {"state": "all", "sort": sort, "direction": "desc", "per_page": PAGE}
        if since is not None:
            parameters["since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = f"/repos/{github_answers.target(target)}/issues"
        for _ in range(MOST_PAGES):
            headers, page = self._get_with_headers(path, parameters=parameters)
            yield from answer_list(page, where="the list of issues")
            more = github_answers.next_page(str(headers.get("link", "")))
            if more is None:
                return
            parameters = dict(parse_qsl(urlsplit(more).query))
        raise StrangeAnswer(
            f"{self._host} lists more than {MOST_PAGES * PAGE:,} issues for {target}; we stopped there."
        )

    def _read(self, ticket: TicketHandle, *, readable: dict[str, bool]) -> TicketSnapshot | Gone:
        target, number = github_answers.split(ticket.key)
        try:
            now = github_answers.snapshot(self._get_issue(target, number=number))
        except TicketGone:
            return Gone(remote_id=ticket.remote_id, why=WhyGone.DELETED)
        except NoAccess:
            if target not in readable:
                readable[target] = self._is_readable(target)
            why = WhyGone.DELETED if readable[target] else WhyGone.NO_ACCESS
            return Gone(remote_id=ticket.remote_id, why=why)
        if now.remote_id != ticket.remote_id and now.key.lower() == ticket.key.lower():
            return Gone(remote_id=ticket.remote_id, why=WhyGone.REPLACED)
        return now

    def _get_issue(self, target: str, *, number: int) -> object:
        return self._get(f"/repos/{target}/issues/{number}")

    def _is_readable(self, target: str) -> bool:
        try:
            self._get(f"/repos/{target}")
        except (NoAccess, TicketGone):
            return False
        return True

    def _problems_of(self, target: str) -> list[str]:
        try:
            repo = Answer(self._get(f"/repos/{github_answers.target(target)}"), where="the repository")
        except (NoAccess, TicketGone, Refused):
            return [f"We cannot see {target}. Check its name, and that the token may read it."]
        return github_answers.repository_problems(repo, target=target)

    def _write(self, method: str, path: str, *, fields: Mapping[str, Any]) -> object:
        with _translated(host=self._host, is_write=True):
            return self._requester.requestJsonAndCheck(method, path, input=dict(fields))[1]

    def _change(self, ticket: TicketHandle, *, fields: Mapping[str, Any]) -> TicketSnapshot:
        try:
            return self._made(self._write("PATCH", github_answers.issue_path(ticket.key), fields=fields))
        except Redirected:  # nothing was changed there: write once more, to where the ticket went
            there = self.fetch(ticket.key)
            return self._made(self._write("PATCH", github_answers.issue_path(there.key), fields=fields))

    def _made(self, answer: object) -> TicketSnapshot:
        """A write whose answer we cannot read did happen, as far as we can tell."""
        try:
            return github_answers.snapshot(answer)
        except StrangeAnswer as error:
            raise AnswerLost(f"{self._host} took what we sent, but its answer makes no sense to us.") from error


@contextmanager
def _translated(*, host: str, is_write: bool) -> Iterator[None]:
    """PyGithub's exceptions, and what it stumbles over, as our errors."""
    try:
        yield
    except ClientError:
        raise
    except GithubException as error:
        words = tracker_words(error.data)
        raise error_for_status(
            error.status, headers=error.headers or {}, words=words, host=host, is_write=is_write
        ) from error
    except (ValueError, TypeError, AttributeError, KeyError, AssertionError, RuntimeError) as error:
        raise error_for_broken(host=host, is_write=is_write) from error


def _requester_over(session: requests.Session) -> type[Requester]:
    """PyGithub's requester on our session: a class of its own, as PyGithub is told its connections by class."""

    class OurRequester(Requester):
        pass

    OurRequester.injectConnectionClasses(
        partial(GithubConnection, scheme="http", session=session),  # type: ignore[arg-type]
        partial(GithubConnection, scheme="https", session=session),  # type: ignore[arg-type]
    )
    return OurRequester
