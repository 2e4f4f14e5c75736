"""Single sign-on: away to the provider, and back from it."""

from dataclasses import asdict

from flask import redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tracker import clock
from tracker.accounts.blueprint import blueprint
from tracker.accounts.coming_in import come_in
from tracker.clients.oidc_claims import Beginning
from tracker.clients.oidc_settings import ProviderSettings
from tracker.db import transaction
from tracker.errors import FollowthroughError, NotFoundError, RuleError
from tracker.logs import tell_sign_in
from tracker.models import Person
from tracker.pages import page
from tracker.security import is_local_path, public, same
from tracker.sessions import limiter, start_session
from tracker.wiring import settings, wiring

UNDER_WAY = "single sign-on"
"""In the cookie, while somebody is at the provider."""
BEGUN_ELSEWHERE = "This sign-in was begun in another browser, or too long ago. Begin again."
BEGINNINGS = "60 per minute"


def provider() -> ProviderSettings | None:
    return settings().oidc


@blueprint.get("/sign-in/single")
@public
@limiter.limit(BEGINNINGS)
def go_to_provider() -> ResponseReturnValue:
    client = wiring().oidc
    if current_user.is_authenticated or client is None:
        return redirect(url_for("accounts.sign_in", next=request.args.get("next")), 303)
    try:
        beginning = client.begin(redirect_uri=way_back())
    except FollowthroughError as error:
        return refused(str(error))
    target = request.args.get("next", "")
    cookie[UNDER_WAY] = asdict(beginning) | {"next": target if is_local_path(target) else "", "url": ""}
    return redirect(beginning.url, 303)


@blueprint.get("/sign-in/single/back")
@public
@limiter.limit(BEGINNINGS)
def come_back() -> ResponseReturnValue:
    """Each beginning is good for one return: what came back wrong, or twice, begins again."""
    begun: dict[str, str] = cookie.pop(UNDER_WAY, None) or {}
    try:
        person = _come_in(begun)
    except FollowthroughError as error:
        tell_sign_in(by="single sign-on", account=None, is_let_in=False)
        return refused(str(error))
    target = begun.get("next") or url_for("my_work.index")
    start_session(person, came_by="single sign-on", now=clock.utcnow())
    return redirect(target, 303)


def _come_in(begun: dict[str, str]) -> Person:
    client, sent = wiring().oidc, request.args
    if client is None:
        raise NotFoundError("There is no single sign-on here. Sign in with your e-mail address.")
    if not begun or not same(sent.get("state", ""), begun["state"]):
        raise RuleError(BEGUN_ELSEWHERE)
    if not sent.get("code"):
        raise RuleError("You were not signed in there. Begin again, or ask your administrator.")
    beginning = Beginning("", begun["state"], begun["nonce"], begun["verifier"])
    claims = client.finish(sent["code"], beginning=beginning, redirect_uri=way_back())
    with transaction():
        return come_in(claims, provider=client.provider, now=clock.utcnow())


def way_back() -> str:
    """Where the provider sends people: what its administrator enters as the redirect address."""
    return settings().base_url + url_for("accounts.come_back")


def refused(sentence: str) -> ResponseReturnValue:
    return page("accounts/not_let_in.html", sentence=sentence, provider=provider()), 422
