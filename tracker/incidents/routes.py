"""Declare an incident and work in its room."""

from flask import Blueprint

from tracker.models import Role
from tracker.pages import page
from tracker.security import allow

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")


@blueprint.get("/")
@allow(Role.VIEWER)
def index() -> str:
    return page("bare.html")


@blueprint.get("/new")
@allow(Role.VIEWER)
def new() -> str:
    return page("bare.html")
