"""The addresses of this feature begin here; each ``..._routes`` module adds its own."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint
from markupsafe import Markup

from tracker import clock, words
from tracker.markdown import with_links
from tracker.pages import zone

blueprint = Blueprint("postmortems", __name__, url_prefix="/incidents")


@blueprint.app_template_filter("with_links")
def linked(html: Markup, links: Mapping[str, str]) -> Markup:
    """Cleaned HTML in which people and tickets are links."""
    return with_links(html, links)


@blueprint.app_template_filter("exactly")
def exactly(moment: datetime | None) -> Markup:
    """A moment as ``<time>`` with its day and time: a postmortem is read long after, "6 days ago" says nothing."""
    if moment is None:
        return Markup('<span class="muted">not known</span>')
    local = moment.astimezone(zone())
    return Markup('<time datetime="{}" title="{}">{}, <span class="nowrap">{}</span></time>').format(
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        f"{words.moment_text(moment, UTC)}, {words.relative(moment, clock.utcnow())}",
        f"{local:%a} {local.day} {local:%b %Y}",
        f"{local:%H:%M %Z}",
    )
