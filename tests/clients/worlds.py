"""One tracker each, seen from both sides: `client` is ours, the rest is what really happens over there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.servers import GithubServer, JiraServer
from tests.servers.proxy import Fault
from tracker.clients.failures import ClientError
from tracker.clients.github import GithubClient
from tracker.clients.jira import JiraClient
from tracker.clients.memory import MemoryClient
from tracker.clients.ticket_text import new_marker
from tracker.clients.tickets import NewTicket, RemotePerson, TicketClient, TicketHandle, TicketSnapshot, TicketState
from tracker.clients.transport import TIMEOUTS

_numbers = count(1)
_REASON = {
    TicketState.DONE: "completed",
    TicketState.NOT_PLANNED: "not_planned",
    TicketState.DUPLICATE: "duplicate",
}
_RESOLUTION = {
    TicketState.DONE: "Done",
    TicketState.NOT_PLANNED: "Won't Do",
    TicketState.DUPLICATE: "Duplicate",
}
_GITHUB_CALLS = {
    "create": ("POST", "/issues"),
    "comment": ("POST", "/comments"),
    "list": ("GET", "/issues"),
    "webhook": ("POST", "/graphql"),
}
_JIRA_CALLS = {
    "create": ("POST", "/rest/api/2/issue"),
    "comment": ("POST", "/comment"),
    "edit": ("PUT", "/rest/api/2/issue/"),
    "list": ("GET", "/search"),
    "webhook": ("GET", "/search"),
}


@dataclass(frozen=True)
class Broken:
    """A fault, and what it has to look like to us when writing and when reading."""

    fault: Fault
    on_write: type[ClientError]
    on_read: type[ClientError]
    retry_after: timedelta | None = None

    @property
    def tickets(self) -> int:
        return int(self.fault.commits)


class World(ABC):
    """What every tracker can be asked to do by others than us."""

    client: TicketClient
    target: str
    other_target: str

    def new(self, title: str, **fields: Any) -> NewTicket:
        """A ticket to be made, with a title of its own."""
        number = next(_numbers)
        asked: dict[str, Any] = {"body": "Why and how.", "marker": new_marker(f"AI-{number}")} | fields
        return NewTicket(target=self.target, title=f"{title} {number}", **asked)

    def impatient(self) -> TicketClient:
        """The same client, but one that gives up after less than half a second of silence."""
        return self.client

    @abstractmethod
    def count(self, title: str) -> int: ...

    @abstractmethod
    def break_next_create(self, broken: Broken) -> None: ...

    def break_next(self, operation: str, broken: Broken) -> None:
        """Break the one request that does what `operation` says; memory has no wire to break."""
        raise NotImplementedError

    @abstractmethod
    def break_next_read(self, broken: Broken) -> None: ...

    @abstractmethod
    def writes(self) -> int:
        """How many writes arrived since the test began."""
        ...

    @abstractmethod
    def close(self, ticket: TicketSnapshot, *, state: TicketState) -> None: ...

    @abstractmethod
    def duplicate(self, ticket: TicketSnapshot, *, original: TicketSnapshot) -> None: ...

    @abstractmethod
    def delete(self, ticket: TicketSnapshot) -> None: ...

    @abstractmethod
    def move(self, ticket: TicketSnapshot) -> str: ...

    @abstractmethod
    def hide_target(self) -> None: ...

    @abstractmethod
    def comments(self, ticket: TicketSnapshot) -> list[str]: ...

    @abstractmethod
    def text(self, ticket: TicketSnapshot) -> str:
        """The ticket's own text, as the tracker keeps it."""
        ...


class MemoryWorld(World):
    def __init__(self) -> None:
        self.target, self.other_target = "SHOP", "WEB"
        self._ticks = count(0)
        self._start = datetime.now(UTC)
        self.memory = MemoryClient(now=self._now, targets=("SHOP", "WEB"))
        self.memory.people_there = [
            RemotePerson(name="admin", shown="Admin"),
            RemotePerson(name="octocat", shown="Octo"),
        ]
        self.client = self.memory

    def _now(self) -> datetime:
        return self._start + timedelta(seconds=next(self._ticks))

    def count(self, title: str) -> int:
        return sum(one.snapshot.title == title for one in self.memory.tickets.values())

    def break_next_create(self, broken: Broken) -> None:
        if broken.fault.commits:
            self.memory.lose_answer_after_commit = True
        else:
            self.memory.fail_with = broken.on_write("broken", retry_after=broken.retry_after)

    def break_next_read(self, broken: Broken) -> None:
        self.memory.fail_with = broken.on_read("broken", retry_after=broken.retry_after)

    def writes(self) -> int:
        return 1  # there is no wire here on which a write could go twice

    def close(self, ticket: TicketSnapshot, *, state: TicketState) -> None:
        self.memory.remote_close(ticket.remote_id, state=state)

    def duplicate(self, ticket: TicketSnapshot, *, original: TicketSnapshot) -> None:
        self.memory.remote_close(ticket.remote_id, state=TicketState.DUPLICATE, original=original.remote_id)

    def delete(self, ticket: TicketSnapshot) -> None:
        self.memory.remote_delete(ticket.remote_id)

    def move(self, ticket: TicketSnapshot) -> str:
        return self.memory.remote_move(ticket.remote_id, target=self.other_target)

    def hide_target(self) -> None:
        self.memory.hidden_targets.add(self.target)

    def comments(self, ticket: TicketSnapshot) -> list[str]:
        return self.memory.tickets[ticket.remote_id].comments

    def text(self, ticket: TicketSnapshot) -> str:
        return self.memory.tickets[ticket.remote_id].body


