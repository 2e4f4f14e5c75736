"""Action items: list, page, and every step of their life."""

from flask import Blueprint

from tracker.models import Role
from tracker.pages import page
from tracker.security import allow

blueprint = Blueprint("actions", __name__, url_prefix="/actions")


@blueprint.get("/")
@allow(Role.VIEWER)
def index() -> str:
    return page("bare.html")
