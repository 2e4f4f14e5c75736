"""One action item: its page, and the steps of its life as forms."""

from flask import url_for
from flask.typing import ResponseReturnValue

from tracker import action_life, action_links, clock, words
from tracker.actions import operations, queries
from tracker.actions.blueprint import blueprint
from tracker.actions.forms import (
    DeclineForm,
    FinishForm,
    KeepDeclinedForm,
    LinkForm,
    NotHoldingForm,
    SnoozeForm,
    StepForm,
    UnlinkForm,
    VerifyForm,
    back_or,
    typed_incident,
    usual_look_again,
)
from tracker.actions.history import decided_at
from tracker.actions.history import history as history_of
from tracker.actions.states import DECLINE, FINISH, KEEP, NOT_HOLDING, SNOOZE, VERIFY, steps_for
from tracker.db import transaction
from tracker.forms import Form, reshow
from tracker.lookup import get_action
from tracker.models import ActionItem, Role
from tracker.pages import moved_on, page, today, viewer
from tracker.promises import questions
from tracker.queue import wake
from tracker.security import allow


@blueprint.get("/actions/<ref:ref>")
@allow(Role.VIEWER)
def show(ref: str, form: Form | None = None) -> str:
    action = get_action(ref, viewer=viewer())
    row = queries.with_surroundings([action], viewer=viewer(), now=clock.utcnow())[0]
    steps = steps_for(action.state, role=viewer().role)
    history = history_of(action, viewer=viewer())
    return page(
        "actions/show.html",
        action=action,
        row=row,
        steps=steps,
        forms=_step_forms(action, offered=[step.name for step in steps], failed=form) if viewer().can_respond else {},
        failed=form,
        history=history,
        is_asked_again=row.is_asked_since(decided_at(action, history)),
        questions=_questions(action) if action.state.is_open else [],
    )


def _questions(action: ActionItem) -> list[str]:
    has_owner = bool(action.owner_id or action.owner_text or action.team_id)
    return questions(action.title, done_when=action.done_when, has_owner=has_owner)


@blueprint.post("/actions/<ref:ref>/start")
@allow(Role.RESPONDER)
@reshow(show)
def start(ref: str) -> ResponseReturnValue:
    form = StepForm()
    form.check()
    with transaction():
        action_life.start(get_action(ref, viewer=viewer()), by=viewer(), now=clock.utcnow())
    return _stepped(form, f"{ref} is in progress.", ref=ref)


@blueprint.post("/actions/<ref:ref>/done")
@allow(Role.RESPONDER)
@reshow(show)
def finish(ref: str) -> ResponseReturnValue:
    form = FinishForm()
    form.check()
    evidence = form.evidence.data or ""
    with transaction():
        action_life.finish(get_action(ref, viewer=viewer()), evidence=evidence, by=viewer(), now=clock.utcnow())
    more = "" if evidence else " Verifying will ask how we know."
    return _stepped(form, f"{ref} is done. It is watched until it is shown to work.{more}", ref=ref)


@blueprint.post("/actions/<ref:ref>/verify")
@allow(Role.RESPONDER)
@reshow(show)
def verify(ref: str) -> ResponseReturnValue:
    form = VerifyForm()
    form.check()
    with transaction():
        action = get_action(ref, viewer=viewer())
        action_life.verify(action, evidence=form.evidence.data or "", by=viewer(), now=clock.utcnow())
    return _stepped(form, f"{ref} is verified: it is shown to work.", ref=ref)


@blueprint.post("/actions/<ref:ref>/did-not-hold")
@allow(Role.RESPONDER)
@reshow(show)
def not_holding(ref: str) -> ResponseReturnValue:
    form = NotHoldingForm()
    form.check()
    sentence = f"It did not hold: {form.what_showed_it.data}"
    with transaction():
        action = get_action(ref, viewer=viewer())
        action_life.fail_to_hold(action, sentence=sentence, by=viewer(), now=clock.utcnow())
    return _stepped(form, f"{ref} did not hold. The work is owed again.", ref=ref)


@blueprint.post("/actions/<ref:ref>/decline")
@allow(Role.RESPONDER)
@reshow(show)
def decline(ref: str) -> ResponseReturnValue:
    form = DeclineForm()
    form.check()
    with transaction():
        action = get_action(ref, viewer=viewer())
        operations.decline_action(action, form.draft(), by=viewer(), now=clock.utcnow(), today=today())
    return _stepped(form, f"{ref} is declined. It comes back on the day you chose.", ref=ref)


