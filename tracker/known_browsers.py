"""Browsers in which somebody has signed in before: whoever guesses their password elsewhere does not keep them out.

What OWASP calls device cookies. The cookie opens nothing: wrong passwords are counted apart for it, that is all.
"""

import hashlib
from datetime import timedelta

from flask import Response, after_this_request, request
from itsdangerous import BadSignature, URLSafeSerializer

from tracker.security import new_token
from tracker.wiring import settings

COOKIE = "followthrough_known"
KEPT = timedelta(days=365)


def know_this_browser(email: str) -> None:
    """Remember with the answer to this request that the person with this address has signed in here."""
    sealed = _signer().dumps([_hashed(email), new_token()])

    @after_this_request
    def keep(response: Response) -> Response:
        is_https = settings().is_https
        response.set_cookie(COOKIE, sealed, max_age=KEPT, secure=is_https, httponly=True, samesite="Lax")
        return response


def known_browser_of(email: str) -> str | None:
    """What this browser is known by, when the person with this address has signed in here before."""
    try:
        hashed, name = _signer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(name) if hashed == _hashed(email) else None


def _hashed(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="known browser")
