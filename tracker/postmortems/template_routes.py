"""What postmortems ask, for administrators: wording, order, guidance, and what publishing needs."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.errors import NotFoundError
from tracker.forms import Form, reshow
from tracker.models import Role
from tracker.pages import moved_on, page, viewer
from tracker.postmortems import queries
from tracker.postmortems import template_operations as operations
from tracker.postmortems.outline import BUILT_IN
from tracker.postmortems.template_forms import QuestionForm, filled
from tracker.postmortems.templates import question_from
from tracker.security import allow
from tracker.sent_forms import sent_once

template_blueprint = Blueprint("questions", __name__, url_prefix="/settings/questions")
PLACES = {"up": -1, "down": 1}


@template_blueprint.get("")
@allow(Role.ADMIN)
def index() -> ResponseReturnValue:
    """The questions in use, or those of an earlier version; and all versions."""
    versions = queries.template_versions()
    wanted = request.args.get("version", type=int)
    shown = next((one for one in versions if one.number == wanted), versions[0] if versions else None)
    outline = queries.outline_of_template(queries.find_template(shown.number)) if shown else BUILT_IN
    names = {service.slug: service.name for service in queries.services()}
    is_now = shown is None or shown is versions[0]
    return page("postmortems/template.html", versions=versions, outline=outline, names=names, is_now=is_now)


@template_blueprint.get("/<question>")
@allow(Role.ADMIN)
def edit(question: str, form: Form | None = None) -> ResponseReturnValue:
    kept = operations.find_question(operations.questions_now(), question)
    saved = filled(kept)
    shown = form if isinstance(form, QuestionForm) else saved
    # What somebody else saved meanwhile is shown beside what was typed, and counts as seen from now on.
    theirs = kept if form is not None and shown.seen.data != saved.seen.data else None
    shown.seen.data = saved.seen.data
    return page(
        "postmortems/template_question.html",
        form=shown.offer(queries.services(), kept=kept),
        question=question_from(kept),
        theirs=theirs,
    )


@template_blueprint.post("/<question>")
@allow(Role.ADMIN)
@reshow(edit)
def save(question: str) -> ResponseReturnValue:
    kept = operations.find_question(operations.questions_now(), question)
    form = QuestionForm().offer(queries.services(), kept=kept)
    form.check()
    with transaction():
        operations.change_question(question, form.draft(), seen=form.seen.data or "", by=viewer(), now=clock.utcnow())
    return moved_on("Saved. Postmortems that are started from now on ask it so.", to=_place(question))


@template_blueprint.get("/new")
@allow(Role.ADMIN)
def new(form: QuestionForm | None = None) -> ResponseReturnValue:
    shown = form or QuestionForm(formdata=None, data={"is_asked": True, "step": request.args.get("step")})
    return page("postmortems/template_question.html", form=shown.offer(queries.services()), question=None, theirs=None)


@template_blueprint.post("/new")
@allow(Role.ADMIN)
@reshow(new)
def add() -> ResponseReturnValue:
    form = QuestionForm().offer(queries.services())
    form.check()
    with transaction():
        sent = sent_once(by=viewer(), now=clock.utcnow())
        key = operations.add_question(form.draft(), by=viewer(), now=clock.utcnow())
        sent.message, sent.to = "Postmortems that are started from now on ask it.", _place(key)
    return moved_on(sent.message, to=sent.to)


@template_blueprint.post("/<question>/move/<direction>")
@allow(Role.ADMIN)
def move(question: str, direction: str) -> ResponseReturnValue:
    Form().check()
    if direction not in PLACES:
        raise NotFoundError("A question moves up or down.")
    with transaction():
        operations.move_question(question, by_places=PLACES[direction], by=viewer(), now=clock.utcnow())
    return moved_on("", to=_place(question))


def _place(question: str) -> str:
    return url_for("questions.index", _anchor=f"q-{question}")
