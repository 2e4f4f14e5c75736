"""Telling the team, stakeholders and users, each with a draft of their own; and who wants to hear of it by mail."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, words
from tracker.db import transaction
from tracker.forms import reshow
from tracker.incidents import queries, room_operations, room_queries, update_mails
from tracker.incidents.blueprint import blueprint
from tracker.incidents.first_minutes import PREFIX
from tracker.incidents.investigation_queries import hypotheses_of
from tracker.incidents.next_steps import update_due_at
from tracker.incidents.room_forms import UpdateForm
from tracker.incidents.room_routes import show
from tracker.incidents.update_drafts import Situation, draft_for
from tracker.incidents.update_forms import PartsForm, SubscriptionForm, parts_form
from tracker.lookup import get_incident
from tracker.messages import Writer
from tracker.models import Audience, EntryKind, HypothesisState, Incident, Role
from tracker.pages import moved_on, page, viewer, zone
from tracker.queue import wake
from tracker.security import allow
from tracker.sent_forms import sent_once
from tracker.wiring import settings


@blueprint.post("/<ref:ref>/updates")
@allow(Role.RESPONDER)
@reshow(show)
def send_update(ref: str) -> ResponseReturnValue:
    form = UpdateForm()
    form.check()
    return _send(ref, form.draft())


@blueprint.get("/<ref:ref>/updates/new")
@allow(Role.RESPONDER)
def new_update(ref: str, form: PartsForm | None = None) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    audience = form.audience if form else _audience(request.args.get("to"))
    if form is None:
        begun = draft_for(audience, _situation(incident))
        form = parts_form(audience)(formdata=None, data=begun | {"to": audience.value})
    noted = room_queries.ticks_of(incident).get(PREFIX + "features") if audience is Audience.USERS else None
    return page(
        "incidents/new_update.html", incident=incident, form=form, audience=audience, noted=noted.note if noted else ""
    )


@blueprint.post("/<ref:ref>/updates/new")
@allow(Role.RESPONDER)
@reshow(new_update)
def send_parts(ref: str) -> ResponseReturnValue:
    form = parts_form(_audience(request.form.get("to")))()
    form.check()
    return _send(ref, form.draft())


def _audience(typed: str | None) -> Audience:
    return Audience(typed) if typed in {one.value for one in Audience} else Audience.TEAM


def _send(ref: str, draft: room_operations.UpdateDraft) -> ResponseReturnValue:
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        incident = get_incident(ref, viewer=viewer())
        update = room_operations.send_update(incident, draft, by=viewer(), now=now)
        mails = update_mails.tell_subscribers(incident, update, by=viewer(), writer=Writer(settings()), now=now)
        by_mail = f" It goes to {words.count(mails, 'subscriber')}." if mails else ""
        sent.message = f"Noted: {update_mails.READERS[update.audience]} were told.{by_mail}"
        sent.to = url_for("incidents.show", ref=ref)
    if mails:
        wake("mailing.deliver")
    return moved_on(sent.message, to=sent.to)


def _situation(incident: Incident) -> Situation:
    """What is known of an incident, for the beginning of an update."""
    now = clock.utcnow()
    ticks, entries = room_queries.ticks_of(incident), room_queries.timeline(incident)
    actions = [one.text for one in entries if one.kind is EntryKind.ACTION and one.removed_at is None]
    return Situation(
        title=incident.title,
        phase=incident.phase,
        services=[service.name for service in incident.services],
        public_names=room_queries.public_names(incident),
        now=now,
        zone=zone(),
        started_at=incident.started_at,
        resolved_at=incident.resolved_at,
        next_due_at=update_due_at(
            incident.severity, phase=incident.phase, declared_at=incident.declared_at, last_sent_at=now
        ),
        noted={item.removeprefix(PREFIX): tick.note for item, tick in ticks.items() if item.startswith(PREFIX)},
        suspected=[one.claim for one in hypotheses_of(incident) if one.state is not HypothesisState.RULED_OUT],
        last_action=actions[-1] if actions else "",
        holders={role.value: held.person.name for role, held in room_queries.role_holders(incident).items()},
    )


@blueprint.get("/subscriptions")
@allow(Role.VIEWER)
def subscriptions(form: SubscriptionForm | None = None) -> ResponseReturnValue:
    form = form or _shown_subscriptions()
    return page("incidents/subscriptions.html", form=form.offer(queries.pickable_services()))


def _shown_subscriptions() -> SubscriptionForm:
    rows = update_mails.subscriptions_of(viewer())
    slugs = {service.id: service.slug for service in queries.pickable_services()}
    chosen = {
        "audience": sorted({row.audience.value for row in rows}),
        "is_everything": any(row.service_id is None for row in rows),
        "service": sorted({slugs[row.service_id] for row in rows if row.service_id in slugs}),
    }
    return SubscriptionForm(formdata=None, data=chosen)


@blueprint.post("/subscriptions")
@allow(Role.VIEWER)
@reshow(subscriptions)
def choose_subscriptions() -> ResponseReturnValue:
    form = SubscriptionForm().offer(queries.pickable_services())
    form.check()
    draft = form.draft()
    with transaction():
        update_mails.choose_subscriptions(viewer(), draft)
    is_some = bool(draft.audiences) and (draft.is_everything or bool(draft.services))
    message = "Saved. You get them as soon as they are sent." if is_some else "Saved. You get no updates by mail."
    return moved_on(message, to=url_for("incidents.subscriptions"))
