"""The guided form: one step a page, saved as typed, with history, and both texts kept when two people meet."""

from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.blame import Hint
from tracker.db import transaction
from tracker.errors import NotFoundError, RuleError, StaleWriteError
from tracker.forms import Form, InvalidForm, reshow
from tracker.lookup import get_incident, get_incident_with_services
from tracker.markdown import to_html, with_links
from tracker.models import Postmortem, Role
from tracker.pages import moved_on, page, viewer
from tracker.postmortems import operations, queries, wordings
from tracker.postmortems.blueprint import blueprint
from tracker.postmortems.differences import put_together, word_changes
from tracker.postmortems.forms import MergeForm, PreviewForm, StepForm, answer_form, error_of, step_form
from tracker.postmortems.linking import links_of
from tracker.postmortems.operations import AnswerDraft
from tracker.postmortems.outline import Outline, Step
from tracker.postmortems.questions import Question
from tracker.postmortems.sheets import sheet_of, why_panel
from tracker.promises import plan_questions
from tracker.queue import wake
from tracker.security import allow
from tracker.wiring import settings


def outline_at(ref: str) -> Outline:
    """What the postmortem of this incident asks, for a reader who may see it."""
    return queries.outline_of(queries.get_postmortem(get_incident(ref, viewer=viewer())))


def get_step(outline: Outline, key: str) -> Step:
    step = outline.find_step(key)
    if step is None:
        raise NotFoundError("The postmortem has no such step. Choose one of the steps from its first page.")
    return step


def get_question(outline: Outline, key: str) -> Question:
    question = outline.questions.get(key)
    if question is None:
        raise NotFoundError("The postmortem does not ask this question.")
    return question


@blueprint.get("/<ref:ref>/postmortem/edit/<step>")
@allow(Role.RESPONDER)
def edit(ref: str, step: str, form: Form | None = None) -> ResponseReturnValue:
    incident = get_incident_with_services(ref, viewer=viewer())
    postmortem = queries.get_postmortem(incident)
    saved = queries.answers_of(postmortem)
    outline = queries.outline_of(postmortem, own={key: one.heading for key, one in saved.items() if one.heading})
    chosen = get_step(outline, step)
    sheet = sheet_of(incident, postmortem, chosen, outline=outline, answers=saved, zone=settings().timezone)
    answers = form if isinstance(form, StepForm) else _filled(chosen, sheet.answers, sheet.suggestions)
    before, after = outline.neighbours(chosen)
    return page(
        "postmortems/edit.html",
        form=form or answers,
        answer_form=answers,
        step=chosen,
        before=before,
        after=after,
        incident=incident,
        postmortem=postmortem,
        sheet=sheet,
        plan_questions=plan_questions(incident.severity, sheet.items),
        wordings=_wordings(postmortem, answers),
        **(why_panel(postmortem, request.args, sheet=sheet) if chosen.key == "why" else {}),
    )


def _wordings(postmortem: Postmortem, answers: StepForm) -> dict[str, tuple[Hint, ...]]:
    """What to ask about the text of each question, as it stands in the form."""
    dismissed = wordings.dismissed_of(postmortem)
    keys = [question.key for question in answers.step.questions]
    return {key: wordings.hints_of(answers[key].data or "", place=key, dismissed=dismissed) for key in keys}


def _filled(step: Step, answers: Any, suggestions: dict[str, str]) -> StepForm:
    """The form with the saved texts; ``?use=`` begins an empty answer with what is known."""
    values: dict[str, Any] = {}
    for question in step.questions:
        saved = answers.get(question.key)
        values[question.key] = saved.text if saved else ""
        values[f"{question.key}_version"] = saved.version if saved else 0
        if not values[question.key] and request.args.get("use") == question.key:
            values[question.key] = suggestions.get(question.key, "")
    return step_form(step)(formdata=None, data=values)


