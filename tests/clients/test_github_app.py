"""Being a GitHub App: its token is asked for once, kept, renewed, and what is wrong with it is said in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.clients.worlds import GithubWorld
from tests.servers import proxy
from tests.servers.github import private_key
from tests.servers.proxy import status_fault
from tracker.clients.access import TrackerAccess
from tracker.clients.factory import ticket_client_factory
from tracker.clients.failures import BadCredentials, Unavailable
from tracker.clients.github import GithubClient
from tracker.clients.github_app import GithubApp, app_in, checked_app
from tracker.clients.kept_token import KeptToken
from tracker.clients.tickets import TicketClient, TicketState

pytestmark = pytest.mark.once

TOKENS = "/access_tokens"


def client_of(github: GithubWorld, *, key: str = "", installation: str = "815") -> GithubClient:
    app = GithubApp(app_id="4711", installation_id=installation, private_key=key or github.server.private_key)
    return GithubClient(
        token=app.sealed_text(),
        base_url=github.server.base_url,
        allowed_hosts=frozenset({github.server.host}),
        seconds_between_writes=0,
    )


def test_an_app_makes_and_closes_tickets_with_one_token(github: GithubWorld) -> None:
    client = client_of(github)
    new = github.new("From an App")

    made = client.create(new)
    closed = client.close(made.handle)

    assert (closed.state, github.count(new.title)) == (TicketState.DONE, 1)
    assert github.server.proxy.count("POST", TOKENS) == 1


def test_the_check_names_the_app(github: GithubWorld) -> None:
    assert client_of(github).check(targets=[github.target]).account == "followthrough"


def test_a_wrong_key_is_said_in_words(github: GithubWorld) -> None:
    with pytest.raises(BadCredentials, match="App's ID and private key"):
        client_of(github, key=private_key()).check()


def test_a_wrong_installation_is_said_in_words(github: GithubWorld) -> None:
    with pytest.raises(BadCredentials, match="no installation 816"):
        client_of(github, installation="816").fetch("acme/shop#1")


def test_a_create_whose_token_could_not_be_got_was_never_sent(github: GithubWorld) -> None:
    github.server.proxy.break_next(proxy.RESET_AFTER, method="POST", path=TOKENS)
    new = github.new("Without a token")

    with pytest.raises(Unavailable):
        client_of(github).create(new)
    assert github.count(new.title) == 0


def test_a_token_that_is_refused_is_asked_for_anew(github: GithubWorld) -> None:
    client = client_of(github)
    made = client.create(github.new("Withdrawn"))
    github.server.dress.installation_tokens.clear()

    with pytest.raises(BadCredentials):
        client.fetch(made.key)

    assert client.fetch(made.key) == made
    assert github.server.proxy.count("POST", TOKENS) == 2


def test_the_clients_of_one_installation_share_its_token(github: GithubWorld) -> None:
    app = GithubApp(app_id="4711", installation_id="815", private_key=github.server.private_key)
    access = TrackerAccess(kind="github", flavour=None, url=github.server.base_url, email="", token=app.sealed_text())
    make = ticket_client_factory(frozenset({github.server.host}), seconds_between_writes=0)

    first: TicketClient = make(access)
    made = first.create(github.new("Shared"))
    first.close_connections()

    assert make(access).fetch(made.key) == made
    assert github.server.proxy.count("POST", TOKENS) == 1


def test_a_kept_token_is_renewed_shortly_before_it_ends() -> None:
    ticks = iter([0.0, 0.0, 3299.0, 3300.0, 3300.0])
    kept = KeptToken(tick=lambda: next(ticks))
    given = iter(["first", "second"])

    def ask() -> tuple[str, timedelta]:
        return next(given), timedelta(hours=1)

    assert [kept.current(ask) for _ in range(3)] == ["first", "first", "second"]


@pytest.mark.parametrize(
    ("app_id", "installation_id", "key", "said"),
    [
        ("abc", "815", "", "App ID is a number"),
        ("4711", "", "", "installation ID is a number"),
        ("4711", "815", "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "not a private key"),
        ("4711", "815", "ghp_token", "not a private key"),
    ],
)
def test_credentials_that_cannot_be_an_apps_are_refused_at_once(
    app_id: str, installation_id: str, key: str, said: str
) -> None:
    with pytest.raises(BadCredentials, match=said):
        checked_app(app_id=app_id, installation_id=installation_id, private_key=key)


def test_a_key_may_be_pasted_with_any_line_ends() -> None:
    key = private_key()

    app = checked_app(app_id="4711", installation_id="815", private_key="\n" + key.replace("\n", "\r\n"))

    assert app.private_key == key
    assert app_in(app.sealed_text()) == app
    assert app_in("ghp_token") is None
    assert key.splitlines()[1] not in repr(app)


def test_an_app_that_may_not_write_is_told_by_the_check(github: GithubWorld) -> None:
    github.server.proxy.break_next(status_fault(403), method="POST", path="/issues")

    assert "not add issues" in client_of(github).check(targets=[github.target]).problems[0]
