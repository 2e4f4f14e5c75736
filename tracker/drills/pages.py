"""The page of a drill, which several routes show again when they refuse a form."""

from typing import Any

from flask.typing import ResponseReturnValue

from tracker.drills import operations, queries
from tracker.drills.blueprint import blueprint
from tracker.drills.forms import GapForm, InjectForm, ShowedForm, TestedForm
from tracker.drills.inject_operations import shown_since
from tracker.errors import StaleWriteError
from tracker.forms import Form
from tracker.models import Drill, Role
from tracker.pages import page, viewer
from tracker.security import allow

FORM_NAMES = {InjectForm: "inject_form", ShowedForm: "showed_form", GapForm: "gap_form", TestedForm: "tested_form"}


@blueprint.get("/drills/<int:drill_id>")
@allow(Role.VIEWER)
def show(
    drill_id: int, form: Form | None = None, clash: StaleWriteError | None = None, **parts: object
) -> ResponseReturnValue:
    drill = queries.get_drill(drill_id, viewer=viewer())
    leads = operations.leads(drill, person=viewer())
    knows = leads or drill.ended_at is not None
    refused = {FORM_NAMES[type(form)]: form} if form is not None and type(form) in FORM_NAMES else {}
    return page(
        "drills/show.html",
        drill=drill,
        leads=leads,
        knows=knows,
        shown_since=shown_since,
        refused=form,
        refused_ref=parts.get("ref"),
        clash=clash,
        **_forms(drill) | refused,
        **(_told_when_over(drill) if knows else {}),
        **_outcome(drill, knows=knows),
    )


def _forms(drill: Drill) -> dict[str, Form]:
    return {
        "inject_form": InjectForm(formdata=None),
        "showed_form": ShowedForm(formdata=None).show(drill),
        "gap_form": GapForm(formdata=None),
        "tested_form": TestedForm(formdata=None),
    }


def _told_when_over(drill: Drill) -> dict[str, Any]:
    """The answer: only for who leads it until the drill is over."""
    return {"causes": queries.causes_of(drill.replays) if drill.replays is not None else ""}


def _outcome(drill: Drill, *, knows: bool) -> dict[str, Any]:
    """What it showed. Which items could be tested tells what it replays, so that waits too."""
    if drill.started_at is None:
        return {}
    return {
        "items": queries.items_of_gaps(drill, viewer=viewer()),
        "checks": queries.visible_checks(drill, viewer=viewer()) if knows else [],
        "testable": queries.testable_items(drill, viewer=viewer()) if knows else [],
    }
