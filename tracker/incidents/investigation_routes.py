"""The investigation of an incident: a card in its room, and a page of its own to work on."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.forms import Form, reshow
from tracker.incidents import investigation_operations as operations
from tracker.incidents.blueprint import blueprint
from tracker.incidents.investigation_forms import EvidenceForm, HypothesisForm, LookForm, SettleForm
from tracker.incidents.investigation_queries import hypotheses_of
from tracker.incidents.suspects import rows_of
from tracker.lookup import get_incident
from tracker.models import Hypothesis, Role
from tracker.pages import moved_on, page, viewer
from tracker.security import allow
from tracker.sent_forms import sent_once


@blueprint.get("/<ref:ref>/investigation")
@allow(Role.VIEWER)
def investigation(ref: str, hypothesis_id: int = 0, form: Form | None = None) -> ResponseReturnValue:
    """The card for the room; the page with its forms for everybody else."""
    incident = get_incident(ref, viewer=viewer())
    hypotheses = hypotheses_of(incident)
    shown: dict[str, Any] = {"incident": incident, "suspects": rows_of(hypotheses), "hypotheses": hypotheses}
    if request.headers.get("HX-Request"):
        return page("incidents/_investigation.html", **shown)
    forms = _forms(hypotheses, refused=form, about=hypothesis_id) if viewer().can_respond else {}
    return page("incidents/investigation.html", **shown, **forms, refused=form)


def _forms(hypotheses: list[Hypothesis], *, refused: Form | None, about: int) -> dict[str, Any]:
    """The empty forms, with the one that was refused in its place."""
    evidence = {one.id: EvidenceForm(formdata=None).of(one.id) for one in hypotheses}
    settling = {one.id: SettleForm(formdata=None, data={"version": one.version}).of(one.id) for one in hypotheses}
    if isinstance(refused, EvidenceForm) and about in evidence:
        evidence[about] = refused.of(about)
    if isinstance(refused, SettleForm) and about in settling:
        settling[about] = refused.of(about)
    return {
        "look_form": LookForm(formdata=None),
        "claim_form": refused if isinstance(refused, HypothesisForm) else HypothesisForm(formdata=None),
        "evidence_forms": evidence,
        "settle_forms": settling,
    }


@blueprint.post("/<ref:ref>/investigation/suspects")
@allow(Role.RESPONDER)
@reshow(investigation)
def look(ref: str) -> ResponseReturnValue:
    form = LookForm()
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        incident = get_incident(ref, viewer=viewer())
        sent.message = operations.look_at(incident, form.draft(), by=viewer(), now=now)
        sent.to = _back(ref)
    return moved_on(sent.message, to=sent.to)


@blueprint.post("/<ref:ref>/investigation")
@allow(Role.RESPONDER)
@reshow(investigation)
def suspect(ref: str) -> ResponseReturnValue:
    form = HypothesisForm()
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        incident = get_incident(ref, viewer=viewer())
        operations.raise_hypothesis(incident, form.draft(), by=viewer(), now=now)
        sent.message, sent.to = "Noted. What would show that it is not so? Look there first.", _back(ref)
    return moved_on(sent.message, to=sent.to)


@blueprint.post("/<ref:ref>/investigation/<int:hypothesis_id>/evidence")
@allow(Role.RESPONDER)
@reshow(investigation)
def note_evidence(ref: str, hypothesis_id: int) -> ResponseReturnValue:
    form = EvidenceForm()
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        hypothesis = operations.get_hypothesis(get_incident(ref, viewer=viewer()), hypothesis_id)
        operations.add_evidence(hypothesis, form.draft(), by=viewer(), now=now)
        sent.message, sent.to = "Noted.", _back(ref, hypothesis_id)
    return moved_on(sent.message, to=sent.to)


@blueprint.post("/<ref:ref>/investigation/<int:hypothesis_id>/settle")
@allow(Role.RESPONDER)
@reshow(investigation)
def settle(ref: str, hypothesis_id: int) -> ResponseReturnValue:
    form = SettleForm()
    form.check()
    draft = form.draft()
    with transaction():
        hypothesis = operations.get_hypothesis(get_incident(ref, viewer=viewer()), hypothesis_id)
        operations.settle(hypothesis, draft, by=viewer(), now=clock.utcnow())
    return moved_on(f"It is {draft.state.value}.", to=_back(ref, hypothesis_id))


def _back(ref: str, hypothesis_id: int | None = None) -> str:
    anchor = f"hypothesis-{hypothesis_id}" if hypothesis_id else None
    return url_for("incidents.investigation", ref=ref, _anchor=anchor)
