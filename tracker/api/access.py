"""Who calls: the bearer token of a request, what it was made for, and the person it speaks for."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import g, request
from flask_limiter.util import get_remote_address
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from tracker import clock
from tracker.db import session, transaction
from tracker.errors import FollowthroughError, NotAllowedError
from tracker.logs import note_person
from tracker.models import ApiToken, Person, TokenScope
from tracker.security import token_hash

NOTED_EVERY = timedelta(minutes=5)


class TokenError(FollowthroughError):
    """No token, or one that does not work."""

    status = 401


def needs(scope: TokenScope) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let nobody in without a token that was made for this, and whose person may still do it."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            token = _token()
            note_person(token.person_id)
            if not token.scope.covers(scope):
                raise NotAllowedError(
                    f"This token was made to {token.scope.value}; this takes one to {scope.value}. Make another one."
                )
            if not token.person.role.covers(scope.least_role):
                raise NotAllowedError(f"{token.person.name} is a {token.person.role.value} and may not do this.")
            g.caller_id = token.person_id
            _note_use(token)
            return view(*args, **kwargs)

        return guarded

    return decorate


def expect_scope(scope: TokenScope) -> None:
    """Refuse what within a route takes a stronger token than the route itself."""
    token = _token()
    if not (token.scope.covers(scope) and token.person.role.covers(scope.least_role)):
        raise NotAllowedError(f"Who sees an incident is changed with a token to {scope.value} only.")


def _token() -> ApiToken:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise TokenError("Send an API token: `Authorization: Bearer ft_...`. You make one in your settings.")
    found = session.scalar(
        select(ApiToken).where(ApiToken.token_hash == token_hash(secret.strip())).options(joinedload(ApiToken.person))
    )
    if found is None or not found.is_usable(clock.utcnow()) or not found.person.is_active:
        raise TokenError("This token does not work: it is not known, revoked or expired. Make a new one.")
    return found


def _note_use(token: ApiToken) -> None:
    now, token_id = clock.utcnow(), token.id
    if token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY:
        with transaction():
            session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))


def caller() -> Person:
    """The person for whom the token speaks, as a row of the present transaction."""
    return session.get_one(Person, g.caller_id)


def bearer() -> str:
    """By what requests are counted: the token as it was sent, or where it comes from."""
    sent = request.headers.get("Authorization", "")
    return token_hash(sent) if sent else str(get_remote_address())
