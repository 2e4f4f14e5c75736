"""What a broken connection, a broken server and a refusal look like, and how many tickets exist afterwards.

The rule under test: a write goes out once. Whatever is unclear after it is `AnswerLost`, and looking finds the truth.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.clients.worlds import Broken, GithubWorld, JiraWorld, World
from tests.servers import proxy
from tests.servers.programs import free_port
from tests.servers.proxy import status_fault
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
    Unavailable,
)
from tracker.clients.github import GithubClient
from tracker.clients.jira import JiraClient
from tracker.clients.tickets import TicketClient, TicketSnapshot, TicketState

pytestmark = pytest.mark.once

SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
SLOWLY = timedelta(seconds=7)

BROKEN = [
    Broken(proxy.RESET_BEFORE, AnswerLost, Unavailable),
    Broken(proxy.RESET_AFTER, AnswerLost, Unavailable),
    Broken(proxy.TIMEOUT_BEFORE, AnswerLost, Unavailable),
    Broken(proxy.TIMEOUT_AFTER, AnswerLost, Unavailable),
    Broken(proxy.ERROR_500, AnswerLost, Unavailable),
    Broken(proxy.HTML_502, AnswerLost, Unavailable),
    Broken(proxy.HALF_JSON, AnswerLost, StrangeAnswer),
    Broken(proxy.CUT_SHORT, AnswerLost, Unavailable),
    Broken(proxy.HTML_200, AnswerLost, StrangeAnswer),
    Broken(proxy.WRONG_TYPES, AnswerLost, StrangeAnswer),
    Broken(proxy.HUGE, AnswerLost, StrangeAnswer),
    Broken(status_fault(401, {"message": "Bad credentials"}), BadCredentials, BadCredentials),
    Broken(status_fault(403, {"message": "Resource not accessible by integration"}), NoAccess, NoAccess),
    Broken(status_fault(404, {"message": "Not Found"}), NoAccess, NoAccess),
    Broken(status_fault(410, {"message": "This issue was deleted"}), TicketGone, TicketGone),
    Broken(status_fault(409, {"message": "Conflict"}), Refused, Refused),
    Broken(status_fault(422, {"message": "Validation Failed"}), Refused, Refused),
    Broken(status_fault(429, Retry_After="7"), RateLimited, RateLimited, SLOWLY),
    Broken(status_fault(429), RateLimited, RateLimited),
    Broken(status_fault(403, SECONDARY, Retry_After="7"), RateLimited, RateLimited, SLOWLY),
    Broken(status_fault(403, SECONDARY), RateLimited, RateLimited),
]
BODY_ONLY = (proxy.HALF_JSON, proxy.CUT_SHORT, proxy.WRONG_TYPES)


@pytest.fixture(params=BROKEN, ids=lambda broken: broken.fault.name + (" + wait" if broken.retry_after else ""))
def broken(request: pytest.FixtureRequest) -> Broken:
    found: Broken = request.param
    return found


def client_for(world: World, broken: Broken) -> TicketClient:
    return world.impatient() if broken.fault.hangs else world.client


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def is_a_sentence(error: ClientError) -> bool:
    text = str(error)
    return text == "broken" or (
        text[-1] in '."' and not any(word in text for word in ("Traceback", "object at", "<html", "None"))
    )


def test_a_broken_create_makes_at_most_one_ticket_and_says_what_is_known(world: World, broken: Broken) -> None:
    new = world.new(f"Create with {broken.fault.name}")
    world.break_next_create(broken)

    with pytest.raises(broken.on_write) as caught:
        client_for(world, broken).create(new)

    found = world.client.find_by_marker(world.target, marker=new.marker, since=an_hour_ago())
    assert type(caught.value) is broken.on_write
    assert is_a_sentence(caught.value), str(caught.value)
    assert (world.writes(), world.count(new.title)) == (1, broken.tickets) or type(world).__name__ == "MemoryWorld"
    assert (found is not None) == bool(broken.tickets)
    assert found is None or found.title == new.title
    assert caught.value.retry_after == broken.retry_after


def test_a_broken_close_is_sent_once_and_the_truth_can_be_read(world: World, broken: Broken) -> None:
    made = world.client.create(world.new("Close"))
    before = world.writes()
    world.break_next_write(broken)

    if isinstance(world, JiraWorld) and broken.fault in BODY_ONLY:
        assert world.client.close(made.handle).state is TicketState.DONE  # Jira's answer here has no body to break
    else:
        with pytest.raises(broken.on_write):
            client_for(world, broken).close(made.handle)

    read = world.client.read_many([made.handle])[made.remote_id]
    assert isinstance(read, TicketSnapshot)
    assert read.state is (TicketState.DONE if broken.fault.commits else TicketState.OPEN)
    assert world.writes() - before in (0, 1)  # memory has no wire


def test_a_broken_read_raises_a_sentence_and_writes_nothing(world: World, broken: Broken) -> None:
    made = world.client.create(world.new("Read"))
    before = world.writes()
    world.break_next_read(broken)

    with pytest.raises(broken.on_read) as caught:
        client_for(world, broken).fetch(made.key)

    assert type(caught.value) is broken.on_read
    assert caught.value.retry_after == broken.retry_after
    assert world.writes() == before


def test_only_what_trying_again_cannot_mend_is_permanent() -> None:
    permanent = {broken.on_write for broken in BROKEN if broken.on_write.permanent}

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
