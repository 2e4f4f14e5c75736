"""What a broken connection, a broken server and a refusal look like, and how many tickets exist afterwards.

The rule under test: a write goes out once. Whatever is unclear after it is `AnswerLost`, and looking finds the truth.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.clients.fault_table import BROKEN, Case, Operation, as_markdown, cases
from tests.clients.worlds import Broken, GithubWorld, JiraWorld, MemoryWorld, World
from tests.servers import proxy
from tests.servers.programs import free_port
from tests.servers.proxy import status_fault
from tracker.clients.failures import (
    AnswerLost,
    BadCredentials,
    ClientError,
    NoAccess,
    NotReached,
    Redirected,
    Refused,
    TicketGone,
)
from tracker.clients.github import GithubClient
from tracker.clients.jira import JiraClient
from tracker.clients.ticket_text import new_marker
from tracker.clients.tickets import (
    NewTicket,
    TicketClient,
    TicketEdit,
    TicketHandle,
    TicketSnapshot,
    TicketState,
)

pytestmark = pytest.mark.once


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def is_a_sentence(error: ClientError) -> bool:
    text = str(error)
    return text[-1] in '."' and not any(word in text for word in ("Traceback", "object at", "<html", "None"))


@pytest.fixture(params=cases(), ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_every_fault_of_every_call_is_told_apart_and_nothing_happens_twice(
    request: pytest.FixtureRequest, case: Case
) -> None:
    world: GithubWorld | JiraWorld = request.getfixturevalue(case.tracker)
    trial = Trial.begun(world, case)
    world.break_next(case.operation, case.broken)

    error = trial.error()

    assert type(error) is (case.error or type(None)), str(error)
    assert trial.has_happened() is case.happens
    assert error is None or (is_a_sentence(error) and error.retry_after == case.broken.retry_after), str(error)
    assert trial.writes() == (0 if case.operation.only_reads else 2 if "writes there" in case.why else 1)


def test_the_table_in_the_docs_is_the_one_that_is_tested() -> None:
    docs = Path(__file__).parent.parent.parent / "docs" / "fault-matrix.md"

    assert docs.read_text() == as_markdown()


@dataclass
class Trial:
    """One call that is going to break, and how things stand over there after it."""

    world: GithubWorld | JiraWorld
    operation: Operation
    client: TicketClient
    new: NewTicket
    made: TicketSnapshot | None
    writes_before: int
    marker: str = field(default_factory=lambda: new_marker("AI-7"))

    @classmethod
    def begun(cls, world: GithubWorld | JiraWorld, case: Case) -> Trial:
        new = world.new(f"{case.operation} {case.name}")
        made = None if case.operation is Operation.CREATE else world.client.create(new)
        if case.operation is Operation.REOPEN and made:
            world.client.close(made.handle)
        client = world.impatient() if case.broken.fault.hangs else world.client
        return cls(world, case.operation, client, new, made, world.writes())

    def error(self) -> ClientError | None:
        try:
            self._call()
        except ClientError as error:
            return error
        return None

    def _call(self) -> None:
        if self.made is None:
            self.client.create(self.new)
            return
        calls: dict[Operation, Callable[[TicketHandle], object]] = {
            Operation.COMMENT: lambda ticket: self.client.comment(ticket, text="Again.", marker=self.marker),
            Operation.CLOSE: self.client.close,
            Operation.REOPEN: self.client.reopen,
            Operation.EDIT: lambda ticket: self.client.edit(ticket, changes=TicketEdit(title="A new title")),
            Operation.WEBHOOK: lambda ticket: self.client.read_many([ticket])[ticket.remote_id],
            Operation.LIST: lambda _: list(self.client.changed_since(self.world.target, since=an_hour_ago())),
        }
        calls[self.operation](self.made.handle)

    def writes(self) -> int:
        return self.world.writes() - self.writes_before

    def has_happened(self) -> bool:
        """Seen from over there, and found as the engine would find it."""
        world = self.world
        if self.made is None:
            found = world.client.find_by_marker(world.target, marker=self.new.marker, since=an_hour_ago())
            assert world.count(self.new.title) == (found is not None)
            return found is not None
        now = world.client.read_many([self.made.handle])[self.made.remote_id]
        assert isinstance(now, TicketSnapshot)
        if self.operation is Operation.COMMENT:
            comments = len(world.comments(self.made))
            assert comments == world.client.has_comment(self.made.handle, marker=self.marker, since=an_hour_ago())
            return comments == 1
        happened = {
            Operation.CLOSE: now.state is TicketState.DONE,
            Operation.REOPEN: now.state is TicketState.OPEN,
            Operation.EDIT: now.title == "A new title",
            Operation.LIST: False,
            Operation.WEBHOOK: False,
        }
        return happened[self.operation]


@pytest.mark.parametrize("fault", [proxy.RESET_BEFORE, proxy.RESET_AFTER, proxy.HTML_502, status_fault(422)])
def test_memory_and_jira_cloud_break_in_the_same_way(
    memory: MemoryWorld, jira_cloud: JiraWorld, fault: proxy.Fault
) -> None:
    broken = next(one for one in BROKEN.values() if one.fault.name == fault.name)
    for world in (memory, jira_cloud):
        new = world.new(f"Create with {fault.name}")
        world.break_next_create(broken)

        with pytest.raises(broken.on_write):
            world.client.create(new)

        found = world.client.find_by_marker(world.target, marker=new.marker, since=an_hour_ago())
        assert (found is not None, world.count(new.title)) == (fault.commits, int(fault.commits))


def test_a_single_read_breaks_like_a_list(world: World) -> None:
    made = world.client.create(world.new("Read"))
    for broken in (BROKEN["500"], BROKEN["429 with Retry-After"], BROKEN["404"]):
        world.break_next_read(broken)

        with pytest.raises(broken.on_read) as caught:
            world.client.fetch(made.key)

        assert caught.value.retry_after == broken.retry_after


def test_only_what_trying_again_cannot_mend_is_permanent() -> None:
    permanent = {broken.on_write for broken in BROKEN.values() if broken.on_write.permanent}

    assert permanent == {BadCredentials, NoAccess, TicketGone, Refused}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_is_never_followed(github: GithubWorld, jira: JiraWorld, status: int) -> None:
    for world in (github, jira):
        with SilentHost() as (elsewhere, visits):
            fault = status_fault(status, Location=f"{elsewhere}/rest/api/2/issue/OPS-1")
            world.break_next_read(Broken(fault, Redirected, Redirected))
            made = world.client.create(world.new("Redirect"))
            if isinstance(world, GithubWorld):
                with pytest.raises(Redirected):
                    world.client.fetch(made.key)
            world.break_next_create(Broken(fault, Redirected, Redirected))
            with pytest.raises((Redirected, Refused)) as caught:
                world.client.create(world.new("Redirected create"))
            assert visits() == 0
            assert not isinstance(caught.value, AnswerLost)


class SilentHost:
    """A place that nobody should come to, and how many did."""

    def __enter__(self) -> tuple[str, Callable[[], int]]:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}", self._visits

    def _visits(self) -> int:
        try:
            self._socket.accept()[0].close()
        except TimeoutError:
            return 0
        return 1

    def __exit__(self, *_error: object) -> None:
        self._socket.close()


def closed_port_clients() -> list[TicketClient]:
    url, allowed = f"http://127.0.0.1:{free_port()}", frozenset({"127.0.0.1"})
    return [
        GithubClient(token="t", base_url=url, allowed_hosts=allowed, seconds_between_writes=0),
        JiraClient(token="t", base_url=url, is_cloud=False, allowed_hosts=allowed, seconds_between_writes=0),
    ]


@pytest.mark.parametrize("client", closed_port_clients(), ids=["github", "jira"])
def test_a_tracker_that_is_down_was_certainly_not_reached(client: TicketClient, github: GithubWorld) -> None:
    new = github.new("Down")
    target = "acme/shop" if isinstance(client, GithubClient) else "OPS"

    with pytest.raises(NotReached) as caught:
        client.create(type(new)(target=target, title=new.title, body="", marker=new.marker))
    assert not caught.value.permanent
    with pytest.raises(NotReached):
        client.check()


def test_a_wrong_token_is_said_in_words(github: GithubWorld, either_jira: JiraWorld) -> None:
    for client in (github.github(token="wrong"), either_jira.jira(token="wrong")):
        with pytest.raises(BadCredentials, match="new token"):
            client.check()
