"""The right client for a configured tracker."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

from tracker.clients.access import TrackerAccess
from tracker.clients.failures import Refused
from tracker.clients.kept_token import KeptToken
from tracker.clients.pace import Pace
from tracker.clients.tickets import TicketClient

DEFAULT_SECONDS_BETWEEN_WRITES = 1.0


class TicketClients:
    """Makes the client of a tracker. Making one calls nobody; the libraries load when first needed.

    Clients come and go with every job. What has to outlive them is kept here, for as long as the process lives: the
    pace of the writes to one account, and the token of an App's installation.
    """

    def __init__(self, allowed_hosts: frozenset[str], *, seconds_between_writes: float) -> None:
        self._allowed_hosts = allowed_hosts
        self._seconds = seconds_between_writes
        self._kept: dict[str, tuple[Pace, KeptToken]] = {}
        self._turn = threading.Lock()

    def __call__(self, access: TrackerAccess) -> TicketClient:
        with self._turn:
            pace, token = self._kept.setdefault(_account(access), (Pace(self._seconds), KeptToken()))
        if access.kind == "github":
            return self._github(access, pace=pace, kept_token=token)
        if access.kind == "jira":
            return self._jira(access, pace=pace)
        raise Refused(f'"{access.kind}" is not a tracker we know. Use github or jira.')

    def _github(self, access: TrackerAccess, *, pace: Pace, kept_token: KeptToken) -> TicketClient:
        from tracker.clients.github import GithubClient  # noqa: PLC0415

        return GithubClient(
            token=access.token,
            base_url=access.url,
            allowed_hosts=self._allowed_hosts,
            pace=pace,
            kept_token=kept_token,
        )

    def _jira(self, access: TrackerAccess, *, pace: Pace) -> TicketClient:
        from tracker.clients.jira import JiraClient  # noqa: PLC0415

        return JiraClient(
            token=access.token,
            base_url=access.url,
            email=access.email,
            is_cloud=access.flavour == "cloud",
            allowed_hosts=self._allowed_hosts,
            pace=pace,
        )


def ticket_client_factory(
    allowed_hosts: frozenset[str], *, seconds_between_writes: float = DEFAULT_SECONDS_BETWEEN_WRITES
) -> Callable[[TrackerAccess], TicketClient]:
    return TicketClients(allowed_hosts, seconds_between_writes=seconds_between_writes)


def _account(access: TrackerAccess) -> str:
    """Tells accounts apart without keeping their credentials."""
    words = f"{access.kind}\0{access.url}\0{access.email}\0{access.token}"
    return hashlib.sha256(words.encode()).hexdigest()
