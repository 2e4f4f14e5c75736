"""The list of drills, planning one, and its page: before it, while it goes on, and after."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.drills import inject_routes, operations, outcome_routes, queries, room_routes
from tracker.drills.blueprint import blueprint
from tracker.drills.forms import USUAL, DrillForm, ReplayForm
from tracker.drills.pages import show
from tracker.drills.replay import InjectDraft, replayed
from tracker.drills.scenarios import proposal
from tracker.errors import StaleWriteError
from tracker.forms import Form, choice, reshow, reshow_clash
from tracker.lookup import get_incident
from tracker.models import Drill, Incident, Role
from tracker.pages import moved_on, page, page_number, viewer
from tracker.security import allow
from tracker.sent_forms import sent_once

__all__ = ["blueprint", "inject_routes", "outcome_routes", "room_routes"]


@blueprint.get("/drills")
@allow(Role.VIEWER)
def index() -> ResponseReturnValue:
    number = page_number()
    listed = queries.drills_page(viewer=viewer(), number=number)
    longest_ago = queries.longest_ago(viewer=viewer())
    return page("drills/index.html", listed=listed, number=number, longest_ago=longest_ago)


@blueprint.get("/drills/new")
@allow(Role.RESPONDER)
def new(form: DrillForm | None = None) -> ResponseReturnValue:
    past = _past(request.values.get("replay", ""))
    form = _offered(form or _proposed(past))
    asked = ReplayForm(formdata=None, replay=past.ref if past else "", minutes=form.minutes.data)
    rows = [choice(one.ref, f"{one.ref} {one.title}") for one in queries.past_incidents()]
    asked.replay.choices = [choice("", "I write it myself"), *rows]
    return page("drills/new.html", form=form, asked=asked, past=past, planned=_injects(past, form))


def _past(ref: str) -> Incident | None:
    if not ref:
        return None
    incident = get_incident(ref, viewer=viewer())
    operations.refuse_private(incident)
    return incident


def _proposed(past: Incident | None) -> DrillForm:
    """An empty form, or one with what a past incident proposes."""
    form = DrillForm(formdata=None)
    form.minutes.data = min(max(request.args.get("minutes", USUAL, type=int), 1), 480)
    if past is not None:
        form.show(proposal(past, past=queries.past_of(past)))
        form.replay.data = past.ref
    return form


def _offered(form: DrillForm, drill: Drill | None = None) -> DrillForm:
    return form.offer(services=queries.pickable_services(drill), people=queries.responders())


def _injects(past: Incident | None, form: DrillForm) -> list[InjectDraft]:
    return replayed(queries.past_of(past), minutes=form.minutes.data or USUAL) if past else []


@blueprint.post("/drills/new")
@allow(Role.RESPONDER)
@reshow(new)
def plan() -> ResponseReturnValue:
    form = _offered(DrillForm())
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        past = _past(form.replay.data or "")
        injects = _injects(past, form)
        drill = operations.plan_drill(form.draft(), replays=past, injects=injects, by=viewer(), now=now)
        sent.message, sent.to = f"“{drill.title}” is planned.", url_for("drills.show", drill_id=drill.id)
    return moved_on(sent.message, to=sent.to)


@blueprint.get("/drills/<int:drill_id>/edit")
@allow(Role.RESPONDER)
def edit(drill_id: int, form: DrillForm | None = None, clash: StaleWriteError | None = None) -> ResponseReturnValue:
    drill = queries.get_drill(drill_id, viewer=viewer())
    if not operations.leads(drill, person=viewer()):
        return moved_on(operations.NOT_FOR_YOU, to=_at(drill_id))
    form = _offered(form or DrillForm(formdata=None).show_drill(drill), drill)
    return page("drills/edit.html", form=form, drill=drill, clash=clash)


@blueprint.post("/drills/<int:drill_id>/edit")
@allow(Role.RESPONDER)
@reshow_clash(edit)
def save(drill_id: int) -> ResponseReturnValue:
    form = _offered(DrillForm(), queries.get_drill(drill_id, viewer=viewer()))
    form.check()
    with transaction():
        drill = queries.lock_drill(drill_id, viewer=viewer())
        operations.edit_drill(drill, form.draft(), version=form.version.data or 0, by=viewer())
    return moved_on("Saved.", to=url_for("drills.show", drill_id=drill_id))


@blueprint.post("/drills/<int:drill_id>/start")
@allow(Role.RESPONDER)
@reshow(show)
def start(drill_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        drill = queries.lock_drill(drill_id, viewer=viewer())
        incident = operations.start_drill(drill, by=viewer(), now=clock.utcnow())
        ref = incident.ref
    return moved_on(f"{ref} has begun. Send the address of its room to all who take part.", to=_at(drill_id))


@blueprint.post("/drills/<int:drill_id>/end")
@allow(Role.RESPONDER)
@reshow(show)
def end(drill_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        operations.end_drill(queries.lock_drill(drill_id, viewer=viewer()), by=viewer(), now=clock.utcnow())
    return moved_on("The drill is over. While it is fresh: what did it show?", to=_at(drill_id))


@blueprint.post("/drills/<int:drill_id>/remove")
@allow(Role.RESPONDER)
@reshow(show)
def remove(drill_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        operations.drop_drill(queries.lock_drill(drill_id, viewer=viewer()), by=viewer())
    return moved_on("The plan is off the list.", to=url_for("drills.index"))


def _at(drill_id: int) -> str:
    return url_for("drills.show", drill_id=drill_id)