@dataclass(frozen=True)
class Clash:
    """Two texts for one question, side by side, with a proposal that holds both."""

    question: Question
    step: Step
    yours: str
    theirs: str
    version: int
    saved_by: str

    @property
    def together(self) -> str:
        return put_together(self.theirs, self.yours)


def _clash(outline: Outline, question: str, error: StaleWriteError) -> Clash:
    asked, step = outline.questions[question], outline.step_of(question)
    return Clash(asked, step, error.yours, error.theirs, error.their_version, error.saved_by)


@blueprint.post("/<ref:ref>/postmortem/edit/<step>")
@allow(Role.RESPONDER)
@reshow(edit)
def save(ref: str, step: str) -> ResponseReturnValue:
    outline = outline_at(ref)
    chosen = get_step(outline, step)
    form = step_form(chosen)()
    form.check()
    clashes = _save_all(ref, form.drafts(), outline=outline)
    if clashes:
        return _clash_page(ref, chosen, clashes)
    return moved_on("Saved.", to=_dismissed(ref, chosen) or _after_saving(ref, chosen, outline=outline))


def _dismissed(ref: str, step: Step) -> str:
    """Where to go on after "Do not ask again", which without JavaScript saves the step; empty when nobody said so."""
    place, _, key = request.form.get("dismissed", "").partition(" ")
    if place not in {question.key for question in step.questions}:
        return ""
    with transaction():
        postmortem = queries.get_postmortem(get_incident(ref, viewer=viewer()))
        wordings.dismiss(postmortem, place=place, key=key, by=viewer(), now=clock.utcnow())
    return url_for("postmortems.edit", ref=ref, step=step.key, _anchor=f"q-{place}")


def _save_all(ref: str, drafts: list[AnswerDraft], *, outline: Outline) -> list[Clash]:
    """Save every answer; those that somebody else changed in between come back, and nothing of them is overwritten."""
    clashes = []
    with transaction():
        postmortem = queries.get_postmortem_to_change(get_incident(ref, viewer=viewer()))
        for draft in drafts:
            try:
                operations.save_answer(postmortem, draft, by=viewer(), now=clock.utcnow())
            except StaleWriteError as error:
                clashes.append(_clash(outline, draft.question, error))
    if any(draft.question == "root_causes" for draft in drafts):
        wake("recurrence.compare")
    return clashes


def _after_saving(ref: str, step: Step, *, outline: Outline) -> str:
    used, after = request.form.get("use"), outline.neighbours(step)[1]
    if used in outline.questions:
        return url_for("postmortems.edit", ref=ref, step=step.key, use=used, _anchor=used)
    then = after if request.form.get("then") == "next" and after else step
    return url_for("postmortems.edit", ref=ref, step=then.key)


def _clash_page(ref: str, step: Step, clashes: list[Clash]) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    return page("postmortems/clash.html", incident=incident, step=step, clashes=clashes), 409


@blueprint.post("/<ref:ref>/postmortem/answers/<question>")
@allow(Role.RESPONDER)
def autosave(ref: str, question: str) -> ResponseReturnValue:
    """What ``autosave.js`` posts: 200 with the new version, 409 with both texts, 422 with one line."""
    outline = outline_at(ref)
    form = answer_form(get_question(outline, question))()
    try:
        form.check()
        with transaction():
            postmortem = queries.get_postmortem_to_change(get_incident(ref, viewer=viewer()))
            draft = AnswerDraft(question, form[question].data or "", form.version.data or 0)
            answer = operations.save_answer(postmortem, draft, by=viewer(), now=clock.utcnow())
            version = answer.version if answer else 0
    except InvalidForm:
        return Response(error_of(form[question]) or "This could not be read.", 422, mimetype="text/plain")
    except RuleError as error:
        return Response(str(error), 422, mimetype="text/plain")
    except StaleWriteError as error:
        return page("postmortems/_clash.html", ref=ref, clash=_clash(outline, question, error)), 409
    if question == "root_causes":
        wake("recurrence.compare")
    return Response("", 200, {"X-Version": str(version)}, mimetype="text/plain")


