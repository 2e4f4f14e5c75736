"""Trying a tracker: whether its address may be used, and what it says when we ask who we are."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from tracker.clients.access import TrackerAccess
from tracker.clients.addresses import check_address
from tracker.clients.failures import (
    AddressRefused,
    BadCredentials,
    ClientError,
    NoAccess,
    NotReached,
    Refused,
    StrangeAnswer,
    TicketGone,
)
from tracker.clients.tickets import TicketClient
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import Tracker, TrackerKind
from tracker.sync.access import access_of, client_at
from tracker.sync.mappings.check_targets import check_all, targets_to_check
from tracker.wiring import settings

PATIENCE = 25
"""Seconds that a person waits for the answer of a tracker; it may send a byte every second for ever."""
NOT_A_TRACKER = (AddressRefused, NoAccess, NotReached, Refused, StrangeAnswer, TicketGone)
"""How an address answers that is none of the tracker, when we ask who we are."""


@dataclass(frozen=True)
class Finding:
    """What trying a tracker showed, in sentences."""

    problems: tuple[str, ...]
    account: str = ""

    @property
    def is_healthy(self) -> bool:
        return not self.problems


def checked_address(url: str) -> str:
    """An address that we may connect to, without a slash at its end.

    Raises:
        RuleError: it is none, or leads where we do not go.
    """
    try:
        check_address(url, allowed_hosts=settings().tracker_hosts)
    except ClientError as error:
        raise RuleError(error.message) from error
    return url.rstrip("/")


Answer = TypeVar("Answer")


def ask(tracker: Tracker, question: Callable[[TicketClient], Answer]) -> Answer:
    """Ask a tracker something while a person waits, with no transaction open.

    Raises:
        RuleError: it refused, could not be reached, or takes longer than a person waits.
    """
    try:
        return _answer(access_of(tracker), question, name=tracker.name)
    except ClientError as error:
        raise RuleError(error.message) from error


def _answer(access: TrackerAccess, question: Callable[[TicketClient], Answer], *, name: str) -> Answer:
    """
    Raises:
        RuleError: it takes longer than a person waits.
        ClientError: it refused, or could not be reached.
    """
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ask")
    try:
        with client_at(access) as client:
            session.rollback()
            return executor.submit(question, client).result(timeout=PATIENCE)
    except TimeoutError as error:
        raise RuleError(
            f"{name} did not answer within {PATIENCE} seconds. Try again; if it stays, look at the server."
        ) from error
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


class Mistake(Enum):
    """What was typed wrong, as the tracker itself says."""

    ADDRESS = "address"
    CREDENTIALS = "credentials"


def mistake_in(access: TrackerAccess, *, name: str) -> tuple[Mistake, str] | None:
    """What has to be mended before the tracker lets us in. ``None``: it does, or nobody can say at present."""
    try:
        _answer(access, lambda client: client.check(), name=name)
    except BadCredentials as error:
        return Mistake.CREDENTIALS, error.message
    except NOT_A_TRACKER as error:
        site = "GitHub" if access.kind == TrackerKind.GITHUB else "Jira"
        return Mistake.ADDRESS, f"{error.message} Is this the address of your {site}?"
    except (ClientError, RuleError):  # it rests, fails or is slow: the check after saving says so
        return None
    return None


def try_tracker(tracker: Tracker) -> Finding:
    """Ask the tracker who we are and what is missing, leaving nothing there and with no transaction open."""
    targets = targets_to_check(tracker)
    try:
        report = ask(tracker, lambda client: check_all(client, targets))
    except RuleError as error:
        return Finding((str(error),))
    return Finding(report.problems, account=report.account)
