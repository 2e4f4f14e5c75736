"""Signing in and out, and what people change about themselves. The settings are in ``settings_routes``."""

from collections.abc import Callable
from contextlib import suppress

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug.exceptions import TooManyRequests

from tracker import clock
from tracker.accounts import audit_routes, guessing, oidc_routes, operations, queries, session_routes, settings_routes
from tracker.accounts.blueprint import blueprint
from tracker.accounts.forms import (
    LinkForm,
    NextForm,
    PasswordForm,
    ProfileForm,
    SignInForm,
)
from tracker.db import transaction
from tracker.errors import RuleError
from tracker.forms import Form, reshow, zone_names
from tracker.known_browsers import known_browser_of
from tracker.logs import tell_sign_in
from tracker.messages import Writer
from tracker.models import Person, Role
from tracker.pages import moved_on, page, viewer
from tracker.queue import wake
from tracker.security import allow, is_local_path, public
from tracker.sessions import end_session, limiter, start_session
from tracker.wiring import settings

__all__ = ["audit_routes", "blueprint", "oidc_routes", "session_routes", "settings_routes"]

TRIES = "10 per minute; 50 per hour"
ONLY_SINGLE = "People sign in with {} here."
WRONG = "That e-mail and password do not belong together. Try again, or have a sign-in link mailed to you."


def where_from() -> str:
    return str(get_remote_address())


def did_not_sign_in(response: object) -> bool:
    """Only tries that fail count: an office behind one address may sign in all at once."""
    return getattr(response, "status_code", 200) != 303


def is_a_link_of_ours() -> bool:
    """Nobody's guesses keep out whoever holds a link that was made."""
    return queries.find_link(str((request.view_args or {}).get("token", ""))) is not None


def who_asks() -> str:
    """Whose tries are counted where only they can try; their neighbours behind the same address cannot."""
    return f"person {current_user.get_id()}"


def tell_refused(by: str, *, of: Person | None = None) -> None:
    tell_sign_in(by=by, account=of.id if of else None, is_let_in=False)


@blueprint.errorhandler(TooManyRequests)
def slow_down(_error: TooManyRequests) -> ResponseReturnValue:
    limit = limiter.current_limit
    return wait_for(max(1, round(limit.reset_at - clock.utcnow().timestamp())) if limit else 60)


@blueprint.errorhandler(guessing.TooManyGuesses)
def stop_guessing(error: guessing.TooManyGuesses) -> ResponseReturnValue:
    return wait_for(error.seconds)


