"""What a drill showed: in words, gaps that become action items in one click, and items that it put to the test."""

from flask import url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.drills import outcome_operations, queries
from tracker.drills.blueprint import blueprint
from tracker.drills.forms import GapForm, ShowedForm, TestedForm
from tracker.drills.pages import show
from tracker.forms import Form, reshow, reshow_clash
from tracker.lookup import get_action
from tracker.models import Role
from tracker.pages import moved_on, today, viewer
from tracker.security import allow
from tracker.sent_forms import sent_once


@blueprint.post("/drills/<int:drill_id>/showed")
@allow(Role.RESPONDER)
@reshow_clash(show)
def write_showed(drill_id: int) -> ResponseReturnValue:
    form = ShowedForm()
    form.check()
    with transaction():
        drill = queries.lock_drill(drill_id, viewer=viewer())
        outcome_operations.write_showed(drill, form.showed.data or "", version=form.version.data or 0)
    return moved_on("Saved.", to=_outcome_of(drill_id))


@blueprint.post("/drills/<int:drill_id>/gaps")
@allow(Role.RESPONDER)
@reshow(show)
def note_gap(drill_id: int) -> ResponseReturnValue:
    form = GapForm()
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        drill = queries.lock_drill(drill_id, viewer=viewer())
        outcome_operations.note_gap(drill, form.gap.data or "", by=viewer(), now=now)
        sent.message, sent.to = "Noted. Make an action item of it when you like.", _outcome_of(drill_id)
    return moved_on(sent.message, to=sent.to)


@blueprint.post("/drills/<int:drill_id>/gaps/<int:gap_id>/item")
@allow(Role.RESPONDER)
@reshow(show)
def promise_gap(drill_id: int, gap_id: int) -> ResponseReturnValue:
    """One click; a second one finds the item of the first."""
    Form().check()
    with transaction():
        drill = queries.lock_drill(drill_id, viewer=viewer())
        gap = outcome_operations.find_gap(drill, gap_id)
        action = outcome_operations.promise_gap(drill, gap, by=viewer(), now=clock.utcnow(), today=today())
        ref = action.ref
    return moved_on(f"{ref} is yours until somebody else takes it.", to=_outcome_of(drill_id))


@blueprint.post("/drills/<int:drill_id>/items/<ref:ref>")
@allow(Role.RESPONDER)
@reshow(show)
def test_item(drill_id: int, ref: str) -> ResponseReturnValue:
    """Whether an earlier item works, as the drill showed."""
    form = TestedForm()
    form.check()
    seen, now = form.seen.data or "", clock.utcnow()
    with transaction():
        drill = queries.lock_drill(drill_id, viewer=viewer())
        action = get_action(ref, viewer=viewer())
        if form.held.data == "yes":
            outcome_operations.item_held(drill, action, seen=seen, by=viewer(), now=now, today=today())
        else:
            outcome_operations.item_failed(drill, action, seen=seen, by=viewer(), now=now)
        state = action.state.value
    return moved_on(f"{ref} is {state}.", to=_outcome_of(drill_id))


def _outcome_of(drill_id: int) -> str:
    return url_for("drills.show", drill_id=drill_id, _anchor="outcome")
