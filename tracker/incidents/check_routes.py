"""The list of the first ten minutes in the room."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.forms import reshow
from tracker.incidents import check_operations, room_queries
from tracker.incidents.blueprint import blueprint
from tracker.incidents.first_minutes import rows_of
from tracker.incidents.room_forms import TickForm
from tracker.incidents.room_routes import show
from tracker.lookup import get_incident
from tracker.models import Role
from tracker.pages import changed, page, viewer
from tracker.security import allow

PART = "incidents/_first_minutes.html"


def checks_refused(ref: str, form: TickForm) -> ResponseReturnValue:
    """The list again with what is wrong: alone for htmx, in the whole room otherwise."""
    return _part(ref, refused=form) if request.headers.get("HX-Request") else show(ref, form=form)


@blueprint.post("/<ref:ref>/checks")
@allow(Role.RESPONDER)
@reshow(checks_refused)
def tick(ref: str) -> ResponseReturnValue:
    form = TickForm()
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        check = check_operations.tick(incident, form.draft(), by=viewer(), now=clock.utcnow())
    return _answer(ref, f"Noted: {check.question}")


@blueprint.post("/<ref:ref>/checks/take-back")
@allow(Role.RESPONDER)
@reshow(checks_refused)
def take_back(ref: str) -> ResponseReturnValue:
    form = TickForm()
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        check = check_operations.take_back(incident, key=form.key.data or "", by=viewer(), now=clock.utcnow())
    return _answer(ref, f"Taken back: {check.question}")


def _answer(ref: str, message: str) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return _part(ref, message=message)
    return changed(PART, message, back=url_for("incidents.show", ref=ref) + "#first-minutes")


def _part(ref: str, *, message: str = "", refused: TickForm | None = None) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    return page(
        PART,
        incident=incident,
        checks=rows_of(room_queries.ticks_of(incident)),
        tick_form=TickForm(formdata=None),
        not_taken=" ".join(sentence for errors in refused.errors.values() for sentence in errors) if refused else "",
        message=message,
        may_write=True,
        is_part=True,
    )
