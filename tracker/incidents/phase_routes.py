"""The buttons that move an incident through its phases."""

from flask import url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.forms import reshow
from tracker.incidents import phase_operations
from tracker.incidents.blueprint import blueprint
from tracker.incidents.room_forms import PhaseForm, ReopenForm, ResolveForm
from tracker.incidents.room_routes import show
from tracker.lookup import get_incident
from tracker.models import Role
from tracker.pages import moved_on, viewer
from tracker.security import allow
from tracker.wiring import settings


@blueprint.post("/<ref:ref>/phase")
@allow(Role.RESPONDER)
@reshow(show)
def move_on(ref: str) -> ResponseReturnValue:
    form = PhaseForm()
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        phase_operations.move_on(incident, form.draft(), by=viewer(), now=clock.utcnow())
    return moved_on(f"{ref} is {incident.phase.value}.", to=url_for("incidents.show", ref=ref))


@blueprint.post("/<ref:ref>/resolve")
@allow(Role.RESPONDER)
@reshow(show)
def resolve(ref: str) -> ResponseReturnValue:
    form = ResolveForm()
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        now = clock.utcnow()
        phase_operations.resolve(incident, form.draft(), by=viewer(), now=now, calendar=settings().work_calendar)
    learn = "" if incident.is_drill else " The postmortem is open: write down what you still remember."
    return moved_on(f"{ref} is resolved.{learn}", to=url_for("incidents.show", ref=ref))


@blueprint.post("/<ref:ref>/reopen")
@allow(Role.RESPONDER)
@reshow(show)
def reopen(ref: str) -> ResponseReturnValue:
    form = ReopenForm()
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        phase_operations.reopen(incident, reason=form.reason.data or "", by=viewer(), now=clock.utcnow())
    return moved_on(f"{ref} is open again. First make users safe.", to=url_for("incidents.show", ref=ref))
