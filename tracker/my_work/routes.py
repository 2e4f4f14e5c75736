"""My work: what waits for me, worst first."""

from flask import Blueprint

from tracker.models import Role
from tracker.pages import page
from tracker.security import allow

blueprint = Blueprint("my_work", __name__)


@blueprint.get("/")
@allow(Role.VIEWER)
def index() -> str:
    return page("bare.html")
