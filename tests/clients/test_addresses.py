"""Where a tracker's address may lead, asked when it is saved and again at every connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.clients.worlds import GithubWorld
from tracker.clients.addresses import addresses_of, check_address, is_public
from tracker.clients.failures import AddressRefused, NotReached
from tracker.clients.github import GithubClient
from tracker.clients.jira import JiraClient

pytestmark = pytest.mark.once

PUBLIC = "140.82.112.3"


def leads_to(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda _host, _port: list(addresses)


def is_refused(url: str, *named: str, resolve: Callable[[str, int], list[str]] = addresses_of) -> bool:
    try:
        check_address(url, allowed_hosts=frozenset(named), resolve=resolve)
    except AddressRefused:
        return True
    return False


@pytest.mark.parametrize(
    "url",
    ["", "example.com", "ftp://example.com", "file:///etc/passwd", "https://", "http://[", "https://h:99999", "//x"],
)
def test_what_is_not_a_web_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(url, allowed_hosts=frozenset({""}), resolve=leads_to(PUBLIC))


def test_name_and_password_do_not_belong_into_an_address() -> None:
    with pytest.raises(AddressRefused, match="fields of their own"):
        check_address("https://ana:secret@example.com", allowed_hosts=frozenset(), resolve=leads_to(PUBLIC))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104  an address to refuse, not to listen on
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "no address",
    ],
)
def test_no_way_leads_inside(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(AddressRefused, match="TRACKER_HOSTS"):
        check_address("https://jira.example.com", allowed_hosts=frozenset(), resolve=leads_to(PUBLIC, address))


@pytest.mark.parametrize("address", [PUBLIC, "2606:50c0:8000::154", "::ffff:140.82.112.3"])
def test_the_world_is_open(address: str) -> None:
    assert is_public(address)
    assert not is_refused("https://api.github.com", resolve=leads_to(address))


@pytest.mark.parametrize("url", ["http://127.1", "http://2130706433", "http://0x7f.1"])
def test_loopback_is_known_however_it_is_written(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(url, allowed_hosts=frozenset())


@pytest.mark.parametrize("named", ["jira.local", "JIRA.local", "jira.local:8443"])
def test_a_named_host_is_allowed(named: str) -> None:
    inside = leads_to("10.0.0.1")

    assert is_refused("https://jira.local:8443/x", resolve=inside)
    assert not is_refused("https://jira.local:8443/x", named, resolve=inside)


def test_a_host_named_with_one_port_is_not_allowed_on_another() -> None:
    with pytest.raises(AddressRefused):
        check_address(
            "https://jira.local:22", allowed_hosts=frozenset({"jira.local:8443"}), resolve=leads_to("10.0.0.1")
        )


def test_an_ipv6_host_can_be_named() -> None:
    assert is_refused("http://[::1]:8080")
    assert not is_refused("http://[::1]:8080", "[::1]:8080")


def test_a_host_that_does_not_exist_is_not_reached() -> None:
    with pytest.raises(NotReached, match=r"no host named .* may reach the network"):
        check_address("https://nowhere.invalid", allowed_hosts=frozenset())


def test_a_client_does_not_even_begin_with_a_strange_address() -> None:
    with pytest.raises(AddressRefused):
        GithubClient(token="t", base_url="gopher://x")
    with pytest.raises(AddressRefused):
        JiraClient(token="t", base_url="jira", is_cloud=True)


def test_every_connection_is_checked_not_only_the_saved_address(github: GithubWorld) -> None:
    client = GithubClient(token=github.server.token, base_url=github.server.base_url, seconds_between_writes=0)
    new = github.new("Inside")

    with pytest.raises(AddressRefused):
        client.fetch("acme/shop#1")
    with pytest.raises(AddressRefused):
        client.create(new)
    assert (github.server.proxy.requests, github.count(new.title)) == ([], 0)


def test_a_name_that_changes_its_address_while_we_connect_gets_nothing(github: GithubWorld) -> None:
    """DNS says a public address when asked for the check, and loopback when the connection is made."""
    port = github.server.base_url.rpartition(":")[2]
    client = GithubClient(
        token=github.server.token,
        base_url=f"http://localhost:{port}",
        resolve=leads_to(PUBLIC),
        seconds_between_writes=0,
    )

    with pytest.raises(AddressRefused, match="changed its address"):
        client.fetch("acme/shop#1")
    assert github.server.proxy.requests == []
