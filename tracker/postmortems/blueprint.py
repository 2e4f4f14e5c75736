"""The addresses of this feature begin here; each ``..._routes`` module adds its own."""

from datetime import UTC, datetime

from flask import Blueprint
from markupsafe import Markup

from tracker import clock, words
from tracker.pages import zone

blueprint = Blueprint("postmortems", __name__, url_prefix="/incidents")


@blueprint.app_template_filter("exactly")
def exactly(moment: datetime | None) -> Markup:
    """A moment as ``<time>`` with its day and time: a postmortem is read long after, "6 days ago" says nothing."""
    if moment is None:
        return Markup('<span class="muted">not known</span>')
    local = moment.astimezone(zone())
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        f"{words.moment_text(moment, UTC)}, {words.relative(moment, clock.utcnow())}",
        f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}",
    )
