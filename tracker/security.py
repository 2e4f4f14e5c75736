"""Who may use which route, the headers of every answer, passwords, and the seal on stored credentials."""

import functools
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import Forbidden, Unauthorized

from tracker.errors import RuleError
from tracker.models import Role

if TYPE_CHECKING:
    from tracker.sealing import Seal

View = TypeVar("View", bound=Callable[..., object])

PUBLIC = "public"
MEGABYTE = 1024 * 1024
LARGEST_FORM = 2 * MEGABYTE
"""Bytes of a request; the longest text that a field takes needs 1.8 MB on its way."""
LARGEST_UPLOAD = 64 * MEGABYTE
"""Bytes of a request that brings files, for the routes which say ``takes_up_to``."""
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_hasher = PasswordHasher()


class SessionEnded(Unauthorized):
    """Somebody who is not signed in, or not any more, sends a form."""


def allow(role: Role) -> Callable[[View], View]:
    """Declare that a route is for people with at least this role."""

    def declare(view: View) -> View:
        view.allowed = role  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Declare that a route is for everybody, signed in or not."""
    view.allowed = PUBLIC  # type: ignore[attr-defined]
    return view


def own_check(view: View) -> View:
    """Declare that a route checks a credential of its own: an API token or a webhook's signature."""
    view.allowed = PUBLIC  # type: ignore[attr-defined]
    view.checks_itself = True  # type: ignore[attr-defined]
    return view


def takes_up_to(size: int) -> Callable[[View], View]:
    """Declare that a route takes requests larger than ``LARGEST_FORM``, from those who may use it at all."""

    def declare(view: View) -> View:
        view.largest = size  # type: ignore[attr-defined]
        return view

    return declare


def allowed_for(app: Flask, endpoint: str) -> Role | str | None:
    """What a route declared; ``None`` when it declared nothing, which denies everybody."""
    view = app.view_functions[endpoint]
    return getattr(view, "allowed", None) or getattr(getattr(view, "view_class", None), "allowed", None)


def init_security(app: Flask) -> None:
    app.before_request(_check_access)
    app.after_request(_add_headers)


def refuse_undeclared_routes(app: Flask) -> None:
    """Stop the start when a route forgot to say who may use it."""
    silent = [rule.endpoint for rule in app.url_map.iter_rules() if allowed_for(app, rule.endpoint) is None]
    if silent:
        raise RuntimeError(f"Routes that do not declare who may use them: {', '.join(sorted(set(silent)))}.")


def _check_access() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    allowed = allowed_for(current_app, request.endpoint)
    if allowed == PUBLIC:
        return None
    if not isinstance(allowed, Role):
        raise Forbidden
    if not current_user.is_authenticated:
        return _send_to_sign_in()
    if not current_user.role.covers(allowed):
        raise Forbidden
    largest = getattr(current_app.view_functions[request.endpoint], "largest", LARGEST_FORM)
    request.max_content_length = largest
    request.max_form_memory_size = max(largest, request.max_form_memory_size or 0)  # one field may be all of it
    return None


def _send_to_sign_in() -> ResponseReturnValue:
    """Pages go to the sign-in form and back; a fragment or a save is told so and keeps what was typed."""
    if request.headers.get("HX-Request"):
        return Response("Your session has ended. Sign in again; your words are kept.", 401, {"HX-Reswap": "none"})
    if request.method != "GET":
        raise SessionEnded
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


def is_local_path(target: str) -> bool:
    """Whether a redirect target stays on this site: a plain path, no host, no scheme, no backslash trick."""
    return (
        target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target and target.isprintable()
    )


MIN_PASSWORD = 12


def hash_password(password: str) -> str:
    """An argon2id hash.

    Raises:
        RuleError: the password is too short to protect anything.
    """
    if len(password) < MIN_PASSWORD:
        raise RuleError(f"Use at least {MIN_PASSWORD} characters. A few unrelated words are easy to remember.")
    return _hasher.hash(password)


def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; takes as long for an account that has none."""
    nobodys = _nobodys_hash()
    try:
        return _hasher.verify(password_hash or nobodys, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def _nobodys_hash() -> str:
    """Made when the first password is looked at, whoever's: it needs 64 MB and as long as a sign-in."""
    return _hasher.hash(secrets.token_urlsafe(32))


def new_token() -> str:
    """A secret for a link or the API: 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token: it is random, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


class Vault:
    """Seals credentials for the database with a key derived from ``SECRET_KEY``."""

    def __init__(self, secret_key: str) -> None:
        self._secret_key = secret_key

    @functools.cached_property
    def _seal(self) -> "Seal":
        from tracker.sealing import Seal  # noqa: PLC0415  6 MB, for those who have connected something

        return Seal(self._secret_key)

    def seal(self, secret: str) -> bytes:
        return self._seal.close(secret)

    def open(self, sealed: bytes) -> str:
        """The secret.

        Raises:
            RuleError: it was sealed with another ``SECRET_KEY``.
        """
        return self._seal.open(sealed)
