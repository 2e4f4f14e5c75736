"""The anti-pattern radar, the incidents behind the figures that no list of the trends counts, and all of it as CSV."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.models import Role
from tracker.pages import page
from tracker.reports import queries, radar_writing
from tracker.reports.radar import IncidentLine, Radar, led_lines, radar
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


@blueprint.get("/radar.csv")
@allow(Role.VIEWER)
def export() -> ResponseReturnValue:
    name = f"radar-{clock.today(settings().timezone).isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("".join(radar_writing.csv_lines(_radar())), mimetype="text/csv", headers=headers)


@blueprint.get("/radar/blame")
@allow(Role.VIEWER)
def blaming() -> ResponseReturnValue:
    """All incidents whose published postmortem points at a person."""
    found, number = _radar().blaming, _page_number()
    return _rows(_on_page(found, number), count_of_all=len(found), number=number)


@blueprint.get("/radar/led")
@allow(Role.VIEWER)
def led() -> ResponseReturnValue:
    """All incidents of which the first figure says whether the most frequent lead of the service led them."""
    found, number = _radar().led, _page_number()
    return _rows(led_lines(_on_page(found, number)), count_of_all=len(found), number=number)


def _rows(lines: Sequence[IncidentLine], *, count_of_all: int, number: int) -> ResponseReturnValue:
    chosen = chosen_parts()
    has_next = PAGE_LENGTH * (number + 1) < count_of_all
    return page(
        "reports/radar_rows.html",
        lines=lines,
        count_of_all=count_of_all,
        next_url=_page_url(number + 1, chosen["chosen"]) if has_next else None,
        previous_url=_page_url(number - 1, chosen["chosen"]) if number else None,
        **chosen,
    )


def _radar() -> Radar:
    return radar(chosen_scope(), now=clock.utcnow(), zone=settings().timezone)


def _page_number() -> int:
    return min(max(request.args.get("page", 0, type=int), 0), LAST_PAGE)


def _on_page(found: Sequence[Any], number: int) -> Sequence[Any]:
    return found[PAGE_LENGTH * number : PAGE_LENGTH * (number + 1)]


def _page_url(number: int, chosen: dict[str, Any]) -> str:
    return url_for(str(request.endpoint), **chosen, page=number or None)
