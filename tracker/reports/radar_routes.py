"""The anti-pattern radar, and the incidents behind the figure that no list of the trends counts."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.models import Role
from tracker.pages import page
from tracker.reports import queries
from tracker.reports.radar import Radar, radar
from tracker.reports.trend_routes import LAST_PAGE, chosen_parts, chosen_scope
from tracker.reports.trend_rows import PAGE_LENGTH
from tracker.security import allow
from tracker.wiring import settings

blueprint = Blueprint("radar", __name__)


@blueprint.get("/radar")
@allow(Role.VIEWER)
def show() -> ResponseReturnValue:
    """How we work, where it tends to go wrong: heroes, blame, skipped postmortems, open promises."""
    return page("reports/radar.html", radar=_radar(), teams=queries.teams(), **chosen_parts())


@blueprint.get("/radar/blame")
@allow(Role.VIEWER)
def blaming() -> ResponseReturnValue:
    """All incidents whose published postmortem points at a person."""
    found, chosen = _radar().blaming, chosen_parts()
    number = min(max(request.args.get("page", 0, type=int), 0), LAST_PAGE)
    first = PAGE_LENGTH * number
    lines = found[first : first + PAGE_LENGTH]
    return page(
        "reports/radar_blame.html",
        lines=lines,
        count_of_all=len(found),
        next_url=_page_url(number + 1, chosen["chosen"]) if first + PAGE_LENGTH < len(found) else None,
        previous_url=_page_url(number - 1, chosen["chosen"]) if number else None,
        **chosen,
    )


def _radar() -> Radar:
    return radar(chosen_scope(), now=clock.utcnow(), zone=settings().timezone)


def _page_url(number: int, chosen: dict[str, Any]) -> str:
    return url_for("reports.radar.blaming", **chosen, page=number or None)
