"""The weekly follow-through report and its figures."""

from flask import Blueprint

from tracker.models import Role
from tracker.pages import page
from tracker.security import allow

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


@blueprint.get("/")
@allow(Role.VIEWER)
def index() -> str:
    return page("bare.html")
