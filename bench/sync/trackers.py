"""A GitHub and a Jira of many tickets that hold none: what they are asked for is made up, and counted.

They answer over HTTP like the real ones (pages of a hundred, `ETag` and 304, GraphQL, JQL, `bulkfetch`), so that what
is measured is the whole way: our clients, their libraries, and the JSON of a ticket with a text of usual length.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 100
TARGETS = 20
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = "What happened, why it happened, and what will be done so that it does not happen again. " * 20


class Flavour(StrEnum):
    GITHUB = "GitHub"
    JIRA_CLOUD = "Jira Cloud"
    JIRA_SERVER = "Jira Data Center"


class Call(StrEnum):
    """What one request asks for."""

    LIST = "lists"
    UNCHANGED = "lists that had not changed"
    HUNDRED = "many tickets by their ids"
    SINGLE = "single tickets"
    PLACE = "whether a place may be read"
    ZONE = "our own time zone"


@dataclass
class Tickets:
    """So many tickets in twenty places, which of them changed when, were deleted, or repeat the one before them."""

    number: int
    changed: frozenset[int] = frozenset()
    changed_at: datetime = LONG_AGO
    gone: frozenset[int] = frozenset()
    copies: frozenset[int] = frozenset()

    def of(self, target: int, *, since: datetime) -> list[int]:
        """Newest change first."""
        changed = (one for one in range(target, self.number, TARGETS) if self.updated_at(one) >= since)
        there = (one for one in changed if one not in self.gone)
        return sorted(there, key=self.updated_at, reverse=True)

    def updated_at(self, ticket: int) -> datetime:
        return self.changed_at if ticket in self.changed else LONG_AGO + timedelta(seconds=ticket)


@dataclass
class Site:
    """What the server of one tracker knows, and what it was asked for."""

    flavour: Flavour
    tickets: Tickets
    asked: Counter[Call] = field(default_factory=Counter)
    url: str = ""


def place(flavour: Flavour, target: int) -> str:
    return f"acme/repo-{target}" if flavour is Flavour.GITHUB else f"PLACE{target}"


def key(flavour: Flavour, ticket: int) -> str:
    joint = "#" if flavour is Flavour.GITHUB else "-"
    return f"{place(flavour, ticket % TARGETS)}{joint}{ticket + 1}"


def remote_id(flavour: Flavour, ticket: int) -> str:
    return f"I_{ticket}" if flavour is Flavour.GITHUB else str(ticket)


def _number(text: str) -> int:
    return int(re.findall(r"\d+", text)[-1])


@contextmanager
def playing(site: Site) -> Iterator[Site]:
    """The site's server, on a port of its own."""

    class Asked(_GithubAsked if site.flavour is Flavour.GITHUB else _JiraAsked):  # type: ignore[misc]
        pass

    Asked.site = site
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


