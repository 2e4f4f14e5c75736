"""The drill in its incident's room: what has happened by now, and ticking it off."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.drills import inject_operations, operations, queries
from tracker.drills.blueprint import blueprint
from tracker.drills.forms import TickForm
from tracker.errors import NotFoundError
from tracker.forms import Form, reshow
from tracker.lookup import get_incident
from tracker.models import Drill, DrillInject, Role
from tracker.pages import moved_on, page, viewer
from tracker.security import allow


@blueprint.get("/incidents/<ref:ref>/drill")
@allow(Role.VIEWER)
def of_incident(ref: str, form: Form | None = None, **parts: object) -> ResponseReturnValue:
    """The card for the room, which asks again and again; the page for everybody else."""
    incident = get_incident(ref, viewer=viewer())
    drill = queries.find_drill_of(incident, viewer=viewer())
    happened = _happened(drill) if drill else []
    state = f"{len(happened)}-{sum(one.done_at is not None for one in happened)}-{bool(drill and drill.ended_at)}"
    is_card = bool(request.headers.get("HX-Request"))
    if is_card and request.args.get("seen") == state:
        return "", 204
    return page(
        f"drills/{'_of_incident' if is_card else 'of_incident'}.html",
        incident=incident,
        drill=drill,
        happened=happened,
        leads=drill is not None and operations.leads(drill, person=viewer()),
        shown_since=inject_operations.shown_since,
        state=state,
        refused=form,
        refused_inject=parts.get("inject_id"),
        tick_form=form or TickForm(formdata=None),
    )


def _happened(drill: Drill) -> list[DrillInject]:
    """What those who take part have been shown by now, in the order in which it came."""
    now = clock.utcnow()
    came = [
        (at, one.id, one) for one in drill.injects if (at := inject_operations.shown_since(drill, one)) and at <= now
    ]
    return [one for _at, _id, one in sorted(came, key=lambda row: row[:2])]


@blueprint.post("/incidents/<ref:ref>/drill/<int:inject_id>")
@allow(Role.RESPONDER)
@reshow(of_incident)
def tick(ref: str, inject_id: int) -> ResponseReturnValue:
    form = TickForm()
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        found = queries.find_drill_of(incident, viewer=viewer())
        if found is None:
            raise NotFoundError(f"{ref} has no plan whose parts could be ticked.")
        drill = queries.lock_drill(found.id, viewer=viewer())
        inject = inject_operations.find_inject(drill, inject_id)
        inject_operations.tick_inject(drill, inject, seen=form.seen.data or "", by=viewer(), now=clock.utcnow())
    return moved_on("Ticked. It stands on the timeline.", to=url_for("drills.of_incident", ref=ref))
