"""What happens in a drill, for who leads it: add, correct, take away, give."""

from flask import url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.drills import inject_operations, operations, queries
from tracker.drills.blueprint import blueprint
from tracker.drills.forms import InjectForm
from tracker.drills.pages import show
from tracker.errors import StaleWriteError
from tracker.forms import Form, reshow, reshow_clash
from tracker.models import Role
from tracker.pages import moved_on, page, viewer
from tracker.security import allow
from tracker.sent_forms import sent_once


@blueprint.post("/drills/<int:drill_id>/injects")
@allow(Role.RESPONDER)
@reshow(show)
def add_inject(drill_id: int) -> ResponseReturnValue:
    form = InjectForm()
    form.check()
    with transaction():
        sent = sent_once(by=viewer(), now=clock.utcnow())
        drill = queries.lock_drill(drill_id, viewer=viewer())
        inject = inject_operations.add_inject(drill, form.draft(), by=viewer())
        sent.message, sent.to = f"It happens at minute {inject.minute}.", _injects_of(drill_id)
    return moved_on(sent.message, to=sent.to)


@blueprint.get("/drills/<int:drill_id>/injects/<int:inject_id>")
@allow(Role.RESPONDER)
def edit_inject(
    drill_id: int, inject_id: int, form: InjectForm | None = None, clash: StaleWriteError | None = None
) -> ResponseReturnValue:
    drill = queries.get_drill(drill_id, viewer=viewer())
    if not operations.leads(drill, person=viewer()):
        return moved_on(operations.NOT_FOR_YOU, to=_injects_of(drill_id))
    inject = inject_operations.find_inject(drill, inject_id)
    form = form or InjectForm(formdata=None).show(inject)
    return page("drills/edit_inject.html", form=form, drill=drill, inject=inject, clash=clash)


@blueprint.post("/drills/<int:drill_id>/injects/<int:inject_id>")
@allow(Role.RESPONDER)
@reshow_clash(edit_inject)
def save_inject(drill_id: int, inject_id: int) -> ResponseReturnValue:
    form = InjectForm()
    form.check()
    version = form.version.data or 0
    with transaction():
        drill = queries.lock_drill(drill_id, viewer=viewer())
        inject = inject_operations.find_inject(drill, inject_id)
        inject_operations.edit_inject(drill, inject, form.draft(inject), version=version, by=viewer())
    return moved_on("Saved.", to=_injects_of(drill_id))


@blueprint.post("/drills/<int:drill_id>/injects/<int:inject_id>/remove")
@allow(Role.RESPONDER)
@reshow(show)
def remove_inject(drill_id: int, inject_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        drill = queries.lock_drill(drill_id, viewer=viewer())
        inject_operations.remove_inject(drill, inject_operations.find_inject(drill, inject_id), by=viewer())
    return moved_on("It does not happen any more.", to=_injects_of(drill_id))


@blueprint.post("/drills/<int:drill_id>/injects/<int:inject_id>/give")
@allow(Role.RESPONDER)
@reshow(show)
def give_inject(drill_id: int, inject_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        drill = queries.lock_drill(drill_id, viewer=viewer())
        inject = inject_operations.find_inject(drill, inject_id)
        inject_operations.give_inject(drill, inject, by=viewer(), now=clock.utcnow())
    return moved_on("It happens now: the room shows it.", to=_injects_of(drill_id))


def _injects_of(drill_id: int) -> str:
    return url_for("drills.show", drill_id=drill_id, _anchor="injects")
