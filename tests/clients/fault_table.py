"""Which faults there are, and what each means for each call: the table that the tests run and the docs show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tests.clients.worlds import Broken
from tests.servers import proxy
from tests.servers.proxy import status_fault
from tracker.clients.failures import (
    AnswerLost,
    BadCredentials,
    ClientError,
    NoAccess,
    RateLimited,
    Redirected,
    Refused,
    StrangeAnswer,
    TicketGone,
    Unavailable,
)

SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
SLOWLY = timedelta(seconds=7)
ELSEWHERE = "http://moved.invalid/rest/api/2/issue/OPS-1"


class Operation(StrEnum):
    CREATE = "create"
    COMMENT = "comment"
    CLOSE = "close"
    REOPEN = "reopen"
    EDIT = "edit"
    LIST = "list"
    WEBHOOK = "webhook"
    """The look at a ticket that a webhook told of."""

    @property
    def only_reads(self) -> bool:
        return self in (Operation.LIST, Operation.WEBHOOK)


BROKEN = {
    "reset before the tracker took it": Broken(proxy.RESET_BEFORE, AnswerLost, Unavailable),
    "reset after the tracker took it": Broken(proxy.RESET_AFTER, AnswerLost, Unavailable),
    "time-out before the tracker took it": Broken(proxy.TIMEOUT_BEFORE, AnswerLost, Unavailable),
    "time-out after the tracker took it": Broken(proxy.TIMEOUT_AFTER, AnswerLost, Unavailable),
    "301 to another place": Broken(status_fault(301, Location=ELSEWHERE), Redirected, Redirected),
    "401": Broken(status_fault(401, {"message": "Bad credentials"}), BadCredentials, BadCredentials),
    "403": Broken(status_fault(403, {"message": "Resource not accessible by integration"}), NoAccess, NoAccess),
    "404": Broken(status_fault(404, {"message": "Not Found"}), NoAccess, NoAccess),
    "409": Broken(status_fault(409, {"message": "Conflict"}), Refused, Refused),
    "410": Broken(status_fault(410, {"message": "This issue was deleted"}), TicketGone, TicketGone),
    "422": Broken(status_fault(422, {"message": "Validation Failed"}), Refused, Refused),
    "429 with Retry-After": Broken(status_fault(429, Retry_After="7"), RateLimited, RateLimited, SLOWLY),
    "429 without Retry-After": Broken(status_fault(429), RateLimited, RateLimited),
    "secondary limit with Retry-After": Broken(
        status_fault(403, SECONDARY, Retry_After="7"), RateLimited, RateLimited, SLOWLY
    ),
    "secondary limit without Retry-After": Broken(status_fault(403, SECONDARY), RateLimited, RateLimited),
    "500": Broken(proxy.ERROR_500, AnswerLost, Unavailable),
    "502 with HTML, after the tracker took it": Broken(proxy.HTML_502, AnswerLost, Unavailable),
    "200 with HTML": Broken(proxy.HTML_200, AnswerLost, StrangeAnswer),
    "truncated JSON": Broken(proxy.HALF_JSON, AnswerLost, StrangeAnswer),
    "answer cut short": Broken(proxy.CUT_SHORT, AnswerLost, Unavailable),
    "wrong types": Broken(proxy.WRONG_TYPES, AnswerLost, StrangeAnswer),
    "an endless answer": Broken(proxy.HUGE, AnswerLost, StrangeAnswer),
}

_BODY = ("truncated JSON", "answer cut short", "wrong types")
#: Where a call succeeds in spite of the fault, and why that is right.
SUCCEEDS = {
    **{
        ("github", call, "301 to another place"): "asks where the issue is now, and writes there"
        for call in (Operation.COMMENT, Operation.CLOSE, Operation.REOPEN, Operation.EDIT)
    },
    **{
        ("jira", call, fault): "Jira's answer has no body to break"
        for call in (Operation.CLOSE, Operation.REOPEN)
        for fault in _BODY
    },
    **{
        ("jira", Operation.EDIT, fault): "Jira's answer has no body, and the ticket is read again"
        for fault in (*_BODY, "200 with HTML")
    },
}
_STOPS_EVERYTHING = (BadCredentials, RateLimited)
SUCCEEDS |= {
    ("github", Operation.WEBHOOK, name): "the ticket is asked for by itself instead"
    for name, broken in BROKEN.items()
    if broken.on_read not in _STOPS_EVERYTHING
}
SUCCEEDS |= {
    ("jira", Operation.WEBHOOK, name): "the ticket is asked for by itself instead"
    for name, broken in BROKEN.items()
    if broken.on_read is Refused
}
#: Where a call's error differs from what its fault means elsewhere.
DIFFERS: dict[tuple[str, Operation, str], type[ClientError]] = {
    # A repository was renamed: its new name belongs into the settings.
    ("github", Operation.CREATE, "301 to another place"): Refused,
}
#: What follows from each error; the engine's part is told in the column of the same name.
NEXT = {
    AnswerLost: "not known: looked for by its marker or read again, never just repeated",
    Unavailable: "tried again, with growing pauses",
    StrangeAnswer: "tried again, with growing pauses",
    Redirected: "nothing happened; tried again, and shown, until the address is mended",
    RateLimited: "nothing happened; waits as long as the tracker says, a minute if it does not",
    BadCredentials: "nothing happened; waits for a new token",
    NoAccess: "nothing happened; waits for a person",
    TicketGone: "nothing happened; the ticket is shown as deleted",
    Refused: "nothing happened; the tracker's reason is shown, a person decides",
}


class Shown(StrEnum):
    """What stands on the item afterwards; `tests/sync/test_faults_shown.py` proves it of every error."""

    NOTHING = "nothing new"
    UNKNOWN = "outcome unknown; once we looked and did not find it: link it, or create it again"
    ON_ITS_WAY = "on its way, why it waits, and when we try again"
    FAILED = "failed: the reason, and “Try now”"
    NOT_WRITTEN = "not written there: the reason, and when we try again"
    PERHAPS_WRITTEN = "not known whether it is written there, and when we look again"
    NOT_TOLD = "the ticket could not be told: the reason, and “Try now”"
    NO_ACCESS = "no access: we do not know its state"


_WAITS = (RateLimited,)
_PERHAPS = (AnswerLost, Unavailable, StrangeAnswer)


def shown(operation: Operation, error: type[ClientError] | None) -> Shown:
    """On the item, when its call ended so. A look that fails changes nothing: the round of reading follows."""
    if error is None or operation is Operation.WEBHOOK:
        return Shown.NOTHING
    if operation is Operation.LIST:
        return Shown.NO_ACCESS if error in (NoAccess, TicketGone, Refused) else Shown.NOTHING
    is_perhaps = issubclass(error, _PERHAPS) and error is not Redirected
    if operation is Operation.CREATE:
        return Shown.UNKNOWN if is_perhaps else Shown.ON_ITS_WAY if error in _WAITS else Shown.FAILED
    if operation is Operation.COMMENT:
        return Shown.NOT_TOLD if error.permanent else Shown.NOTHING
    return Shown.PERHAPS_WRITTEN if is_perhaps else Shown.NOTHING if error in _WAITS else Shown.NOT_WRITTEN


@dataclass(frozen=True)
class Case:
    """One cell of the table. `error` is `None` where the call succeeds all the same."""

    tracker: str
    operation: Operation
    name: str
    broken: Broken

    @property
    def error(self) -> type[ClientError] | None:
        where = (self.tracker, self.operation, self.name)
        if where in SUCCEEDS:
            return None
        usual = self.broken.on_read if self.operation.only_reads else self.broken.on_write
        return DIFFERS.get(where, usual)

    @property
    def why(self) -> str:
        """Why the call succeeds all the same; "" where it does not."""
        return SUCCEEDS.get((self.tracker, self.operation, self.name), "")

    @property
    def happens(self) -> bool:
        """Whether the tracker did what we asked, whatever it answered."""
        return not self.operation.only_reads and (self.error is None or self.broken.fault.commits)

    def __str__(self) -> str:
        return f"{self.tracker}-{self.operation}-{self.name}"


def cases() -> Iterator[Case]:
    for name, broken in BROKEN.items():
        for operation in Operation:
            for tracker in ("github", "jira"):
                yield Case(tracker, operation, name, broken)


def as_markdown() -> str:
    """The table for the docs."""
    return "\n".join([*_HEAD, *(_row(case) for case in cases()), *_DELIVERIES, ""])


def _row(case: Case) -> str:
    tracker = "GitHub" if case.tracker == "github" else "Jira"
    if case.error is None:
        told, then = "succeeds", case.why
    else:
        told, then = case.error.__name__, NEXT[case.error]
    if case.operation is Operation.CREATE:
        there = "1 ticket" if case.happens else "0 tickets"
    else:
        there = "read only" if case.operation.only_reads else ("done once" if case.happens else "not done")
    on_item = shown(case.operation, case.error)
    return f"| {case.name} | {case.operation} | {tracker} | {told} | {there} | {then} | {on_item} |"


_HEAD = [
    "# When a tracker fails",
    "",
    "What becomes of each call to GitHub and Jira when it breaks in each of these ways. The table is made from",
    "`tests/clients/fault_table.py`, which the tests run against a stateful GitHub and Jira behind a proxy that breaks",
    "the call: `python -m tests.clients.fault_table` writes it anew, and a test compares. Every write goes out once;",
    "a create leaves one ticket or none, never two.",
    "The call of a webhook is the look at the ticket it told of; what fails there is found by the next round of",
    "reading. How deliveries themselves are judged stands at the end.",
    "",
    "| fault | call | tracker | error | over there | what follows | what the item shows |",
    "|---|---|---|---|---|---|---|",
]
_DELIVERIES = [
    "",
    "## Deliveries of webhooks that are broken",
    "",
    "Nothing of these changes an item (`tests/sync/test_webhooks.py`): the ticket itself is read, or nothing happens.",
    "",
    "| delivery | we answer | what happens |",
    "|---|---|---|",
    "| it never comes | | the next round of reading sees the change |",
    "| late, out of order | 202 | the ticket is read as it is now; an older state never overwrites a newer one |",
    "| twice | 202 | looked at once |",
    "| older than seven days | 202 | nothing |",
    "| of a ticket that no item follows | 202 | nothing, and nothing is kept |",
    "| not signed, wrongly signed, changed on the way | 403 | nothing; slowed down after 30 a minute |",
    "| truncated JSON, wrong types, a time that cannot be | 400 | nothing |",
    "| not JSON by its type | 415 | told what to set |",
    "| more than 1 MB | 413 | not read |",
]


if __name__ == "__main__":
    from pathlib import Path

    (Path(__file__).parent.parent.parent / "docs" / "fault-matrix.md").write_text(as_markdown())