class GithubWorld(World):
    def __init__(self, server: GithubServer) -> None:
        self.server = server
        self.target, self.other_target = server.target, server.other_target
        server.dress.reset()
        server.proxy.heal()
        self.client = self.github()

    def github(self, *, timeouts: tuple[float, float] = TIMEOUTS, token: str | None = None) -> GithubClient:
        return GithubClient(
            token=token or self.server.token,
            base_url=self.server.base_url,
            allowed_hosts=frozenset({self.server.host}),
            seconds_between_writes=0,
            timeouts=timeouts,
        )

    def impatient(self) -> TicketClient:
        return self.github(timeouts=(5.0, 0.4))

    def count(self, title: str) -> int:
        return sum(issue["title"] == title for issue in self.server.issues())

    def break_next_create(self, broken: Broken) -> None:
        self.server.proxy.break_next(broken.fault, method="POST", path="/issues")

    def break_next(self, operation: str, broken: Broken) -> None:
        method, path = _GITHUB_CALLS.get(operation, ("PATCH", "/issues/"))
        self.server.proxy.break_next(broken.fault, method=method, path=path)

    def break_next_read(self, broken: Broken) -> None:
        self.server.proxy.break_next(broken.fault, method="GET", path="/issues")

    def writes(self) -> int:
        """Questions in GraphQL are POST too, and change nothing."""
        posts = self.server.proxy.count("POST") - self.server.proxy.count("POST", "/graphql")
        return posts + self.server.proxy.count("PATCH")

    def close(self, ticket: TicketSnapshot, *, state: TicketState) -> None:
        number = number_of(ticket)
        self.server.change(number, state="closed", state_reason=_REASON[state])
        if state is TicketState.DUPLICATE:  # emulate does not know this reason yet
            self.server.dress.duplicates.add((self.target, number))

    def duplicate(self, ticket: TicketSnapshot, *, original: TicketSnapshot) -> None:
        self.close(ticket, state=TicketState.DUPLICATE)
        self.server.dress.originals[(self.target, number_of(ticket))] = (self.target, number_of(original))

    def delete(self, ticket: TicketSnapshot) -> None:
        self.server.delete(number_of(ticket))

    def move(self, ticket: TicketSnapshot) -> str:
        return self.server.transfer(number_of(ticket))

    def hide_target(self) -> None:
        self.server.dress.hidden.add(self.target)

    def comments(self, ticket: TicketSnapshot) -> list[str]:
        return self.server.comments(number_of(ticket))

    def text(self, ticket: TicketSnapshot) -> str:
        (issue,) = [one for one in self.server.issues() if one["number"] == number_of(ticket)]
        return str(issue["body"])


class JiraWorld(World):
    def __init__(self, server: JiraServer) -> None:
        self.server = server
        self.target, self.other_target = server.project, server.other_project
        server.dress.reset()
        server.proxy.heal()
        self.client = self.jira()

    def jira(self, *, timeouts: tuple[float, float] = TIMEOUTS, token: str | None = None) -> JiraClient:
        return JiraClient(
            base_url=self.server.base_url,
            token=token or self.server.token,
            email=self.server.user if self.server.is_cloud else "",
            is_cloud=self.server.is_cloud,
            allowed_hosts=frozenset({self.server.host}),
            seconds_between_writes=0,
            timeouts=timeouts,
        )

    def impatient(self) -> TicketClient:
        return self.jira(timeouts=(5.0, 0.4))

    def count(self, title: str) -> int:
        return sum(issue["fields"]["summary"] == title for issue in self.server.issues())

    def break_next_create(self, broken: Broken) -> None:
        self.server.proxy.break_next(broken.fault, method="POST", path="/rest/api/2/issue")

    def break_next(self, operation: str, broken: Broken) -> None:
        method, path = _JIRA_CALLS.get(operation, ("POST", "/transitions"))
        self.server.proxy.break_next(broken.fault, method=method, path=path)

    def break_next_read(self, broken: Broken) -> None:
        self.server.proxy.break_next(broken.fault, method="GET", path="/rest/api/2/issue/")

    def writes(self) -> int:
        proxy = self.server.proxy
        creates = sum(one.method == "POST" and one.path.endswith("/issue") for one in proxy.requests)
        return creates + sum(proxy.count("POST", path) for path in ("/transitions", "/comment")) + proxy.count("PUT")

    def close(self, ticket: TicketSnapshot, *, state: TicketState) -> None:
        self.server.close(ticket.key, resolution=_RESOLUTION[state])

    def duplicate(self, ticket: TicketSnapshot, *, original: TicketSnapshot) -> None:
        self.close(ticket, state=TicketState.DUPLICATE)
        self.server.link_duplicate(ticket.key, original=original.key)

    def delete(self, ticket: TicketSnapshot) -> None:
        self.server.delete(ticket.key)

    def move(self, ticket: TicketSnapshot) -> str:
        return self.server.move(ticket.key)

    def hide_target(self) -> None:
        self.server.dress.hidden.add(self.target)

    def comments(self, ticket: TicketSnapshot) -> list[str]:
        return self.server.comments(ticket.key)

    def text(self, ticket: TicketSnapshot) -> str:
        (issue,) = [one for one in self.server.issues() if one["key"] == ticket.key]
        return str(issue["fields"]["description"])


def number_of(ticket: TicketSnapshot) -> int:
    return int(ticket.key.rpartition("#")[2])


def never_made(ticket: TicketSnapshot) -> TicketHandle:
    """A handle in the same place for a ticket that nobody ever saw."""
    place = ticket.key.rstrip("0123456789")
    return TicketHandle(remote_id="4000000001", key=f"{place}987654")
