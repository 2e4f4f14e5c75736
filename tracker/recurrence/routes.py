"""Pairs to decide, decisions, families."""

from flask import Blueprint

from tracker.models import Role
from tracker.pages import page
from tracker.security import allow

blueprint = Blueprint("recurrence", __name__)


@blueprint.get("/recurrences")
@allow(Role.VIEWER)
def index() -> str:
    return page("bare.html")
