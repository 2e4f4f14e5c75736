"""Work that a request asks for is done once, however often it is sent with the same ``Idempotency-Key``."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, request
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from tracker import clock
from tracker.api.access import caller
from tracker.api.answers import answer
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import Person, SentRequest

KEY = re.compile(r"[!-~]{1,255}")
KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Done:
    """What was done, as it is answered: now, and each time the same request comes again."""

    body: str
    status: int = 200
    location: str = ""


class AnsweredBeforeError(Exception):
    """The work of this request is done; this is the answer it got."""

    def __init__(self, done: Done) -> None:
        super().__init__("This request was answered before.")
        self.done = done


def do_once(work: Callable[[Person, datetime], Done]) -> Response:
    """Do the work in one transaction with the note that it was done. A request without a key is done each time.

    Raises:
        RuleError: the key is none, or was used for something else.
    """
    try:
        with transaction():
            by, now = caller(), clock.utcnow()
            sent = _claim(by, now)
            done = work(by, now)
            sent.status, sent.body, sent.location = done.status, done.body, done.location
    except AnsweredBeforeError as error:
        again = error.done
        response = answer(again.body, status=again.status, location=again.location)
        response.headers["Idempotency-Replayed"] = "true"
        return response
    return answer(done.body, status=done.status, location=done.location)


def _claim(by: Person, now: datetime) -> SentRequest:
    """The row of this request. Whoever sends the same at the same moment waits here until the first is done."""
    key = request.headers.get("Idempotency-Key")
    sent = SentRequest(person_id=by.id, request_hash=_request_hash(), sent_at=now)
    if key is None:
        return sent
    if not KEY.fullmatch(key):
        raise RuleError("An Idempotency-Key is up to 255 visible characters of ASCII, such as a UUID.")
    sent.fingerprint = hashlib.sha256(json.dumps([by.id, key]).encode()).hexdigest()
    session.execute(delete(SentRequest).where(SentRequest.person_id == by.id, SentRequest.sent_at < now - KEPT))
    first = session.get(SentRequest, sent.fingerprint) or _insert(sent)
    if first is None:
        return sent
    if first.request_hash != sent.request_hash:
        raise RuleError("This Idempotency-Key was used for another request. Take a new one.")
    raise AnsweredBeforeError(Done(first.body, first.status, first.location))


def _insert(sent: SentRequest) -> SentRequest | None:
    """Take the key; the row of whoever was quicker, when somebody was."""
    try:
        with session.begin_nested():
            session.add(sent)
    except IntegrityError:
        return session.get_one(SentRequest, sent.fingerprint)
    return None


def _request_hash() -> str:
    asked = f"{request.method} {request.full_path}\n".encode() + request.get_data(cache=True)
    return hashlib.sha256(asked).hexdigest()
