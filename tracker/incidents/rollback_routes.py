"""Think a rollback through in a minute: questions, advice with its reasons, and the decision on the timeline."""

from flask import url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.forms import reshow
from tracker.incidents import rollback
from tracker.incidents.blueprint import blueprint
from tracker.incidents.rollback_forms import DecideForm, RollbackForm
from tracker.incidents.rollback_operations import decide_rollback
from tracker.lookup import get_incident
from tracker.models import Role
from tracker.pages import moved_on, page, viewer
from tracker.security import allow
from tracker.sent_forms import sent_once


@blueprint.get("/<ref:ref>/rollback")
@allow(Role.RESPONDER)
def think_rollback(ref: str, form: RollbackForm | None = None) -> ResponseReturnValue:
    return page(
        "incidents/rollback.html",
        incident=get_incident(ref, viewer=viewer()),
        form=form or RollbackForm(),
        rollback=rollback,
        decision=None,
        decide_form=None,
    )


@blueprint.post("/<ref:ref>/rollback")
@allow(Role.RESPONDER)
@reshow(think_rollback)
def advise_rollback(ref: str) -> ResponseReturnValue:
    """The advice. Nothing is written down yet."""
    form = RollbackForm()
    form.check()
    return _advised(ref, DecideForm(formdata=None, data=form.data))


def _advised(ref: str, form: DecideForm) -> ResponseReturnValue:
    return page(
        "incidents/rollback.html",
        incident=get_incident(ref, viewer=viewer()),
        form=form,
        rollback=rollback,
        decision=rollback.advise(form.replies()),
        decide_form=form,
    )


@blueprint.post("/<ref:ref>/rollback/decision")
@allow(Role.RESPONDER)
@reshow(_advised)
def decide_on_rollback(ref: str) -> ResponseReturnValue:
    form = DecideForm()
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        decide_rollback(get_incident(ref, viewer=viewer()), form.draft(), by=viewer(), now=now)
        sent.message = "Your decision stands on the timeline, with the reasons."
        sent.to = url_for("incidents.show", ref=ref)
    return moved_on(sent.message, to=sent.to)