class _Asked(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_words: object) -> None:
        """Nobody reads it."""

    def _say(self, value: object, *, call: Call, **headers: str) -> None:
        self._send(200, json.dumps(value).encode(), call=call, **headers)

    def _send(self, status: int, body: bytes, *, call: Call, **headers: str) -> None:
        self.site.asked[call] += 1
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _json(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    @property
    def _path(self) -> str:
        return urlsplit(self.path).path

    def _parameters(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}


class _GithubAsked(_Asked):
    def do_GET(self) -> None:
        if re.search(r"/issues/\d+$", self._path):
            self._single(_number(self._path) - 1)
        elif self._path.endswith("/issues"):
            self._list(self._parameters())
        else:
            self._say({"full_name": self._path.removeprefix("/repos/")}, call=Call.PLACE)

    def do_POST(self) -> None:
        asked = self._json()
        look = self._repeated if "timelineItems" in asked["query"] else self._node
        nodes = [look(_number(one)) for one in asked["variables"]["ids"]]
        self._say({"data": {"nodes": nodes}}, call=Call.HUNDRED)

    def _single(self, ticket: int) -> None:
        if ticket in self.site.tickets.gone:
            self._send(410, b'{"message": "This issue was deleted"}', call=Call.SINGLE)
        else:
            self._say(self._issue(ticket), call=Call.SINGLE)

    def _repeated(self, ticket: int) -> dict[str, Any]:
        events = [{"canonical": self._node(ticket - 1)}] if ticket in self.site.tickets.copies else []
        return {"id": remote_id(Flavour.GITHUB, ticket), "timelineItems": {"nodes": events}}

    def _list(self, asked: dict[str, str]) -> None:
        since = datetime.fromisoformat(asked["since"])
        found = self.site.tickets.of(_number(self._path.removesuffix("/issues")), since=since)
        shown, more = _page(found, start=(int(asked.get("page", "1")) - 1) * PAGE)
        issues = json.dumps([self._issue(one) for one in shown]).encode()
        mark = f'"{hash((issues, bool(more)))}"'
        if self.headers.get("If-None-Match") == mark:
            self._send(304, b"", call=Call.UNCHANGED, ETag=mark)
            return
        link = f'<{self.site.url}{self._path}?{_query(asked, page=more // PAGE + 1)}>; rel="next"' if more else ""
        self._send(200, issues, call=Call.LIST, ETag=mark, **({"Link": link} if link else {}))

    def _issue(self, ticket: int) -> dict[str, Any]:
        tickets, target = self.site.tickets, place(Flavour.GITHUB, ticket % TARGETS)
        is_done = ticket in tickets.changed
        return {
            "node_id": remote_id(Flavour.GITHUB, ticket),
            "number": ticket + 1,
            "title": f"Item {ticket}",
            "body": TEXT,
            "state": "closed" if is_done else "open",
            "state_reason": ("duplicate" if ticket in tickets.copies else "completed") if is_done else None,
            "html_url": f"https://github.example.com/{target}/issues/{ticket + 1}",
            "repository_url": f"{self.site.url}/repos/{target}",
            "assignees": [{"login": "ana"}],
            "labels": [{"name": "postmortem", "color": "ededed"}],
            "updated_at": tickets.updated_at(ticket).isoformat(),
        }

    def _node(self, ticket: int) -> dict[str, Any] | None:
        if ticket in self.site.tickets.gone:
            return None
        issue = self._issue(ticket)
        return {
            "id": issue["node_id"],
            "number": issue["number"],
            "title": issue["title"],
            "url": issue["html_url"],
            "state": issue["state"].upper(),
            "stateReason": issue["state_reason"] and issue["state_reason"].upper(),
            "updatedAt": issue["updated_at"],
            "repository": {"nameWithOwner": place(Flavour.GITHUB, ticket % TARGETS)},
            "assignees": {"nodes": issue["assignees"]},
            "labels": {"nodes": issue["labels"]},
        }


class _JiraAsked(_Asked):
    def do_GET(self) -> None:
        if self._path.endswith("/myself"):
            self._say({"name": "us", "displayName": "Us", "timeZone": "UTC"}, call=Call.ZONE)
        elif "/search" in self._path:
            self._search(self._parameters())
        elif "/project/" in self._path:
            self._say({"key": self._path.rpartition("/")[2]}, call=Call.PLACE)
        elif _number(self._path) in self.site.tickets.gone:
            self._send(404, b'{"errorMessages": ["Issue does not exist."]}', call=Call.SINGLE)
        else:
            self._say(self._issue(_number(self._path)), call=Call.SINGLE)

    def do_POST(self) -> None:
        wanted = [int(one) for one in self._json()["issueIdsOrKeys"]]
        there = [self._issue(one) for one in wanted if one not in self.site.tickets.gone]
        self._say({"issues": there, "issueErrors": []}, call=Call.HUNDRED)

    def _search(self, asked: dict[str, str]) -> None:
        ids = re.search(r"\bid in \(([\d,]+)\)", asked["jql"])
        found = self._there(ids[1]) if ids else self._changed(asked["jql"])
        start = int(asked.get("nextPageToken") or asked.get("startAt", "0"))
        shown, more = _page(found, start=start)
        page: dict[str, Any] = {"issues": [self._issue(one) for one in shown]}
        if self.site.flavour is Flavour.JIRA_CLOUD:
            page |= {"isLast": not more, **({"nextPageToken": str(more)} if more else {})}
        else:
            page |= {"startAt": start, "maxResults": PAGE, "total": len(found)}
        self._say(page, call=Call.HUNDRED if ids else Call.LIST)

    def _there(self, ids: str) -> list[int]:
        return [int(one) for one in ids.split(",") if int(one) not in self.site.tickets.gone]

    def _changed(self, jql: str) -> Sequence[int]:
        where = re.search(r'project = "PLACE(\d+)" AND updated >= "([^"]+)"', jql)
        if where is None:
            raise ValueError(f"Nobody said what this means: {jql}")
        return self.site.tickets.of(int(where[1]), since=datetime.fromisoformat(where[2]).replace(tzinfo=UTC))

    def _issue(self, ticket: int) -> dict[str, Any]:
        is_done = ticket in self.site.tickets.changed
        is_copy = ticket in self.site.tickets.copies
        target = place(Flavour.JIRA_CLOUD, ticket % TARGETS)
        repeats = {"type": {"outward": "duplicates"}, "outwardIssue": {"id": str(ticket - 1)}}
        fields = {
            "summary": f"Item {ticket}",
            "status": {
                "name": "Done" if is_done else "To Do",
                "statusCategory": {"key": "done" if is_done else "new"},
            },
            "resolution": {"name": "Duplicate" if is_copy else "Done"} if is_done else None,
            "issuelinks": [repeats] if is_copy else [],
            "assignee": {"name": "ana", "displayName": "Ana"},
            "duedate": None,
            "labels": ["postmortem"],
            "updated": self.site.tickets.updated_at(ticket).isoformat(),
            "project": {"key": target, "name": "A place for tickets"},
        }
        return {"id": str(ticket), "key": key(Flavour.JIRA_CLOUD, ticket), "fields": fields}


def _page(found: Sequence[int], *, start: int) -> tuple[Sequence[int], int]:
    """One page, and where the next begins; 0 when there is none."""
    end = start + PAGE
    return found[start:end], end if end < len(found) else 0


def _query(asked: dict[str, str], *, page: int) -> str:
    return "&".join(f"{name}={text}" for name, text in (asked | {"page": str(page)}).items()).replace("+", "%2B")
