"""The right client for a configured tracker."""

from __future__ import annotations

from collections.abc import Callable

from tracker.clients.access import TrackerAccess
from tracker.clients.failures import Refused
from tracker.clients.tickets import TicketClient

DEFAULT_SECONDS_BETWEEN_WRITES = 1.0


def ticket_client_factory(
    allowed_hosts: frozenset[str], *, seconds_between_writes: float = DEFAULT_SECONDS_BETWEEN_WRITES
) -> Callable[[TrackerAccess], TicketClient]:
    """A function that makes the client of a tracker. Making one calls nobody; the libraries load when first needed."""

    def make(access: TrackerAccess) -> TicketClient:
        if access.kind == "github":
            from tracker.clients.github import GithubClient  # noqa: PLC0415

            return GithubClient(
                token=access.token,
                base_url=access.url,
                allowed_hosts=allowed_hosts,
                seconds_between_writes=seconds_between_writes,
            )
        if access.kind == "jira":
            from tracker.clients.jira import JiraClient  # noqa: PLC0415

            return JiraClient(
                token=access.token,
                base_url=access.url,
                email=access.email,
                is_cloud=access.flavour == "cloud",
                allowed_hosts=allowed_hosts,
                seconds_between_writes=seconds_between_writes,
            )
        raise Refused(f'"{access.kind}" is not a tracker we know. Use github or jira.')

    return make