def step_of_question(ref: str, question: str, form: Form | None = None) -> ResponseReturnValue:
    """The clash once more, when the text to keep could not be taken as it is."""
    outline, typed = outline_at(ref), getattr(form, "text", None)
    asked, step = get_question(outline, question), outline.step_of(question)
    incident = get_incident(ref, viewer=viewer())
    saved = queries.find_answer(queries.get_postmortem(incident), question)
    yours, theirs = (typed.data or "") if typed else "", saved.text if saved else ""
    clash = Clash(asked, step, yours, theirs, saved.version if saved else 0, "")
    return page("postmortems/clash.html", incident=incident, step=step, clashes=[clash], form=form)


@blueprint.post("/<ref:ref>/postmortem/answers/<question>/settle")
@allow(Role.RESPONDER)
@reshow(step_of_question)
def settle(ref: str, question: str) -> ResponseReturnValue:
    """Save the one text that a person made of two."""
    outline = outline_at(ref)
    get_question(outline, question)
    form = MergeForm()
    form.check()
    draft = AnswerDraft(question, form.text.data or "", form.version.data or 0)
    clashes, step = _save_all(ref, [draft], outline=outline), outline.step_of(question)
    if clashes:
        return _clash_page(ref, step, clashes)
    return moved_on("Saved.", to=url_for("postmortems.edit", ref=ref, step=step.key, _anchor=question))


@blueprint.post("/<ref:ref>/postmortem/preview")
@allow(Role.RESPONDER)
def preview(ref: str) -> ResponseReturnValue:
    """The text as the page will show it, links to people, incidents, items and tickets included."""
    incident = get_incident(ref, viewer=viewer())
    form = PreviewForm()
    try:
        form.check()
    except InvalidForm:
        return Response(error_of(form.text) or "This could not be read.", 422, mimetype="text/plain")
    text = form.text.data or ""
    return str(with_links(to_html(text), links_of([text], queries.tickets_of(incident))))


@blueprint.get("/<ref:ref>/postmortem/answers/<question>/history")
@allow(Role.VIEWER)
def history(ref: str, question: str, form: Form | None = None) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    postmortem = queries.get_postmortem(incident)
    outline = queries.outline_of(postmortem)
    asked = get_question(outline, question)
    answer = queries.find_answer(postmortem, question)
    revisions = queries.revisions_of(answer) if answer else []
    if answer and not any(revision.version == answer.version for revision in revisions):
        revisions.insert(0, operations.revision_of(answer))
    earlier = [*(revision.text for revision in revisions), ""][1:] if revisions else []
    changes = [word_changes(before, now.text) for now, before in zip(revisions, earlier, strict=True)]
    return page(
        "postmortems/history.html",
        form=form,
        incident=incident,
        postmortem=postmortem,
        question=asked,
        step=outline.step_of(question),
        answer=answer,
        revisions=list(zip(revisions, changes, strict=True))[: queries.REVISIONS_SHOWN],
        has_more=len(revisions) > queries.REVISIONS_SHOWN,
    )


@blueprint.post("/<ref:ref>/postmortem/answers/<question>/restore/<int(max=2147483647):version>")
@allow(Role.RESPONDER)
def restore(ref: str, question: str, version: int) -> ResponseReturnValue:
    get_question(outline_at(ref), question)
    Form().check()
    with transaction():
        postmortem = queries.get_postmortem_to_change(get_incident(ref, viewer=viewer()))
        answer = queries.find_answer(postmortem, question)
        if answer is None:
            raise NotFoundError("Nothing was written here yet.")
        operations.restore_answer(postmortem, answer, version=version, by=viewer(), now=clock.utcnow())
    if question == "root_causes":
        wake("recurrence.compare")
    return moved_on(
        "The earlier text is back. What it replaced stays in the history.",
        to=url_for("postmortems.history", ref=ref, question=question),
    )
