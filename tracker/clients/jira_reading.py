"""Reading from Jira: searches page by page, strong reads, and finding what search does not know yet.

Knows no jira package: `get` and `ask` are given. Every issue is read with the same few fields.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from tracker.clients import jira_answers
from tracker.clients.answers import Answer, answer_list
from tracker.clients.failures import (
    BadCredentials,
    ClientError,
    NoAccess,
    NotReached,
    RateLimited,
    Refused,
    StrangeAnswer,
    TicketGone,
)
from tracker.clients.ticket_text import marker_label
from tracker.clients.tickets import Gone, RemotePerson, TicketHandle, TicketSnapshot, TicketState, WhyGone

log = logging.getLogger(__name__)

Get = Callable[[str, Mapping[str, str]], object]
Ask = Callable[[str, Mapping[str, Any]], object]
PAGE = 100
IDS_A_QUERY = 50
MOST_PAGES = 1_000
KEYS_AHEAD = 50  # how far beyond the newest searchable issue we look for one that search does not know yet
MOST_PEOPLE = 20
CLOCK_SLACK = timedelta(minutes=10)  # how far our clock and Jira's may differ
HOLES = 3  # deleted issues leave holes between keys
_FIELDS = ",".join(jira_answers.FIELDS)
_NOT_THIS_TICKET = (RateLimited, BadCredentials, NotReached)  # what stops a batch: it would meet every ticket


class JiraReader:
    """All questions to one Jira site."""

    def __init__(self, *, get: Get, ask: Ask, base_url: str, is_cloud: bool) -> None:
        self._get = get
        self._ask = ask
        self._base_url = base_url
        self._is_cloud = is_cloud
        self._time_zone: str | None = None

    def account(self) -> Answer:
        return Answer(self._get("myself", {}), where="the account")

    def read(self, id_or_key: str) -> TicketSnapshot:
        """A strong read: never behind the writes before it."""
        return self._snapshot(self._get(f"issue/{id_or_key}", {"fields": _FIELDS}))

    def marker_labels(self, id_or_key: str) -> list[str]:
        return jira_answers.marker_labels(self._get(f"issue/{id_or_key}", {"fields": "labels"}))

    def some_open(self, target: str) -> TicketSnapshot | None:
        """One of the newest open issues of a project."""
        jql = f'project = "{jira_answers.target(target)}" AND statusCategory != Done ORDER BY created DESC'
        newest = self._snapshots(islice(self._search(jql), PAGE))
        return next((issue for issue in newest if issue.state is TicketState.OPEN), None)

    def has_comment(self, remote_id: str, *, reference: str, since: datetime) -> bool:
        """Newest first, so that a long talk is not read to its beginning."""
        seen = 0
        for _ in range(MOST_PAGES):
            parameters = {"orderBy": "-created", "startAt": str(seen), "maxResults": str(PAGE)}
            page = Answer(self._get(f"issue/{remote_id}/comment", parameters), where="the comments")
            comments = [Answer(one, where="a comment") for one in page.items("comments")]
            if any(reference in str(one.get("body") or "") for one in comments):
                return True
            seen += len(comments)
            if not comments or seen >= page.number("total") or comments[-1].moment("created") < since - CLOCK_SLACK:
                return False
        raise StrangeAnswer(f"Jira lists more than {MOST_PAGES * PAGE:,} comments; we stopped there.")

    def original_of(self, remote_id: str) -> TicketSnapshot | None:
        issue = Answer(self._get(f"issue/{remote_id}", {"fields": "issuelinks"}), where="the issue")
        original = jira_answers.original_id(issue)
        return self.read(original) if original else None

    def people(self, target: str, *, words: str) -> tuple[RemotePerson, ...]:
        parameters = {
            "project": jira_answers.target(target),
            "query" if self._is_cloud else "username": words.strip()[:200],
            "maxResults": str(MOST_PEOPLE),
        }
        found = answer_list(self._get("user/assignable/search", parameters), where="the list of people")
        return tuple(jira_answers.person(one) for one in found[:MOST_PEOPLE])

    def states(self, target: str) -> tuple[str, ...]:
        """Of all issue types of the project, each once."""
        answer = self._get(f"project/{jira_answers.target(target)}/statuses", {})
        kinds = [Answer(one, where="an issue type") for one in answer_list(answer, where="the states")]
        states = [Answer(one, where="a state") for kind in kinds for one in kind.items("statuses")]
        return tuple(dict.fromkeys(state.text("name")[:200] for state in states))

    def resolutions(self) -> tuple[str, ...]:
        found = answer_list(self._get("resolution", {}), where="the resolutions")
        return tuple(Answer(one, where="a resolution").text("name")[:200] for one in found)

    def find_by_marker(self, target: str, *, marker: str) -> TicketSnapshot | None:
        """By our label. Search may not know the ticket yet, so the newest keys are read strongly as well."""
        label = marker_label(marker)
        project = jira_answers.target(target)
        jql = f'project = "{project}" AND labels = "{label}" ORDER BY created ASC'
        for issues in (self._search(jql), self._newest(project)):
            for issue in issues:
                if label in jira_answers.marker_labels(issue):
                    return self._snapshot(issue)
        return None

    def changed_since(self, target: str, *, since: datetime | None) -> Iterator[TicketSnapshot]:
        jql = f'project = "{jira_answers.target(target)}"'
        if since is not None:
            jql += f' AND updated >= "{jira_answers.jql_since(since, time_zone=self._zone())}"'
        return self._snapshots(self._search(f"{jql} ORDER BY updated DESC"))

    def read_many(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot | Gone]:
        """Jira answers 404 for deleted and for hidden: with a readable project we take it as deleted."""
        seen: dict[str, TicketSnapshot | Gone] = {}
        readable: dict[str, bool] = {}
        size = PAGE if self._is_cloud else IDS_A_QUERY
        for start in range(0, len(tickets), size):
            batch = [ticket for ticket in tickets[start : start + size] if ticket.remote_id.isdigit()]
            wanted = {ticket.remote_id for ticket in batch}
            seen |= {one.remote_id: one for one in self._read_batch(sorted(wanted)) if one.remote_id in wanted}
            for ticket in batch:
                if ticket.remote_id not in seen:
                    seen |= self._read_single(ticket, readable=readable)
        return seen

    def _snapshot(self, value: object) -> TicketSnapshot:
        return jira_answers.snapshot(value, base_url=self._base_url)

    def _snapshots(self, issues: Iterator[object]) -> Iterator[TicketSnapshot]:
        for issue in issues:
            try:
                yield self._snapshot(issue)
            except StrangeAnswer as error:  # one bad ticket never fails the others
                log.warning("Left out one issue: %s", error)

    def _zone(self) -> str:
        if self._time_zone is None:
            self._time_zone = self.account().optional_text("timeZone") or ""
        return self._time_zone

    def _search(self, jql: str, *, validate: str = "true") -> Iterator[object]:
        parameters = {"jql": jql, "maxResults": str(PAGE), "fields": _FIELDS}
        if not self._is_cloud:
            parameters |= {"validateQuery": validate, "startAt": "0"}
        for _ in range(MOST_PAGES):
            page = Answer(self._get("search/jql" if self._is_cloud else "search", parameters), where="the search")
            issues = answer_list(page.get("issues"), where="the list of issues")
            yield from issues
            more = self._next(page, got=len(issues), parameters=parameters)
            if more is None:
                return
            parameters |= more
        raise StrangeAnswer(f"Jira lists more than {MOST_PAGES * PAGE:,} issues; we stopped there.")

    def _next(self, page: Answer, *, got: int, parameters: Mapping[str, str]) -> dict[str, str] | None:
        if self._is_cloud:
            token = page.optional_text("nextPageToken")
            return {"nextPageToken": token} if token else None
        seen = int(parameters["startAt"]) + got
        return {"startAt": str(seen)} if got and seen < page.number("total") else None

    def _newest(self, project: str) -> Iterator[object]:
        """Issues beyond the newest one that search knows, and on Cloud those just before it, by strong reads."""
        known = islice(self._search(f'project = "{project}" ORDER BY created DESC, key DESC'), PAGE)
        last = max((jira_answers.number_of(issue) for issue in known), default=0)
        ahead = [f"{project}-{number}" for number in range(last + 1, last + KEYS_AHEAD + 1)]
        if self._is_cloud:
            before = [f"{project}-{number}" for number in range(max(1, last - PAGE + KEYS_AHEAD + 1), last + 1)]
            yield from self._fetch_bulk(before + ahead)
            return
        holes = 0
        for key in ahead:
            try:
                yield self._get(f"issue/{key}", {"fields": _FIELDS})
            except (NoAccess, TicketGone):
                holes += 1
                if holes > HOLES:
                    return

    def _fetch_bulk(self, ids_or_keys: Sequence[str]) -> list[object]:
        body = {"issueIdsOrKeys": list(ids_or_keys), "fields": list(jira_answers.FIELDS)}
        return Answer(self._ask("issue/bulkfetch", body), where="the issues").items("issues")

    def _read_batch(self, ids: Sequence[str]) -> list[TicketSnapshot]:
        """What one question tells about many tickets; the missing ones are asked for singly."""
        if not ids:
            return []
        try:
            issues = (
                self._fetch_bulk(ids)
                if self._is_cloud
                else list(self._search(f"id in ({','.join(ids)})", validate="false"))
            )
        except Refused:  # one unknown id can break the whole question
            return []
        return list(self._snapshots(iter(issues)))

    def _read_single(self, ticket: TicketHandle, *, readable: dict[str, bool]) -> dict[str, TicketSnapshot | Gone]:
        try:
            return {ticket.remote_id: self.read(ticket.remote_id)}
        except (NoAccess, TicketGone):
            project = ticket.key.rpartition("-")[0]
            if project not in readable:
                readable[project] = self._is_readable(project)
            why = WhyGone.DELETED if readable[project] else WhyGone.NO_ACCESS
            return {ticket.remote_id: Gone(remote_id=ticket.remote_id, why=why)}
        except _NOT_THIS_TICKET:
            raise
        except ClientError as error:
            log.warning("Left out %s: %s", ticket.key, error)
            return {}

    def _is_readable(self, project: str) -> bool:
        try:
            self._get(f"project/{jira_answers.target(project)}", {})
        except (NoAccess, TicketGone, Refused):
            return False
        return True