def wait_for(seconds: int) -> ResponseReturnValue:
    wait = "a minute" if seconds <= 90 else f"{-(-seconds // 60)} minutes"
    answer = make_response(page("accounts/slow_down.html", wait=wait), 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


@blueprint.get("/sign-in")
@public
def sign_in(form: Form | None = None) -> ResponseReturnValue:
    target = local_target(request.values.get("next"))
    if current_user.is_authenticated:
        return redirect(target, 303)
    form = form or SignInForm(formdata=None, next=target)
    return page("accounts/sign_in.html", form=form, provider=settings().oidc, target=target)


def refuse_where_only_single() -> None:
    """Whoever was switched off at the provider must not come in with a password of before."""
    provider = settings().oidc
    if provider is not None and provider.is_only_way:
        tell_refused("password or link")
        raise RuleError(ONLY_SINGLE.format(provider.name))


@blueprint.post("/sign-in")
@public
@reshow(sign_in)
def check_password(**_view: object) -> ResponseReturnValue:
    form = SignInForm()
    form.check()
    refuse_where_only_single()
    with transaction():
        email = (form.email.data or "").lower()
        counted = guessing.password_tries(email, address=where_from(), browser=known_browser_of(email))
        tried = guessing.note_try(counted, now=clock.utcnow())
    known = queries.find_person_by_password(form.email.data or "", password=form.password.data or "")
    if known is None:
        tell_refused("password", of=queries.find_person_by_email(email))
        raise RuleError(WRONG)
    with transaction():
        guessing.forget_try(tried)
        person = queries.get_person(known.id)
        person.signed_in_at = clock.utcnow()
    start_session(person, came_by="password", now=clock.utcnow())
    return redirect(local_target(form.next.data), 303)


@blueprint.post("/sign-in/link")
@public
@reshow(sign_in)
def ask_for_link() -> ResponseReturnValue:
    form = LinkForm()
    form.check()
    refuse_where_only_single()
    email, target = (form.email.data or "").lower(), local_target(form.next.data)
    with transaction():
        guessing.note_try(guessing.links_asked_from(where_from()), now=clock.utcnow())
    with suppress(guessing.TooManyGuesses), transaction():  # then there are links in the mailbox that still work
        guessing.note_try(guessing.links_mailed_to(email), now=clock.utcnow())
        operations.mail_link_if_known(email, writer=Writer(settings()), address=_address_to(target), now=clock.utcnow())
    wake("mailing.deliver")
    return redirect(url_for("accounts.link_sent"), 303)


def _address_to(target: str) -> Callable[[str], str]:
    """Makes the web address of a link's token, after which ``target`` is next."""
    after = None if target == url_for("my_work.index") else target
    return lambda token: settings().base_url + url_for("accounts.link", token=token, next=after)


@blueprint.get("/sign-in/link-sent")
@public
def link_sent() -> str:
    return page("accounts/link_sent.html", life=operations.LINK_LIFE)


@blueprint.get("/sign-in/link/<token>")
@public
def link(token: str) -> ResponseReturnValue:
    """A page with a button: programs that look into mails follow links, and would use it up."""
    found = queries.find_link(token)
    refusal = operations.why_refused(found, now=clock.utcnow())
    if refusal:
        return _refused(refusal)
    form = NextForm(formdata=None, next=local_target(request.args.get("next")))
    return page("accounts/link.html", form=form, person=found.person if found else None, token=token)


def _refused(sentence: str) -> ResponseReturnValue:
    return page("accounts/link_refused.html", sentence=sentence), 410


@blueprint.post("/sign-in/link/<token>")
@public
@limiter.limit(TRIES, deduct_when=did_not_sign_in, exempt_when=is_a_link_of_ours)
def use_link(token: str) -> ResponseReturnValue:
    form = NextForm()
    form.check()
    try:
        with transaction():
            person = operations.use_link(token, now=clock.utcnow())
    except RuleError as refusal:
        found = queries.find_link(token)
        tell_refused("link", of=found.person if found else None)
        return _refused(str(refusal))
    start_session(person, came_by="link", now=clock.utcnow())
    return redirect(local_target(form.next.data), 303)


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    end_session(now=clock.utcnow())
    flash("You are signed out.", "success")
    return redirect(url_for("accounts.sign_in"), 303)


def local_target(target: str | None) -> str:
    """Where to go after signing in: only ever a path of this site."""
    return target if target and is_local_path(target) else url_for("my_work.index")


@blueprint.get("/profile")
@allow(Role.VIEWER)
def profile(form: Form | None = None) -> str:
    person = viewer()
    return page(
        "accounts/profile.html",
        person=person,
        about=form if isinstance(form, ProfileForm) else ProfileForm(formdata=None, obj=person),
        password=form if isinstance(form, PasswordForm) else PasswordForm(formdata=None),
        failed=form,
        zones=zone_names(),
        installation_zone=settings().timezone.key,
    )


@blueprint.post("/profile")
@allow(Role.VIEWER)
@reshow(profile)
def change_profile() -> ResponseReturnValue:
    form = ProfileForm()
    form.check()
    with transaction():
        operations.change_profile(viewer(), form.draft())
    return moved_on("Saved.", to=url_for("accounts.profile"))


@blueprint.post("/profile/password")
@allow(Role.VIEWER)
@limiter.limit(TRIES, key_func=who_asks, deduct_when=did_not_sign_in)
@reshow(profile)
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    form.check()
    with transaction():
        person = viewer()
        operations.change_password(person, form.draft(), now=clock.utcnow())
    start_session(person, came_by="password", now=clock.utcnow())
    return moved_on("Your new password is set, and your other sessions are ended.", to=url_for("accounts.profile"))
