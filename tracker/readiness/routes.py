"""Runbooks: the list, each one to read and to write, and following one in an incident."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.errors import StaleWriteError
from tracker.forms import Form, reshow, reshow_clash
from tracker.lookup import get_incident
from tracker.models import Role, Runbook
from tracker.pages import moved_on, page, today, viewer
from tracker.readiness import operations, queries
from tracker.readiness.forms import RunbookForm, StepForm, UseForm
from tracker.readiness.steps import is_stale, steps_of
from tracker.security import allow
from tracker.sent_forms import sent_once

blueprint = Blueprint("readiness", __name__)


@blueprint.get("/runbooks")
@allow(Role.VIEWER)
def index() -> ResponseReturnValue:
    return page(
        "readiness/index.html", runbooks=queries.runbooks(), used=queries.last_used(viewer()), is_stale=is_stale
    )


@blueprint.get("/runbooks/new")
@allow(Role.RESPONDER)
def new(form: RunbookForm | None = None) -> ResponseReturnValue:
    form = _offered(form or RunbookForm(formdata=None), None)
    return page("readiness/edit.html", form=form, runbook=None, clash=None)


@blueprint.post("/runbooks/new")
@allow(Role.RESPONDER)
@reshow(new)
def write() -> ResponseReturnValue:
    form = _offered(RunbookForm(), None)
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        runbook = operations.write_runbook(form.draft(), by=viewer(), now=now, today=today())
        sent.message, sent.to = f"“{runbook.title}” is there.", url_for("readiness.show", runbook_id=runbook.id)
    return moved_on(sent.message, to=sent.to)


@blueprint.get("/runbooks/<int:runbook_id>")
@allow(Role.VIEWER)
def show(runbook_id: int) -> ResponseReturnValue:
    runbook = queries.get_runbook(runbook_id)
    return page(
        "readiness/show.html",
        runbook=runbook,
        steps=steps_of(runbook.text),
        uses=queries.uses_of(runbook, viewer=viewer()),
        is_stale=is_stale(runbook.reviewed_on, today=today()),
    )


@blueprint.get("/runbooks/<int:runbook_id>/edit")
@allow(Role.RESPONDER)
def edit(runbook_id: int, form: RunbookForm | None = None, clash: StaleWriteError | None = None) -> ResponseReturnValue:
    runbook = queries.get_runbook(runbook_id)
    form = _offered(form or RunbookForm(formdata=None).show(runbook), runbook)
    return page("readiness/edit.html", form=form, runbook=runbook, clash=clash)


@blueprint.post("/runbooks/<int:runbook_id>/edit")
@allow(Role.RESPONDER)
@reshow_clash(edit)
def save(runbook_id: int) -> ResponseReturnValue:
    form = _offered(RunbookForm(), queries.get_runbook(runbook_id))
    form.check()
    with transaction():
        runbook = queries.get_runbook(runbook_id)
        version = form.version.data or 0
        operations.edit_runbook(runbook, form.draft(), version=version, by=viewer(), now=clock.utcnow())
    return moved_on("Saved.", to=url_for("readiness.show", runbook_id=runbook_id))


def _offered(form: RunbookForm, runbook: Runbook | None) -> RunbookForm:
    return form.offer(queries.pickable_services(runbook), people=queries.pickable_owners(runbook))


@blueprint.post("/runbooks/<int:runbook_id>/reviewed")
@allow(Role.RESPONDER)
def reviewed(runbook_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        operations.review(queries.get_runbook(runbook_id), by=viewer(), today=today())
    return moved_on("Thank you. It counts as right from today.", to=url_for("readiness.show", runbook_id=runbook_id))


@blueprint.post("/runbooks/<int:runbook_id>/archive")
@allow(Role.RESPONDER)
def archive(runbook_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        operations.archive(queries.get_runbook(runbook_id))
    return moved_on("It is offered no more.", to=url_for("readiness.show", runbook_id=runbook_id))


@blueprint.post("/runbooks/<int:runbook_id>/restore")
@allow(Role.RESPONDER)
def restore(runbook_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        operations.restore(queries.get_runbook(runbook_id))
    return moved_on("It is offered again.", to=url_for("readiness.show", runbook_id=runbook_id))


@blueprint.get("/incidents/<ref:ref>/runbooks")
@allow(Role.VIEWER)
def of_incident(ref: str, form: Form | None = None, **_parts: object) -> ResponseReturnValue:
    """The card for the room; the page with its lists to tick for everybody else."""
    incident = get_incident(ref, viewer=viewer())
    shown = {"incident": incident, "runs": queries.runs_of(incident), "offered": queries.offered_to(incident)}
    template = "_of_incident.html" if request.headers.get("HX-Request") else "of_incident.html"
    return page(f"readiness/{template}", is_stale=is_stale, refused=form, step_form=StepForm(formdata=None), **shown)


@blueprint.post("/incidents/<ref:ref>/runbooks")
@allow(Role.RESPONDER)
@reshow(of_incident)
def use(ref: str) -> ResponseReturnValue:
    form = UseForm()
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        runbook = queries.get_runbook(form.runbook.data or 0)
        operations.start_run(incident, runbook, by=viewer(), now=clock.utcnow())
    return moved_on("Tick each step when it is done.", to=url_for("readiness.of_incident", ref=ref))


@blueprint.post("/incidents/<ref:ref>/runbooks/<int:run_id>")
@allow(Role.RESPONDER)
@reshow(of_incident)
def do_step(ref: str, run_id: int) -> ResponseReturnValue:
    form = StepForm()
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        run, position = queries.get_run(incident, run_id), form.position.data or 0
        note = form.note.data or ""
        operations.do_step(incident, run, position, note=note, by=viewer(), now=clock.utcnow())
    return moved_on("Done.", to=url_for("readiness.of_incident", ref=ref, _anchor=f"run-{run_id}"))
