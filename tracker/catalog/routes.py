"""Services, teams and who owns them."""

from flask import Blueprint

from tracker.models import Role
from tracker.pages import page
from tracker.security import allow, public

blueprint = Blueprint("catalog", __name__)


@blueprint.get("/services")
@allow(Role.VIEWER)
def index() -> str:
    return page("bare.html")
