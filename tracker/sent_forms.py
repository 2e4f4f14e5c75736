"""A form that is sent twice does its work once: the second answer is the first one's.

``post_form(..., once=true)`` gives a form its key; the route calls ``sent_once`` first thing in its transaction.
"""

import hashlib
import json
import secrets
from datetime import datetime, timedelta

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from tracker.db import session
from tracker.models import Person, SentForm
from tracker.pages import moved_on

KEY = "form_key"
KEPT = timedelta(days=7)
"""A page that a browser opens again after that long is asked anew."""


class SentBeforeError(Exception):
    """The work of this form is done; ``message`` and ``to`` are the answer it got."""

    def __init__(self, sent: SentForm) -> None:
        super().__init__("This form was sent before.")
        self.message, self.to = sent.message, sent.to


def init_sent_forms(app: Flask) -> None:
    app.jinja_env.globals.update(new_form_key=lambda: secrets.token_urlsafe(16))
    app.register_error_handler(SentBeforeError, _first_answer)


def sent_once(*, by: Person, now: datetime) -> SentForm:
    """Claim the form of this request; write the answer on the row, which is stored with the work or not at all.

    Whoever sends the same form at the same moment waits here until the first is done. A form without a key, as a
    program sends it, is taken as often as it comes.

    Raises:
        SentBeforeError: it was sent before; every page answers it as it did then, unless the route has a better answer.
    """
    sent = SentForm(fingerprint=_fingerprint(by), person_id=by.id, sent_at=now)
    if not request.form.get(KEY):
        return sent
    try:
        with session.begin_nested():
            session.add(sent)
    except IntegrityError:
        raise SentBeforeError(session.get_one(SentForm, _fingerprint(by))) from None
    session.execute(delete(SentForm).where(SentForm.person_id == by.id, SentForm.sent_at < now - KEPT))
    return sent


def _fingerprint(by: Person) -> str:
    words = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    return hashlib.sha256(json.dumps([by.id, request.path, words]).encode()).hexdigest()


def _first_answer(error: SentBeforeError) -> ResponseReturnValue:
    return moved_on(error.message, to=error.to)