@blueprint.post("/actions/<ref:ref>/keep-declined")
@allow(Role.RESPONDER)
@reshow(show)
def keep_declined(ref: str) -> ResponseReturnValue:
    form = KeepDeclinedForm()
    form.check()
    draft = form.draft()
    with transaction():
        action = get_action(ref, viewer=viewer())
        operations.keep_declined(
            action, draft, by=viewer(), now=clock.utcnow(), today=today(), version=form.seen_version
        )
    return _stepped(form, f"{ref} stays declined. It comes back on {words.day_text(draft.look_again_on)}.", ref=ref)


@blueprint.post("/actions/<ref:ref>/snooze")
@allow(Role.RESPONDER)
@reshow(show)
def snooze(ref: str) -> ResponseReturnValue:
    form = SnoozeForm()
    form.check()
    until, reason = form.until.data or today(), form.snooze_reason.data or ""
    with transaction():
        action = get_action(ref, viewer=viewer())
        action_life.snooze(action, until=until, reason=reason, by=viewer(), now=clock.utcnow(), today=today())
    return _stepped(form, f"{ref} waits until {words.day_text(until)}. It stays due, and others hear of it.", ref=ref)


@blueprint.post("/actions/<ref:ref>/reopen")
@allow(Role.RESPONDER)
@reshow(show)
def reopen(ref: str) -> ResponseReturnValue:
    form = StepForm()
    form.check()
    with transaction():
        action_life.reopen(get_action(ref, viewer=viewer()), by=viewer(), now=clock.utcnow())
    return _stepped(form, f"{ref} is open again.", ref=ref)


@blueprint.post("/actions/<ref:ref>/incidents")
@allow(Role.RESPONDER)
@reshow(show)
def link(ref: str) -> ResponseReturnValue:
    form = LinkForm()
    form.check()
    with transaction():
        action = get_action(ref, viewer=viewer())
        incident = typed_incident(form, viewer=viewer())
        action_links.link_incident(action, incident, by=viewer(), now=clock.utcnow())
    wake("sync.push")
    return moved_on(f"{incident.ref} asks for {ref} now.", to=url_for("actions.show", ref=ref))


@blueprint.post("/actions/<ref:ref>/incidents/unlink")
@allow(Role.RESPONDER)
@reshow(show)
def unlink(ref: str) -> ResponseReturnValue:
    form = UnlinkForm()
    form.check()
    with transaction():
        action = get_action(ref, viewer=viewer())
        incident = typed_incident(form, viewer=viewer())
        action_links.unlink_incident(action, incident, by=viewer(), now=clock.utcnow())
    return moved_on(f"{incident.ref} asks for {ref} no longer.", to=url_for("actions.show", ref=ref))


def _stepped(form: StepForm, message: str, *, ref: str) -> ResponseReturnValue:
    wake("sync.push")
    return moved_on(message, to=back_or(form.back.data, otherwise=url_for("actions.show", ref=ref)))


def _step_forms(action: ActionItem, *, offered: list[str], failed: Form | None) -> dict[str, Form]:
    """The form of each offered step that asks for words; the one that was refused as it was typed."""
    kinds = {FINISH.name: FinishForm, VERIFY.name: VerifyForm, NOT_HOLDING.name: NotHoldingForm, "link": LinkForm}
    kinds[SNOOZE.name] = SnoozeForm
    forms: dict[str, Form] = {
        name: failed if type(failed) is kind else kind(formdata=None)
        for name, kind in kinds.items()
        if name in (*offered, "link")
    }
    if VERIFY.name in forms:
        forms[VERIFY.name]["evidence"].flags.optional = bool(action.done_evidence)
    decisions: dict[str, type[DeclineForm]] = {DECLINE.name: DeclineForm, KEEP.name: KeepDeclinedForm}
    for name, kind in decisions.items():
        if name in offered:
            forms[name] = _decision_form(action, kind=kind, failed=failed)
    return forms


def _decision_form(action: ActionItem, *, kind: type[DeclineForm], failed: Form | None) -> DeclineForm:
    """What was decided before is what the next decision begins with."""
    form = failed if failed is not None and type(failed) is kind else kind(formdata=None)
    form.accepted_by_id.offer(queries.possible_owners(queries.incident_ids_of(action)), blank="Choose a person")
    if form is not failed:
        form.look_again_on.data = usual_look_again(today())
    if form is not failed and kind is KeepDeclinedForm:
        form.reason.data, form.accepted_by_id.data = action.declined_reason, action.risk_accepted_by_id
    if isinstance(form, KeepDeclinedForm):
        form.version.data = str(action.version)
    return form
