"""The questions about a wording, beside the text while it is written; each can be dismissed for good."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.forms import PROSE, Form
from tracker.lookup import get_incident
from tracker.models import Role
from tracker.pages import changed, page, viewer
from tracker.postmortems import queries, wordings
from tracker.postmortems.blueprint import blueprint
from tracker.postmortems.sheets import why_panel
from tracker.postmortems.step_routes import get_question, outline_at
from tracker.security import allow


@blueprint.post("/<ref:ref>/postmortem/wording/<question>")
@allow(Role.RESPONDER)
def wording(ref: str, question: str) -> ResponseReturnValue:
    """What to ask about the text as it is typed; ``dismiss`` names what not to ask about again."""
    outline = outline_at(ref)
    get_question(outline, question)
    Form().check()
    incident = get_incident(ref, viewer=viewer())
    if request.form.get("dismiss"):
        _dismiss(ref, question)
    postmortem = queries.get_postmortem(incident)
    text = request.form.get(question, "")[:PROSE]
    hints = wordings.hints_of(text, place=question, dismissed=wordings.dismissed_of(postmortem))
    if request.headers.get("HX-Request"):
        return page("postmortems/_wording.html", incident=incident, place=question, hints=hints, is_typed=True)
    step = outline.step_of(question).key
    return changed("", "", back=url_for("postmortems.edit", ref=ref, step=step, _anchor=f"q-{question}"))


def _dismiss(ref: str, place: str) -> None:
    with transaction():
        postmortem = queries.get_postmortem(get_incident(ref, viewer=viewer()))
        key = request.form.get("dismiss", "")
        wordings.dismiss(postmortem, place=place, key=key, by=viewer(), now=clock.utcnow())


@blueprint.post("/<ref:ref>/postmortem/whys/<int(max=2147483647):why_id>/wording")
@allow(Role.RESPONDER)
def dismiss_wording(ref: str, why_id: int) -> ResponseReturnValue:
    """Do not ask about these words of a why again."""
    Form().check()
    queries.get_why(queries.get_postmortem(get_incident(ref, viewer=viewer())), why_id)
    _dismiss(ref, f"why-{why_id}")
    return _without_it(ref, "whys", anchor=f"why-{why_id}", wanted={"focus": str(why_id)})


@blueprint.post("/<ref:ref>/postmortem/factors/<int(max=2147483647):factor_id>/wording")
@allow(Role.RESPONDER)
def dismiss_factor_wording(ref: str, factor_id: int) -> ResponseReturnValue:
    """The same for a contributing factor."""
    Form().check()
    queries.get_factor(queries.get_postmortem(get_incident(ref, viewer=viewer())), factor_id)
    _dismiss(ref, f"factor-{factor_id}")
    return _without_it(ref, "factors", anchor="factors", wanted={})


def _without_it(ref: str, part: str, *, anchor: str, wanted: dict[str, str]) -> ResponseReturnValue:
    back = url_for("postmortems.edit", ref=ref, step="why", _anchor=anchor)
    incident = get_incident(ref, viewer=viewer())
    postmortem = queries.get_postmortem(incident)
    panel = why_panel(postmortem, wanted)
    return changed(
        f"postmortems/_{part}.html",
        "We will not ask about it again.",
        back=back,
        incident=incident,
        postmortem=postmortem,
        **panel,
    )
