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
from tracker.clients.failures import NoAccess, Refused, StrangeAnswer, TicketGone
from tracker.clients.left_out import Found, LeftOut, Reading
from tracker.clients.singly import Singly
from tracker.clients.ticket_text import marker_label
from tracker.clients.tickets import Gone, RemotePerson, TicketHandle, TicketSnapshot, TicketState

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

    def originals_of(self, tickets: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot]:
        """By the links of the duplicates, and then what they name."""
        named: dict[str, str] = {}
        for ids in self._portions(tickets):
            issues = [Answer(one, where="the issue") for one in self._by_ids(ids, fields=("issuelinks",))]
            named |= {jira_answers.found_id(one): there for one in issues if (there := jira_answers.original_id(one))}
        found: dict[str, TicketSnapshot] = {}
        for ids in self._cut(sorted(set(named.values()))):
            found |= {one.remote_id: one for one in self._snapshots(iter(self._by_ids(ids)))}
        return {duplicate: found[original] for duplicate, original in named.items() if original in found}

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

    def read_many(self, tickets: Sequence[TicketHandle], *, singly: Singly) -> Mapping[str, Reading]:
        """By id, many at once. A Cloud leaves out only what is gone or hidden, a Server what its index lacks.

        Jira answers alike for deleted and for hidden: with a readable project we take it as deleted.
        """
        seen: dict[str, Reading] = {}
        left_out = LeftOut(self._is_readable, self._read_single, singly)
        known = {ticket.remote_id: ticket for ticket in tickets}
        for ids in self._portions(tickets):
            found = self._read_batch(ids)
            seen |= found.tickets if found else {}
            for ticket in (known[one] for one in ids if one not in seen):
                is_absent = found is not None and ticket.remote_id not in found.unreadable
                target = ticket.key.rpartition("-")[0]
                seen |= left_out.look(ticket, target=target, is_absent=is_absent, is_proof=self._is_cloud)
        return seen

    def _portions(self, tickets: Sequence[TicketHandle]) -> Iterator[list[str]]:
        """The ids of tickets, as many as one question takes."""
        return self._cut([ticket.remote_id for ticket in tickets if ticket.remote_id.isdigit()])

    def _cut(self, ids: Sequence[str]) -> Iterator[list[str]]:
        size = PAGE if self._is_cloud else IDS_A_QUERY
        return (list(ids[start : start + size]) for start in range(0, len(ids), size))

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

    def _search(
        self, jql: str, *, validate: str = "true", fields: Sequence[str] = jira_answers.FIELDS
    ) -> Iterator[object]:
        parameters = {"jql": jql, "maxResults": str(PAGE), "fields": ",".join(fields)}
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
            yield from self._fetch_bulk(before + ahead).items("issues")
            return
        holes = 0
        for key in ahead:
            try:
                yield self._get(f"issue/{key}", {"fields": _FIELDS})
            except (NoAccess, TicketGone):
                holes += 1
                if holes > HOLES:
                    return

    def _by_ids(self, ids: Sequence[str], *, fields: Sequence[str] = jira_answers.FIELDS) -> list[object]:
        if self._is_cloud:
            return self._fetch_bulk(ids, fields=fields).items("issues")
        return list(self._search(f"id in ({','.join(ids)})", fields=fields, validate="false"))

    def _fetch_bulk(self, ids_or_keys: Sequence[str], *, fields: Sequence[str] = jira_answers.FIELDS) -> Answer:
        body = {"issueIdsOrKeys": list(ids_or_keys), "fields": list(fields)}
        return Answer(self._ask("issue/bulkfetch", body), where="the issues")

    def _read_batch(self, ids: Sequence[str]) -> Found | None:
        """``None``: that question was refused, as one unknown id can break it."""
        try:
            answer = self._fetch_bulk(ids) if self._is_cloud else None
            issues = answer.items("issues") if answer else self._by_ids(ids)
        except Refused:
            return None
        tickets = {one.remote_id: one for one in self._snapshots(iter(issues)) if one.remote_id in ids}
        failed = answer.items("issueErrors") if answer else []
        named = {str(one.get("id")) for one in (*issues, *failed) if isinstance(one, dict)}
        return Found(tickets, frozenset(named - tickets.keys()))

    def _read_single(self, ticket: TicketHandle, left_out: LeftOut) -> Reading:
        try:
            return self.read(ticket.remote_id)
        except (NoAccess, TicketGone):
            return Gone(remote_id=ticket.remote_id, why=left_out.why(ticket.key.rpartition("-")[0]))

    def _is_readable(self, project: str) -> bool:
        try:
            self._get(f"project/{jira_answers.target(project)}", {})
        except (NoAccess, TicketGone, Refused):
            return False
        return True
