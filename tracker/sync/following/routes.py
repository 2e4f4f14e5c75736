"""What is taken from a tracker's tickets, what is written to them, and trying again what could not be written."""

from flask import url_for
from flask.typing import ResponseReturnValue

from tracker import audit, clock
from tracker.db import transaction
from tracker.errors import RuleError
from tracker.forms import Form, InvalidForm, reshow
from tracker.lookup import get_action
from tracker.models import Role
from tracker.pages import moved_on, page, viewer
from tracker.queue import wake
from tracker.security import allow
from tracker.sync import queries
from tracker.sync.blueprint import blueprint
from tracker.sync.following.agreements import keeps_due_dates
from tracker.sync.following.forms import FollowingForm, shown_in_form
from tracker.sync.forms import ButtonForm
from tracker.sync.mappings.state_checks import check_typed
from tracker.sync.telling import comment_operations
from tracker.sync.telling import operations as writing_operations
from tracker.sync.ticket_routes import answer, trying_now


@blueprint.get("/settings/trackers/<int:tracker_id>/following")
@allow(Role.ADMIN)
def following(tracker_id: int, form: Form | None = None) -> str:
    tracker = queries.get_tracker(tracker_id)
    shown = form or FollowingForm(formdata=None, **shown_in_form(tracker))
    return page("sync/following.html", tracker=tracker, form=shown, keeps_due_dates=keeps_due_dates(tracker))


@blueprint.post("/settings/trackers/<int:tracker_id>/following")
@allow(Role.ADMIN)
@reshow(following)
def save_following(tracker_id: int) -> ResponseReturnValue:
    form = FollowingForm()
    form.check()
    try:
        check_typed(queries.get_tracker(tracker_id), form.state_names())
    except RuleError as error:
        form.states.errors = [*form.states.errors, str(error)]
        raise InvalidForm(form) from error
    with transaction():
        tracker = queries.get_tracker(tracker_id)
        if tracker.state_names != form.state_names():
            tracker.setup_problems, tracker.setup_checked_at = "", clock.utcnow()
        tracker.directions = form.directions_for(tracker).as_row()
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
        action = get_action(ref, viewer=viewer())
        tracker = writing_operations.try_writing_now(action, ticket_id)
        comment_operations.try_saying_now(action, ticket_id, now=clock.utcnow())
        message = trying_now(tracker)
    wake("sync.push")
    return answer(ref, message)
