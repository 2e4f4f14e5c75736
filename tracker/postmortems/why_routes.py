"""The tree of whys and the contributing factors, changed in place on the step "Why did it happen?"."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.errors import NotFoundError, RuleError, StaleWriteError
from tracker.forms import Form, InvalidForm, reshow
from tracker.lookup import get_incident
from tracker.models import Incident, Postmortem, Role, Why
from tracker.pages import changed, moved_on, page, viewer
from tracker.postmortems import operations, queries, why_operations
from tracker.postmortems.blueprint import blueprint
from tracker.postmortems.forms import CauseForm, FactorForm, WhyForm
from tracker.postmortems.sheets import number_of_row, why_panel
from tracker.postmortems.step_routes import edit
from tracker.postmortems.why_moves import Direction
from tracker.postmortems.why_moves import move_why as move
from tracker.queue import wake
from tracker.security import allow
from tracker.sent_forms import SentBeforeError, sent_once

STEP = "why"
OPENS = ("change", "below", "beside", "factor")
"""The forms of the step, of which one is open at a time."""


def _step_url(ref: str, anchor: str) -> str:
    return url_for("postmortems.edit", ref=ref, step=STEP, _anchor=anchor)


def _answer(ref: str, part: str, message: str, **wanted: str) -> ResponseReturnValue:
    """The changed part for htmx, with the form that is wanted next; else back to the step."""
    incident, postmortem = _rows(ref)
    panel = why_panel(postmortem, wanted)
    anchor = f"why-{number}" if (number := wanted.get("focus")) else part
    forms: dict[str, Any] = {name: value for name, value in wanted.items() if name in OPENS}
    return changed(
        f"postmortems/_{part}.html",
        message,
        back=url_for("postmortems.edit", ref=ref, step=STEP, _anchor=anchor, **forms),
        incident=incident,
        postmortem=postmortem,
        **panel,
    )


def _refused(ref: str, part: str, wanted: Mapping[str, str], *, status: int, **forms: Any) -> ResponseReturnValue:
    """The same part, or the whole step, with what was typed and why it was not taken."""
    incident, postmortem = _rows(ref)
    panel = why_panel(postmortem, wanted, **forms)
    if request.headers.get("HX-Request"):
        return page(f"postmortems/_{part}.html", incident=incident, postmortem=postmortem, **panel), status
    return page("postmortems/why_form.html", part=part, incident=incident, postmortem=postmortem, **panel), status


def _rows(ref: str) -> tuple[Incident, Postmortem]:
    incident = get_incident(ref, viewer=viewer())
    return incident, queries.get_postmortem(incident)


def _to_change(ref: str) -> Postmortem:
    return queries.get_postmortem_to_change(get_incident(ref, viewer=viewer()))


@blueprint.get("/<ref:ref>/postmortem/whys")
@allow(Role.RESPONDER)
def whys(ref: str) -> ResponseReturnValue:
    """The tree alone, for htmx; everybody else gets the step it stands on."""
    return _part(ref, "whys")


@blueprint.get("/<ref:ref>/postmortem/factors")
@allow(Role.RESPONDER)
def factors(ref: str) -> ResponseReturnValue:
    return _part(ref, "factors")


def _part(ref: str, part: str) -> ResponseReturnValue:
    incident, postmortem = _rows(ref)
    if not request.headers.get("HX-Request"):
        wanted: dict[str, Any] = {name: request.args.get(name) for name in OPENS}
        return redirect(url_for("postmortems.edit", ref=ref, step=STEP, _anchor=part, **wanted), 303)
    panel = why_panel(postmortem, request.args)
    return page(f"postmortems/_{part}.html", incident=incident, postmortem=postmortem, **panel)


@blueprint.post("/<ref:ref>/postmortem/whys")
@allow(Role.RESPONDER)
def add_why(ref: str) -> ResponseReturnValue:
    form = WhyForm()
    wanted = {"below": form.below.data or "", "beside": form.beside.data or ""}
    try:
        form.check()
        with transaction():
            sent_once(by=viewer(), now=clock.utcnow())
            postmortem = _to_change(ref)
            below, beside = (_why_or_none(postmortem, field.data) for field in (form.below, form.beside))
            added = why_operations.add_why(postmortem, form.draft(), below=below, beside=beside).id
    except SentBeforeError:
        return _answer(ref, "whys", "The why is added.")
    except (InvalidForm, RuleError) as error:
        return _refused(ref, "whys", wanted, status=422, why_form=_told(form, error))
    then = form.then.data if form.then.data in ("below", "beside") else "focus"
    return _answer(ref, "whys", "The why is added.", **{then: str(added)})


def _why_or_none(postmortem: Postmortem, number: str | None) -> Why | None:
    why_id = number_of_row(number)
    return queries.get_why(postmortem, why_id) if why_id else None


@blueprint.post("/<ref:ref>/postmortem/whys/<int(max=2147483647):why_id>")
@allow(Role.RESPONDER)
def change_why(ref: str, why_id: int) -> ResponseReturnValue:
    form, wanted = WhyForm(), {"change": str(why_id)}
    try:
        form.check()
        with transaction():
            postmortem = _to_change(ref)
            why = queries.get_why(postmortem, why_id)
            why_operations.change_why(postmortem, why, form.draft(), version=form.version.data or 0)
    except (InvalidForm, RuleError) as error:
        return _refused(ref, "whys", wanted, status=422, why_form=_told(form, error))
    except StaleWriteError as error:
        form.version.data = error.their_version
        return _refused(ref, "whys", wanted, status=409, why_form=form, theirs=error.theirs)
    return _answer(ref, "whys", "Saved.", focus=str(why_id))


@blueprint.post("/<ref:ref>/postmortem/whys/<int(max=2147483647):why_id>/move/<direction>")
@allow(Role.RESPONDER)
def move_why(ref: str, why_id: int, direction: str) -> ResponseReturnValue:
    Form().check()
    if direction not in tuple(Direction):
        raise NotFoundError("A why moves up, down, in or out.")
    with transaction():
        postmortem = _to_change(ref)
        has_moved = move(postmortem, queries.get_why(postmortem, why_id), direction=Direction(direction))
    message = "Moved." if has_moved else "It cannot go further that way."
    return _answer(ref, "whys", message, focus=str(why_id))


@blueprint.post("/<ref:ref>/postmortem/whys/<int(max=2147483647):why_id>/remove")
@allow(Role.RESPONDER)
def remove_why(ref: str, why_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        postmortem = _to_change(ref)
        why = queries.get_why(postmortem, why_id)
        why_operations.remove_why(postmortem, why, version=_read_version())
    return _answer(ref, "whys", "The why is removed. Those below it moved up.")


@blueprint.post("/<ref:ref>/postmortem/factors")
@allow(Role.RESPONDER)
def add_factor(ref: str) -> ResponseReturnValue:
    form = FactorForm()
    try:
        form.check()
        with transaction():
            why_operations.add_factor(_to_change(ref), form.draft())
    except (InvalidForm, RuleError) as error:
        return _refused(ref, "factors", {}, status=422, factor_form=_told(form, error))
    return _answer(ref, "factors", "The factor is added.", another="yes")


@blueprint.post("/<ref:ref>/postmortem/factors/<int(max=2147483647):factor_id>")
@allow(Role.RESPONDER)
def change_factor(ref: str, factor_id: int) -> ResponseReturnValue:
    form, wanted = FactorForm(), {"factor": str(factor_id)}
    try:
        form.check()
        with transaction():
            postmortem = _to_change(ref)
            factor = queries.get_factor(postmortem, factor_id)
            why_operations.change_factor(postmortem, factor, form.draft(), version=form.version.data or 0)
    except (InvalidForm, RuleError) as error:
        return _refused(ref, "factors", wanted, status=422, factor_form=_told(form, error))
    except StaleWriteError as error:
        form.version.data = error.their_version
        return _refused(ref, "factors", wanted, status=409, factor_form=form, theirs=error.theirs)
    return _answer(ref, "factors", "Saved.")


@blueprint.post("/<ref:ref>/postmortem/factors/<int(max=2147483647):factor_id>/remove")
@allow(Role.RESPONDER)
def remove_factor(ref: str, factor_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        postmortem = _to_change(ref)
        factor = queries.get_factor(postmortem, factor_id)
        why_operations.remove_factor(postmortem, factor, version=_read_version())
    return _answer(ref, "factors", "The factor is removed.")


def why_step(ref: str, form: Form | None = None) -> ResponseReturnValue:
    return edit(ref, STEP, form=form)


@blueprint.post("/<ref:ref>/postmortem/cause")
@allow(Role.RESPONDER)
@reshow(why_step)
def choose_cause(ref: str) -> ResponseReturnValue:
    form = CauseForm()
    form.check()
    with transaction():
        postmortem = _to_change(ref)
        operations.choose_cause(postmortem, form.category(), now=clock.utcnow())
    wake("recurrence.compare")
    return moved_on("Saved.", to=_step_url(ref, "cause"))


def _read_version() -> int:
    """The version of the text that stood on the page when a person chose to remove it."""
    return request.form.get("version", 0, type=int)


def _told(form: Form, error: Exception) -> Form:
    if isinstance(error, RuleError):
        form.form_errors.append(str(error))
    return form
