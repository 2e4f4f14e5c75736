"""What the forms of other features load from here: the card while declaring, and suggestions to choose from."""

from flask import request

from tracker import clock, lookup
from tracker.models import Role
from tracker.pages import page, today, viewer
from tracker.recurrence import suggesting
from tracker.recurrence.blueprint import blueprint
from tracker.recurrence.card import Seen
from tracker.recurrence.card import seen_before as seen_before_of
from tracker.recurrence.families import likenesses_of_all
from tracker.recurrence.known import known_incidents, service_names
from tracker.recurrence.similarity import Described, prepare
from tracker.security import allow

TYPED = 1_000
"""Characters of a typed title or summary that are compared."""
CONSIDERED = 15


@blueprint.get("/recurrences/seen-before")
@allow(Role.VIEWER)
def seen_before() -> str:
    """The card beside the declare form; nothing at all when nothing is worth reading."""
    title = request.args.get("title", "")[:TYPED]
    described = Described(
        id=0,
        moment=clock.utcnow(),
        title=title,
        summary=request.args.get("summary", "")[:TYPED],
        services=service_names(request.args.getlist("service")[:20]),
    )
    seen, services = _seen(described)
    if request.headers.get("HX-Request"):
        return page("recurrence/_seen_before.html", seen=seen, services=services) if seen else ""
    return page("recurrence/seen_before.html", seen=seen, services=services)


def _seen(described: Described) -> tuple[list[Seen], list[str]]:
    """What looks like it, and the services it may be about when none was named yet."""
    asking = prepare(described)
    if not asking.has_words:
        return [], []
    matches = known_incidents().match(asking, limit=CONSIDERED, families=likenesses_of_all())
    seen = seen_before_of(described, matches, viewer=viewer(), today=today())
    if not seen or described.services:
        return seen, []
    return seen, suggesting.suggest_services(matches, text=described.declared_text, viewer=viewer())


@blueprint.get("/incidents/<ref:ref>/recurrences/causes")
@allow(Role.VIEWER)
def causes(ref: str) -> str:
    """Three causes to choose from, out of the incidents that look like this one; beside the postmortem's question."""
    incident = lookup.get_incident(ref, viewer=viewer())
    suggested = suggesting.suggest_causes(incident, viewer=viewer())
    template = "recurrence/_causes.html" if request.headers.get("HX-Request") else "recurrence/causes.html"
    return page(template, incident=incident, suggested=suggested)
