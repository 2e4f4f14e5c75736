"""The anti-pattern radar."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.models import Role
from tracker.pages import page
from tracker.reports import queries
from tracker.reports.radar import radar
from tracker.reports.trend_routes import chosen_parts, chosen_scope
from tracker.security import allow
from tracker.wiring import settings

blueprint = Blueprint("radar", __name__)


@blueprint.get("/radar")
@allow(Role.VIEWER)
def show() -> ResponseReturnValue:
    """How we work, where it tends to go wrong: heroes, blame, skipped postmortems, open promises."""
    found = radar(chosen_scope(), now=clock.utcnow(), zone=settings().timezone)
    return page("reports/radar.html", radar=found, teams=queries.teams(), **chosen_parts())
