"""Pairs to decide, and decisions. Families, what other pages load, and calibrations are in modules of their own."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, lookup
from tracker.db import transaction
from tracker.forms import reshow
from tracker.models import HeldVerdict, Person, Recurrence, RecurrenceState, Role
from tracker.pages import moved_on, page, today, viewer
from tracker.queue import wake
from tracker.recurrence import calibration_routes, card_routes, family_routes, operations, queries, showing, verdicts
from tracker.recurrence.blueprint import blueprint
from tracker.recurrence.forms import ActionForm, ButtonForm, DecisionForm, VerdictForm
from tracker.security import allow

__all__ = ["blueprint", "calibration_routes", "card_routes", "family_routes"]


@blueprint.get("/recurrences")
@allow(Role.VIEWER)
def index() -> str:
    number = min(max(request.args.get("page", 1, type=int), 1), 100_000)
    pairs, has_more = queries.pair_page(viewer=viewer(), number=number)
    return page(
        "recurrence/index.html",
        waiting=[pair for pair in pairs if pair.state is RecurrenceState.SUSPECTED],
        decided=[pair for pair in pairs if pair.state is not RecurrenceState.SUSPECTED],
        stocks=queries.stocks(pairs, today=today()),
        number=number,
        has_more=has_more,
    )


@blueprint.get("/recurrences/<int(max=2147483647):recurrence_id>")
@allow(Role.VIEWER)
def show(recurrence_id: int, form: DecisionForm | None = None) -> str:
    view = showing.pair_view(recurrence_id, viewer=viewer(), today=today())
    shown = form if isinstance(form, DecisionForm) else DecisionForm(formdata=None)
    return page("recurrence/show.html", view=view, form=shown, verdicts=showing.VERDICT_WORDS)


@blueprint.post("/recurrences/<int(max=2147483647):recurrence_id>/decide")
@allow(Role.RESPONDER)
@reshow(show)
def decide(recurrence_id: int) -> ResponseReturnValue:
    form = DecisionForm()
    form.check()
    draft = form.draft()
    with transaction():
        pair = _locked(recurrence_id, viewer())
        operations.decide(pair, draft.state, why=draft.why, by=viewer(), now=clock.utcnow())
    wake("recurrence.alert")
    return moved_on(SAID[draft.state], to=_back(recurrence_id))


SAID = {
    RecurrenceState.SAME: "Noted as the same: they are one family now.",
    RecurrenceState.RELATED: "Noted as related. You are not asked again.",
    RecurrenceState.NOT_THE_SAME: "Noted as not the same. You are not asked again.",
}


@blueprint.post("/recurrences/<int(max=2147483647):recurrence_id>/undo")
@allow(Role.RESPONDER)
def undo(recurrence_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        became = operations.undo_decision(_locked(recurrence_id, viewer()), by=viewer(), now=clock.utcnow())
    return moved_on(" ".join(["Undone: the pair waits for a decision again.", *became]), to=_back(recurrence_id))


@blueprint.post("/recurrences/<int(max=2147483647):recurrence_id>/verdict")
@allow(Role.RESPONDER)
def give_verdict(recurrence_id: int) -> ResponseReturnValue:
    form = VerdictForm()
    form.check()
    with transaction():
        pair = _locked(recurrence_id, viewer())
        action = lookup.get_action(form.ref(), viewer=viewer())
        verdicts.give_verdict(pair, action, form.held(), by=viewer(), now=clock.utcnow())
    held = form.held() is HeldVerdict.NOT_RELEVANT
    return moved_on(
        f"Noted for {action.ref}." if held else f"{action.ref} did not hold and is owed again.", to=_back(recurrence_id)
    )


@blueprint.post("/recurrences/<int(max=2147483647):recurrence_id>/verdict/take-back")
@allow(Role.RESPONDER)
def take_back_verdict(recurrence_id: int) -> ResponseReturnValue:
    form = ActionForm()
    form.check()
    with transaction():
        pair = _locked(recurrence_id, viewer())
        action = lookup.get_action(form.ref(), viewer=viewer())
        became = verdicts.take_back_verdict(pair, action, by=viewer(), now=clock.utcnow())
    return moved_on(became, to=_back(recurrence_id))


@blueprint.post("/recurrences/<int(max=2147483647):recurrence_id>/link")
@allow(Role.RESPONDER)
def link(recurrence_id: int) -> ResponseReturnValue:
    form = ActionForm()
    form.check()
    with transaction():
        pair = _locked(recurrence_id, viewer())
        action = lookup.get_action(form.ref(), viewer=viewer())
        is_new = operations.link_action(pair, action, by=viewer(), now=clock.utcnow())
    asks = f"{pair.later.ref} asks for {action.ref} too; its priority is {action.priority.value}."
    return moved_on(asks if is_new else f"{pair.later.ref} already asks for {action.ref}.", to=_back(recurrence_id))


def _locked(recurrence_id: int, person: Person) -> Recurrence:
    """The pair for a change, locked; for who may see both."""
    operations.lock_pair(recurrence_id)
    return queries.get_pair(recurrence_id, viewer=person)


def _back(recurrence_id: int) -> str:
    return url_for("recurrence.show", recurrence_id=recurrence_id)
