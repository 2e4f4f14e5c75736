"""The list of incidents, declaring one, and correcting what is known of it."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.errors import StaleWriteError
from tracker.forms import reshow
from tracker.incidents import (
    check_routes,
    investigation_routes,
    moment_routes,
    operations,
    phase_routes,
    queries,
    role_routes,
    rollback_routes,
    room_routes,
    timeline_routes,
    update_routes,
)
from tracker.incidents.blueprint import blueprint
from tracker.incidents.forms import SEVERITY_HINTS, DeclareForm, EditForm, FilterForm
from tracker.lookup import get_incident
from tracker.models import Incident, Role
from tracker.pages import moved_on, page, viewer, zone
from tracker.queue import wake
from tracker.security import allow
from tracker.sent_forms import sent_once
from tracker.wiring import settings

__all__ = [
    "blueprint",
    "check_routes",
    "investigation_routes",
    "moment_routes",
    "phase_routes",
    "role_routes",
    "rollback_routes",
    "room_routes",
    "timeline_routes",
    "update_routes",
]


@blueprint.get("", strict_slashes=False)
@allow(Role.VIEWER)
def index() -> ResponseReturnValue:
    found = queries.find_ref(request.args.get("q", "").strip(), viewer=viewer())
    if found:
        return redirect(f"/{'incidents' if found.startswith('INC') else 'actions'}/{found}", 303)
    form = FilterForm(request.args).offer(queries.pickable_services())
    chosen = form.draft()
    listed = queries.incidents_page(chosen, viewer=viewer(), number=request.args.get("page", 1, type=int))
    is_first_day = not listed.rows and not queries.has_incidents(viewer())
    return page("incidents/index.html", form=form, chosen=chosen, listed=listed, is_first_day=is_first_day)


@blueprint.get("/new")
@allow(Role.RESPONDER)
def new(form: DeclareForm | None = None) -> ResponseReturnValue:
    form = form or DeclareForm(zone=zone(), service=request.args.getlist("service"))
    _offered_to_declare(form)
    return page("incidents/new.html", form=form, severity_hints=SEVERITY_HINTS)


@blueprint.post("/new")
@allow(Role.RESPONDER)
@reshow(new)
def declare() -> ResponseReturnValue:
    form = _offered_to_declare(DeclareForm(zone=zone()))
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        incident = operations.declare_incident(form.draft(now=now), by=viewer(), now=now)
        sent.message, sent.to = f"{incident.ref} is declared.", url_for("incidents.show", ref=incident.ref)
    wake("recurrence.compare")
    return moved_on(sent.message, to=sent.to)


@blueprint.get("/<ref:ref>/edit")
@allow(Role.RESPONDER)
def edit(ref: str, form: EditForm | None = None, clash: StaleWriteError | None = None) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    form = form or _offered(EditForm(zone=zone()), incident).show(incident)
    may_hide = operations.may_change_privacy(incident, by=viewer())
    return page(
        "incidents/edit.html",
        form=_offered(form, incident),
        incident=incident,
        clash=clash,
        may_hide=may_hide,
        odd_orders=room_routes.odd_orders_of(incident),
    )


@blueprint.post("/<ref:ref>/edit")
@allow(Role.RESPONDER)
@reshow(edit)
def save(ref: str) -> ResponseReturnValue:
    form = _offered(EditForm(zone=zone()), get_incident(ref, viewer=viewer()))
    form.check()
    try:
        with transaction():
            incident = get_incident(ref, viewer=viewer())
            changes = operations.edit_incident(
                incident, form.draft(), by=viewer(), now=clock.utcnow(), calendar=settings().work_calendar
            )
    except StaleWriteError as clash:
        form.version.raw_data, form.version.data = None, clash.their_version
        return edit(ref, form=form, clash=clash), 409  # type: ignore[return-value]
    wake("recurrence.compare")
    return moved_on(_saved_words(incident, changes), to=url_for("incidents.show", ref=ref))


def _offered_to_declare(form: DeclareForm) -> DeclareForm:
    typed = form.other_service.data or ""
    return form.offer(queries.services_to_declare(viewer=viewer(), chosen=form.service.data or [], typed=typed))


def _offered(form: EditForm, incident: Incident) -> EditForm:
    return form.offer(services=queries.services_to_edit(incident), people=queries.active_people())


def _saved_words(incident: Incident, changes: list[str]) -> str:
    if not changes:
        return "Nothing was changed."
    warning = room_routes.odd_orders_words(room_routes.odd_orders_of(incident))
    return f"Saved: {'; '.join(changes)}.{warning}"
