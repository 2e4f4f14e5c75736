"""Where we may connect to: never into this machine or a private network unless an administrator named the host.

`check_address` answers when an address is saved; `guarded_pools` asks again at every connection, so neither
a redirect nor a changed DNS answer leads inside.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from tracker.clients.failures import AddressRefused, NotReached

Resolve = Callable[[str, int], Iterable[str]]
_PORTS = {"http": 80, "https": 443}
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")  # private in older networks, global to Python
_EMBEDDED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))  # IPv4 inside IPv6


def addresses_of(host: str, port: int) -> list[str]:
    """All addresses the system knows for a host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached(
            f"This machine finds no host named {host}. Look for a slip in the address, "
            "and see that this machine may reach the network."
        ) from error
    return [str(entry[4][0]) for entry in found]


def check_address(url: str, *, allowed_hosts: frozenset[str], resolve: Resolve = addresses_of) -> None:
    """Raise `AddressRefused` unless we may connect to `url`. `allowed_hosts` holds "host" or "host:port"."""
    host, port = check_form(url)
    check_host(host, port=port, allowed_hosts=allowed_hosts, resolve=resolve)


def check_form(url: str) -> tuple[str, int]:
    """Host and port of an address that may be a tracker's by its form alone; nobody is asked."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise AddressRefused("This is not a web address. It should look like https://example.com.") from error
    if parts.scheme not in _PORTS or not host:
        raise AddressRefused("A tracker's address starts with https:// (or http://) and names a host.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("Leave name and password out of the address; they have fields of their own.")
    return host, port


def check_host(host: str, *, port: int, allowed_hosts: frozenset[str], resolve: Resolve = addresses_of) -> None:
    """Raise `AddressRefused` when any address of the host lies inside this machine or a private network."""
    if is_allowed(host, port=port, allowed_hosts=allowed_hosts):
        return
    for address in resolve(host, port):
        if not is_public(address):
            raise AddressRefused(
                f"{host} leads into this machine or a private network, where we do not go. "
                "If your tracker lives there, an administrator can name the host in TRACKER_HOSTS."
            )


def is_allowed(host: str, *, port: int, allowed_hosts: frozenset[str]) -> bool:
    named = {entry.strip().lower() for entry in allowed_hosts}
    plain = host.lower().rstrip(".")
    shown = f"[{plain}]" if ":" in plain else plain
    return bool(named & {plain, shown, f"{shown}:{port}"})


def is_public(address: str) -> bool:
    """Whether an IP address is out in the world. Addresses that carry an IPv4 address are judged by it too."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner: ipaddress.IPv4Address | None = None
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and any(ip in network for network in _EMBEDDED):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if inner is not None:
        return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and ip not in _SITE_LOCAL


def guarded_pools(allowed_hosts: frozenset[str], *, resolve: Resolve = addresses_of) -> dict[str, type[Any]]:
    """Connection pools for urllib3's PoolManager that check the host before and the peer after connecting."""

    def check(connection: HTTPConnection, connect: Callable[[], socket.socket]) -> socket.socket:
        check_host(connection.host, port=connection.port, allowed_hosts=allowed_hosts, resolve=resolve)
        sock = connect()
        peer = str(sock.getpeername()[0])
        if not is_allowed(connection.host, port=connection.port, allowed_hosts=allowed_hosts) and not is_public(peer):
            sock.close()
            raise AddressRefused(f"{connection.host} changed its address into a private network while we connected.")
        return sock

    class GuardedConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return check(self, super()._new_conn)

    class GuardedTLSConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return check(self, super()._new_conn)

    class GuardedPool(HTTPConnectionPool):
        ConnectionCls = GuardedConnection

    class GuardedTLSPool(HTTPSConnectionPool):
        ConnectionCls = GuardedTLSConnection

    return {"http": GuardedPool, "https": GuardedTLSPool}
