"""Signed-in sessions (Flask-Login), CSRF on every write (Flask-WTF), and limits on guessing (Flask-Limiter)."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect

from tracker.db import session
from tracker.models import Person

csrf = CSRFProtect()
limiter = Limiter(get_remote_address)


def init_sessions(app: Flask) -> None:
    csrf.init_app(app)
    limiter.init_app(app)
    manager = LoginManager(app)
    manager.session_protection = (
        None  # the strong mode ends sessions behind mobile networks; versions end them on purpose
    )
    manager.user_loader(load_person)


def load_person(session_id: str) -> Person | None:
    """The person of a session, unless they were deactivated or their sessions were ended."""
    number, _, version = session_id.partition(".")
    if not number.isdecimal():
        return None
    person = session.get(Person, int(number))
    if person is None or not person.is_active or str(person.session_version) != version:
        return None
    return person
