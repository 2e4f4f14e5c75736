"""Reading from GitHub: lists page by page, a hundred tickets by their ids at once, and single strong reads.

Facts this rests on (GitHub REST, version 2022-11-28): issue lists hold pull requests; a transferred issue answers
301, a deleted one 410, a hidden one, or one transferred to where we may not read, 404; search lags behind writes,
lists do not.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from tracker.clients import github_answers, github_graph
from tracker.clients.answers import Answer, answer_list
from tracker.clients.failures import ClientError, NoAccess, Refused, StrangeAnswer, TicketGone
from tracker.clients.github_site import PAGE, GithubSite
from tracker.clients.left_out import STOPS_ALL, Found, LeftOut, Reading
from tracker.clients.singly import Singly
from tracker.clients.ticket_text import checked_marker, marker_comment
from tracker.clients.tickets import Changes, Gone, TicketHandle, TicketSnapshot, WhyGone

log = logging.getLogger(__name__)

MOST_PAGES = 1_000
CLOCK_SLACK = timedelta(minutes=10)  # how far our clock and GitHub's may differ
_DISABLED = "disabled"  # GitHub answers 410 too where issues are switched off: nothing is deleted then

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

    def read_many(self, tickets: Sequence[TicketHandle], *, singly: Singly) -> Mapping[str, Reading]:
        """By id, a hundred at once; of what is not found so, the reason is told by its repository or by itself."""
        seen: dict[str, Reading] = {}
        left_out = LeftOut(self.is_readable, self._read, singly)
        for start in range(0, len(tickets), PAGE):
            batch = tickets[start : start + PAGE]
            found = self._read_batch([ticket.remote_id for ticket in batch])
            seen |= found.tickets if found else {}
            for ticket in (one for one in batch if one.remote_id not in seen):
                is_absent = found is not None and ticket.remote_id not in found.unreadable
                seen |= left_out.look(ticket, target=ticket.key.partition("#")[0], is_absent=is_absent)
        return seen

    def originals_of(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot]:
        answer = self._site.ask(github_graph.ORIGINALS, variables={"ids": [one.remote_id for one in tickets]})
        return github_graph.originals(answer, host=self._site.host)

    def is_readable(self, target: str) -> bool:
        try:
            self._site.get(f"/repos/{github_answers.target(target)}")
        except (NoAccess, TicketGone, Refused):
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

    def _read_batch(self, ids: Sequence[str]) -> Found | None:
        """``None``: the server did not answer that question."""
        try:
            answer = self._site.ask(github_graph.BY_IDS, variables={"ids": list(ids)})
            return github_graph.found(answer, wanted=ids, host=self._site.host)
        except STOPS_ALL:
            raise
        except ClientError as error:  # a server without this interface: one by one then
            log.warning("Could not read %s tickets at once: %s", len(ids), error)
            return None

    def _read(self, ticket: TicketHandle, _left_out: LeftOut) -> Reading:
        target, number = github_answers.split(ticket.key)
        try:
            now = github_answers.snapshot(self.issue(target, number=number))
        except TicketGone as error:
            why = WhyGone.NO_ACCESS if _DISABLED in error.message.lower() else WhyGone.DELETED
            return Gone(remote_id=ticket.remote_id, why=why)
        except NoAccess:
            return Gone(remote_id=ticket.remote_id, why=WhyGone.NO_ACCESS)
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
