"""The log: lines for people or as JSON, each with the request or job it belongs to.

Somebody is a number here and an address the name of its route: no name, token or word of an incident gets in.
"""

import json
import logging
import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from flask import Flask, Response, request

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
FORMATS = ("plain", "json")
HARMLESS = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What may stand in the log, in a header and on a page although somebody else chose it."""
QUIET = ("static", "health.healthz", "health.readyz", "health.metrics")
"""Routes that are asked all day and tell nothing while they answer well."""
NOISY_LIBRARIES = ("alembic", "huey", "waitress")
"""They would tell of every job every minute, also when none had work."""
ROWS = re.compile(
    r"^DETAIL:.*?(?=^(?:\[SQL|\(Background|The above|During handling|Traceback)|\Z)", re.DOTALL | re.MULTILINE
)
"""Where PostgreSQL quotes the row that it refused."""


@dataclass
class Work:
    """One request, or one run of a job."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    job: str = ""
    """The job's name; empty for a request."""
    person_id: int | None = None
    began: float = field(default_factory=perf_counter)

    @property
    def milliseconds(self) -> int:
        return round(1000 * (perf_counter() - self.began))


_in_hand: ContextVar[Work | None] = ContextVar("followthrough.work", default=None)


def begin_job(name: str) -> None:
    """What this thread logs from now on belongs to a new run of that job, also what the queue says after it."""
    _in_hand.set(Work(job=name))


def request_id() -> str:
    """What an administrator finds this request by; empty outside of one."""
    work = _in_hand.get()
    return work.id if work and not work.job else ""


def note_person(number: int) -> None:
    """Whose request this is."""
    if work := _in_hand.get():
        work.person_id = number


def tell_sign_in(*, by: str, account: int | None, is_let_in: bool) -> None:
    """A line for each decision whether somebody comes in; ``account`` is the number of the person they say they are."""
    outcome = "let in" if is_let_in else "refused"
    seen = {"event": "sign-in", "by": by, "account": account, "outcome": outcome}
    log.log(
        logging.INFO if is_let_in else logging.WARNING, "Sign-in by %(by)s: %(outcome)s.", seen, extra={"seen": seen}
    )


def init_logs(app: Flask) -> None:
    """Give each request its number. Called before anything else listens to them, so that no line is without it."""
    app.before_request(_begin_request)
    app.after_request(_end_request)
    app.teardown_request(_forget_request)


def _begin_request() -> None:
    given = request.headers.get(HEADER, "")
    _in_hand.set(Work(id=given) if HARMLESS.fullmatch(given) else Work())


def _end_request(response: Response) -> Response:
    work = _in_hand.get()
    if work is None:
        return response
    response.headers[HEADER] = work.id
    is_broken = response.status_code >= 500
    if is_broken or request.endpoint not in QUIET:
        seen = {
            "method": request.method,
            "route": request.endpoint or "none",
            "status": response.status_code,
            "milliseconds": work.milliseconds,
        }
        sentence = "%(method)s %(route)s %(status)s in %(milliseconds)s ms"
        log.log(logging.WARNING if is_broken else logging.INFO, sentence, seen, extra={"seen": seen})
    return response


def _forget_request(_error: BaseException | None) -> None:
    _in_hand.set(None)


def start_log(form: str) -> None:
    """Write what an operator wants to read to stderr, as ``plain`` or ``json``."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else PlainLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for library in NOISY_LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)


class PlainLines(logging.Formatter):
    """For eyes: the number of the request or run stands in brackets."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the library's name
        line = super().formatMessage(record)
        told = " ".join(f"{name}={value}" for name, value in belongs_to(_in_hand.get()).items())
        return f"{line} [{told}]" if told else line

    def formatException(self, ei: Any) -> str:  # noqa: N802  the library's name
        return without_rows(super().formatException(ei))


class JsonLines(logging.Formatter):
    """For programs: one object a line, also for a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **belongs_to(_in_hand.get()),
            **getattr(record, "seen", {}),
        }
        if record.exc_info:
            told["traceback"] = without_rows(self.formatException(record.exc_info))
        return json.dumps(told, default=str)


def belongs_to(work: Work | None) -> dict[str, str | int]:
    """What each line tells of the request or job in hand."""
    if work is None:
        return {}
    told: dict[str, str | int] = {"job": work.job, "job_id": work.id} if work.job else {"request_id": work.id}
    return told if work.person_id is None else {**told, "person": work.person_id}


def without_rows(text: str) -> str:
    """A traceback without the words of a row that PostgreSQL refused; which rule it was stands in the line before."""
    return ROWS.sub("", text)
