"""Sign in, profile, people, teams, tokens, audit log."""

from flask import Blueprint

from tracker.models import Role
from tracker.pages import page
from tracker.security import allow, public

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/settings")
@allow(Role.VIEWER)
def settings() -> str:
    return page("bare.html")


@blueprint.get("/profile")
@allow(Role.VIEWER)
def profile() -> str:
    return page("bare.html")


@blueprint.get("/sign-out")
@allow(Role.VIEWER)
def sign_out() -> str:
    return page("bare.html")


@blueprint.get("/sign-in")
@public
def sign_in() -> str:
    return page("bare.html")
