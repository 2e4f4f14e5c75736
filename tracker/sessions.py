"""Signed-in sessions, a row each (Flask-Login), CSRF on every write (Flask-WTF), limits on guessing (Flask-Limiter)."""

from datetime import datetime, timedelta

from flask import Flask, g, request
from flask import session as cookie
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, login_user, logout_user
from flask_wtf import CSRFProtect
from sqlalchemy import delete, select, update

from tracker import clock
from tracker.browsers import browser_name
from tracker.db import session, transaction
from tracker.known_browsers import know_this_browser
from tracker.logs import note_person, tell_sign_in
from tracker.models import Person, PersonSession
from tracker.security import new_token, token_hash

SESSION_LIFE = timedelta(days=14)
"""A session that is not used for so long ends by itself."""
LONGEST_LIFE = timedelta(days=30)
"""And one that is used every day after so long: then whoever holds it shows again who they are."""
SEEN_EVERY = timedelta(hours=1)
KEPT = timedelta(days=90)
"""How long it can be seen that a session was there."""
TOKEN = "session"  # noqa: S105  the key in the cookie, not a secret

csrf = CSRFProtect()
limiter = Limiter(get_remote_address)


def init_sessions(app: Flask) -> None:
    csrf.init_app(app)
    limiter.init_app(app)
    manager = LoginManager(app)
    manager.session_protection = (
        None  # the strong mode ends sessions behind mobile networks; here their rows end them on purpose
    )
    manager.user_loader(load_person)
    app.before_request(_note_visit)


def load_person(number: str) -> Person | None:
    """Whose cookie this is, unless they were switched off or the session has ended: one query for both rows."""
    token = cookie.get(TOKEN)
    if not number.isdecimal() or not isinstance(token, str):
        return None
    now = clock.utcnow()
    found = session.execute(
        select(Person, PersonSession.id, PersonSession.last_seen_at)
        .join(PersonSession, PersonSession.person_id == Person.id)
        .where(PersonSession.token_hash == token_hash(token), PersonSession.ended_at.is_(None))
        .where(PersonSession.last_seen_at > now - SESSION_LIFE, PersonSession.created_at > now - LONGEST_LIFE)
        .where(Person.id == int(number), Person.is_active)
    ).one_or_none()
    if found is None:
        return None
    g.visit = (found.id, found.last_seen_at)
    note_person(int(number))
    return found.Person  # type: ignore[no-any-return]


def _note_visit() -> None:
    """Note, once an hour, that the session is in use."""
    number, seen_at = g.get("visit", (None, None))
    now = clock.utcnow()
    if seen_at is not None and now - seen_at >= SEEN_EVERY:
        with transaction():
            session.execute(update(PersonSession).where(PersonSession.id == number).values(last_seen_at=now))


def start_session(person: Person, *, came_by: str = "", now: datetime) -> None:
    """A new session with nothing of the one before, so that a planted cookie gains nothing.

    ``came_by`` says how they signed in, for the list of their sessions.
    """
    token = new_token()
    program = browser_name(request.user_agent.string)
    with transaction():
        _end(now=now)
        _drop_forgotten(person, now=now)
        row = PersonSession(person_id=person.id, token_hash=token_hash(token), created_at=now, last_seen_at=now)
        row.came_by, row.program = came_by, program
        session.add(row)
    cookie.clear()
    cookie.permanent = True
    cookie[TOKEN] = token
    login_user(person)
    tell_sign_in(by=came_by, account=person.id, is_let_in=True)
    know_this_browser(person.email)


def _drop_forgotten(person: Person, *, now: datetime) -> None:
    row = PersonSession
    session.execute(delete(row).where(row.person_id == person.id, row.last_seen_at < now - KEPT))


def is_this_session(row: PersonSession) -> bool:
    """Whether it is the one of this request."""
    return bool(g.get("visit", (None, None))[0] == row.id)


def end_session(*, now: datetime) -> None:
    """End the session of this request, also for whoever has a copy of its cookie."""
    with transaction():
        _end(now=now)
    logout_user()
    cookie.clear()


def _end(*, now: datetime) -> None:
    token = cookie.get(TOKEN)
    if isinstance(token, str):
        row = PersonSession.token_hash == token_hash(token)
        session.execute(update(PersonSession).where(row, PersonSession.ended_at.is_(None)).values(ended_at=now))
