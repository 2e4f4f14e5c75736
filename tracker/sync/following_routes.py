"""What is taken from a tracker's tickets, what is written to them, and trying again what could not be written."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import audit, clock
from tracker.db import transaction
from tracker.forms import Form, reshow
from tracker.lookup import get_action
from tracker.models import Role
from tracker.pages import changed, moved_on, page, viewer
from tracker.queue import wake
from tracker.security import allow
from tracker.sync import queries, writing_operations
from tracker.sync.blueprint import blueprint
from tracker.sync.following_forms import FollowingForm, shown_in_form
from tracker.sync.forms import ButtonForm
from tracker.sync.ticket_routes import shown_tickets


@blueprint.get("/settings/trackers/<int:tracker_id>/following")
@allow(Role.ADMIN)
def following(tracker_id: int, form: Form | None = None) -> str:
    tracker = queries.get_tracker(tracker_id)
    return page(
        "sync/following.html", tracker=tracker, form=form or FollowingForm(formdata=None, **shown_in_form(tracker))
    )


@blueprint.post("/settings/trackers/<int:tracker_id>/following")
@allow(Role.ADMIN)
@reshow(following)
def save_following(tracker_id: int) -> ResponseReturnValue:
    form = FollowingForm()
    form.check()
    with transaction():
        tracker = queries.get_tracker(tracker_id)
        tracker.directions = form.directions().as_row()
        tracker.state_names = form.state_names()
        audit.note("edit_following", tracker.name, by=viewer(), now=clock.utcnow(), **tracker.directions)
        name = tracker.name
    wake("sync.push")
    return moved_on(f"Saved. {name} is followed so from now on.", to=url_for("sync.index"))


@blueprint.post("/actions/<ref:ref>/tickets/<int:ticket_id>/write")
@allow(Role.RESPONDER)
def write_again(ref: str, ticket_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        writing_operations.try_writing_now(get_action(ref, viewer=viewer()), ticket_id)
    wake("sync.push")
    message, back = "We try it now. Look again in a moment.", url_for("sync.tickets", ref=ref)
    if not request.headers.get("HX-Request"):
        return changed("sync/_tickets.html", message, back=back)
    shown = shown_tickets(get_action(ref, viewer=viewer()), failed=None)
    return changed("sync/_tickets.html", message, back=back, **shown)
