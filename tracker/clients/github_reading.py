"""Reading from GitHub: lists page by page, a hundred tickets by their ids at once, and single strong reads.

Facts this rests on (GitHub REST, version 2022-11-28): issue lists hold pull requests; a transferred issue answers
301, a deleted one 410, a hidden one 404; search lags behind writes, lists do not.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from tracker.clients import github_answers, github_graph
from tracker.clients.answers import Answer, answer_list
from tracker.clients.failures import (
    BadCredentials,
    ClientError,
    NoAccess,
    NotReached,
    RateLimited,
    StrangeAnswer,
    TicketGone,
)
from tracker.clients.github_site import PAGE, GithubSite
from tracker.clients.ticket_text import checked_marker, marker_comment
from tracker.clients.tickets import Changes, Gone, TicketHandle, TicketSnapshot, WhyGone

log = logging.getLogger(__name__)

MOST_PAGES = 1_000
CLOCK_SLACK = timedelta(minutes=10)  # how far our clock and GitHub's may differ
_DISABLED = "disabled"  # GitHub answers 410 too where issues are switched off: nothing is deleted then
_NOT_THIS_TICKET = (RateLimited, BadCredentials, NotReached)  # what stops a batch: it would meet every ticket

Parameters = dict[str, str | int]


class GithubReader:
    """All questions to one GitHub."""

    def __init__(self, site: GithubSite) -> None:
        self._site = site

    def issue(self, target: str, *, number: int) -> object:
        """A strong read: never behind the writes before it."""
        return self._site.get(f"/repos/{target}/issues/{number}")

    def changes(self, target: str, *, since: datetime | None, mark: str) -> Changes:
        """Asks for the first page at once; with the `mark` of the same question, an unchanged list costs one 304."""
        path = f"/repos/{github_answers.target(target)}/issues"
        parameters = _list_parameters(since, sort="updated")
        first = self._site.page(path, parameters=parameters, mark=mark)
        if first.is_unchanged:
            return Changes(tickets=iter(()), mark=mark, is_unchanged=True)
        issues = self._from(first.value, more=first.headers.get("link", ""), path=path)
        return Changes(tickets=_snapshots(issues, target=target), mark=first.mark)

    def find_by_marker(self, target: str, *, marker: str, since: datetime) -> TicketSnapshot | None:
        needle = marker_comment(checked_marker(marker))
        start = since - CLOCK_SLACK
        path = f"/repos/{github_answers.target(target)}/issues"
        first = self._site.page(path, parameters=_list_parameters(start, sort="created"))
        found: object = None
        for issue in self._from(first.value, more=first.headers.get("link", ""), path=path):
            answer = Answer(issue, where="an issue")
            if answer.moment("created_at") < start:
                break
            if not answer.has("pull_request") and needle in str(answer.get("body") or ""):
                found = issue
        return None if found is None else github_answers.snapshot(found)

    def has_comment(self, key: str, *, marker: str, since: datetime) -> bool:
        needle = marker_comment(checked_marker(marker))
        path = f"{github_answers.issue_path(key)}/comments"
        parameters: Parameters = {"per_page": PAGE, "since": _moment(since - CLOCK_SLACK)}
        first = self._site.page(path, parameters=parameters)
        comments = self._from(first.value, more=first.headers.get("link", ""), path=path)
        return any(needle in str(Answer(one, where="a comment").get("body") or "") for one in comments)

    def read_many(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot | Gone]:
        """By id, a hundred at once; only what is not found so is asked for singly, where the reason is told."""
        seen: dict[str, TicketSnapshot | Gone] = {}
        readable: dict[str, bool] = {}
        for start in range(0, len(tickets), PAGE):
            batch = tickets[start : start + PAGE]
            seen |= self._read_batch([ticket.remote_id for ticket in batch])
            for ticket in batch:
                if ticket.remote_id not in seen:
                    seen |= self._read_single(ticket, readable=readable)
        return seen

    def original_of(self, ticket: TicketHandle) -> TicketSnapshot | None:
        answer = self._site.ask(github_graph.ORIGINAL, variables={"id": ticket.remote_id})
        return github_graph.original(answer, host=self._site.host)

    def is_readable(self, target: str) -> bool:
        try:
            self._site.get(f"/repos/{target}")
        except (NoAccess, TicketGone):
            return False
        return True

    def _from(self, value: object, *, more: str, path: str) -> Iterator[object]:
        """A list from its first page on. Newest first: what changes while we walk cannot be skipped."""
        for left in reversed(range(MOST_PAGES)):
            yield from answer_list(value, where="the list")
            address = github_answers.next_page(more)
            if address is None:
                return
            if left:
                page = self._site.page(path, parameters=dict(parse_qsl(urlsplit(address).query)))
                value, more = page.value, page.headers.get("link", "")
        raise StrangeAnswer(f"{self._site.host} lists more than {MOST_PAGES * PAGE:,} entries; we stopped there.")

    def _read_batch(self, ids: Sequence[str]) -> dict[str, TicketSnapshot]:
        try:
            answer = self._site.ask(github_graph.BY_IDS, variables={"ids": list(ids)})
            found = github_graph.snapshots(answer, host=self._site.host)
        except _NOT_THIS_TICKET:
            raise
        except ClientError as error:  # a server without this interface: one by one then
            log.warning("Could not read %s tickets at once: %s", len(ids), error)
            return {}
        return {one.remote_id: one for one in found if one.remote_id in ids}

    def _read_single(self, ticket: TicketHandle, *, readable: dict[str, bool]) -> dict[str, TicketSnapshot | Gone]:
        try:
            return {ticket.remote_id: self._read(ticket, readable=readable)}
        except _NOT_THIS_TICKET:
            raise
        except ClientError as error:  # left out of the answer: not known this time
            log.warning("Left out %s: %s", ticket.key, error)
            return {}

    def _read(self, ticket: TicketHandle, *, readable: dict[str, bool]) -> TicketSnapshot | Gone:
        target, number = github_answers.split(ticket.key)
        try:
            now = github_answers.snapshot(self.issue(target, number=number))
        except TicketGone as error:
            why = WhyGone.NO_ACCESS if _DISABLED in error.message.lower() else WhyGone.DELETED
            return Gone(remote_id=ticket.remote_id, why=why)
        except NoAccess:
            if target not in readable:
                readable[target] = self.is_readable(target)
            why = WhyGone.DELETED if readable[target] else WhyGone.NO_ACCESS
            return Gone(remote_id=ticket.remote_id, why=why)
        if now.remote_id != ticket.remote_id and now.key.lower() == ticket.key.lower():
            return Gone(remote_id=ticket.remote_id, why=WhyGone.REPLACED)
        return now


def _list_parameters(since: datetime | None, *, sort: str) -> Parameters:
    parameters: Parameters = {"state": "all", "sort": sort, "direction": "desc", "per_page": PAGE}
    return parameters if since is None else parameters | {"since": _moment(since)}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _snapshots(issues: Iterator[object], *, target: str) -> Iterator[TicketSnapshot]:
    for issue in issues:
        if isinstance(issue, dict) and issue.get("pull_request"):
            continue
        try:
            yield github_answers.snapshot(issue)
        except StrangeAnswer as error:  # one bad ticket never fails the others
            log.warning("Left out one issue of %s: %s", target, error)
