"""Trying a tracker: whether its address may be used, and what it says when we ask who we are."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tracker.clients.addresses import check_address
from tracker.clients.failures import ClientError
from tracker.clients.tickets import CheckReport
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import Tracker
from tracker.sync.access import client_of
from tracker.wiring import settings

PATIENCE = 25
"""Seconds that a person waits for the answer of a tracker; it may send a byte every second for ever."""


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


def try_tracker(tracker: Tracker) -> Finding:
    """Ask the tracker who we are and what is missing, by reading only and with no transaction open."""
    targets = [tracker.default_target] if tracker.default_target else []
    name = tracker.name
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="check")
    try:
        with client_of(tracker) as client:
            session.rollback()
            report: CheckReport = executor.submit(client.check, targets=targets).result(timeout=PATIENCE)
    except TimeoutError:
        return Finding(
            (f"{name} did not answer within {PATIENCE} seconds. Try again; if it stays, look at the server.",)
        )
    except (ClientError, RuleError) as error:
        return Finding((str(error),))
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
    return Finding(report.problems, account=report.account)
