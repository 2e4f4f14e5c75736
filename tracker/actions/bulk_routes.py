"""Changing several items at once: choose them in the list, say what, and undo it if it was not meant."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, Optional

from tracker import clock, words
from tracker.actions import bulk, queries
from tracker.actions.blueprint import blueprint
from tracker.actions.bulk import BulkDraft
from tracker.actions.forms import DayField, DeclineForm, KeepDeclinedForm, KeyField, one_of, usual_look_again
from tracker.db import transaction
from tracker.errors import RuleError
from tracker.forms import Form, choices, chosen_or_not, reshow
from tracker.lookup import chosen_actions
from tracker.models import ActionItem, ActionState, Priority, Role
from tracker.pages import chosen_refs, moved_on, page, today, viewer
from tracker.queue import wake
from tracker.security import allow


class BulkForm(Form):
    owner_id = KeyField("Owner", validators=[Optional()])
    due_on = DayField("Due", validators=[Optional()])
    priority = one_of(
        SelectField, "Priority", choices=choices(Priority, blank="Leave as it is"), validators=[chosen_or_not()]
    )

    def draft(self) -> BulkDraft:
        priority = Priority(self.priority.data) if self.priority.data else None
        return BulkDraft(owner_id=self.owner_id.data, due_on=self.due_on.data, priority=priority)


class UndoForm(Form):
    change_id = IntegerField(validators=[InputRequired("Say which change to undo.")])


@blueprint.get("/actions/change")
@allow(Role.RESPONDER)
def change(form: Form | None = None) -> str:
    """The chosen items, what they all may get, and, after a change, the way back."""
    items = chosen_actions(chosen_refs(), viewer=viewer())
    everybody = queries.possible_owners([])
    edit = form if isinstance(form, BulkForm) else BulkForm(formdata=None)
    are_declined = bool(items) and all(item.state is ActionState.DECLINED for item in items)
    decline = (
        form if isinstance(form, DeclineForm) else _decision_form(KeepDeclinedForm if are_declined else DeclineForm)
    )
    edit.owner_id.offer(everybody, blank="Leave as it is")
    decline.accepted_by_id.offer(everybody, blank="Choose a person")
    done = bulk.find_change(request.args.get("done", type=int), by=viewer())
    shown = {"items": items, "edit": edit, "decline": decline, "are_declined": are_declined}
    return page("actions/change.html", **shown, failed=form, done=done)


@blueprint.post("/actions/change")
@allow(Role.RESPONDER)
@reshow(change)
def change_chosen() -> ResponseReturnValue:
    form = BulkForm()
    form.check()
    with transaction():
        items = _chosen()
        made = bulk.change_items(items, form.draft(), by=viewer(), now=clock.utcnow(), today=today())
    return _changed(f"{words.count(len(items), 'item is', 'items are')} changed.", items, done=made.id)


@blueprint.post("/actions/change/decline")
@allow(Role.RESPONDER)
@reshow(change)
def decline_chosen() -> ResponseReturnValue:
    form = DeclineForm()
    form.check()
    with transaction():
        items = _chosen()
        made = bulk.decline_items(items, form.draft(), by=viewer(), now=clock.utcnow(), today=today())
    return _changed(f"{words.count(len(items), 'item is', 'items are')} declined.", items, done=made.id)


@blueprint.post("/actions/change/keep-declined")
@allow(Role.RESPONDER)
@reshow(change)
def keep_chosen_declined() -> ResponseReturnValue:
    form = KeepDeclinedForm()
    form.check()
    with transaction():
        items = _chosen()
        made = bulk.keep_declined_items(items, form.draft(), by=viewer(), now=clock.utcnow(), today=today())
    return _changed(f"{words.count(len(items), 'item stays', 'items stay')} declined.", items, done=made.id)


@blueprint.post("/actions/change/open-again")
@allow(Role.RESPONDER)
@reshow(change)
def reopen_chosen() -> ResponseReturnValue:
    form = Form()
    form.check()
    with transaction():
        items = _chosen()
        made = bulk.reopen_declined_items(items, by=viewer(), now=clock.utcnow())
    return _changed(f"{words.count(len(items), 'item is', 'items are')} open again.", items, done=made.id)


@blueprint.post("/actions/change/undo")
@allow(Role.RESPONDER)
@reshow(change)
def undo() -> ResponseReturnValue:
    form = UndoForm()
    form.check()
    with transaction():
        undone = bulk.undo_change(form.change_id.data, by=viewer(), now=clock.utcnow(), today=today())
    kept = f" Changed since, and left: {', '.join(undone.kept)}." if undone.kept else ""
    sentence = f"{words.count(undone.back, 'item is', 'items are')} as before.{kept}"
    wake("sync.push")
    return moved_on(sentence, to=url_for("actions.change", item=chosen_refs()))


def _changed(sentence: str, items: list[ActionItem], *, done: int) -> ResponseReturnValue:
    refs: Any = [action.ref for action in items]
    wake("sync.push")
    return moved_on(sentence, to=url_for("actions.change", item=refs, done=done))


def _chosen() -> list[ActionItem]:
    items = chosen_actions(chosen_refs(), viewer=viewer())
    if not items:
        raise RuleError("Choose at least one item in the list first.")
    return items


def _decision_form(kind: type[DeclineForm]) -> DeclineForm:
    form = kind(formdata=None)
    form.look_again_on.data = usual_look_again(today())
    return form
