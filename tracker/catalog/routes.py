"""Services, teams and who owns them."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.catalog import operations, queries
from tracker.catalog.forms import ReminderDaysForm, ServiceForm, TeamForm, filled
from tracker.db import transaction
from tracker.deadlines import REMINDER_DAYS
from tracker.errors import StaleWriteError
from tracker.forms import reshow, reshow_clash, zone_names
from tracker.lookup import active_trackers, get_incident
from tracker.models import Role, Service
from tracker.pages import moved_on, page, page_number, today, viewer
from tracker.security import allow
from tracker.sent_forms import sent_once

blueprint = Blueprint("catalog", __name__)


@blueprint.get("/services")
@allow(Role.VIEWER)
def index() -> ResponseReturnValue:
    part = queries.service_rows(viewer=viewer(), now=clock.utcnow(), number=page_number())
    return page("catalog/index.html", part=part, is_stale=queries.is_contact_stale)


@blueprint.get("/services/<slug>")
@allow(Role.VIEWER)
def show(slug: str) -> ResponseReturnValue:
    service = queries.get_service(slug)
    return page(
        "catalog/show.html",
        service=service,
        tracker=queries.find_tracker(service),
        incidents=queries.incidents_of(service, viewer=viewer()),
        items=queries.open_items_of(service, viewer=viewer()),
        is_stale=queries.is_contact_stale(service, today=today()),
        last_drilled=queries.last_drilled(service, viewer=viewer()),
        shown=queries.SHOWN,
    )


@blueprint.get("/services/new")
@allow(Role.RESPONDER)
def new(form: ServiceForm | None = None) -> ResponseReturnValue:
    return page("catalog/edit.html", form=form or _offered(ServiceForm()), service=None)


@blueprint.post("/services/new")
@allow(Role.RESPONDER)
@reshow(new)
def create() -> ResponseReturnValue:
    form = _offered(ServiceForm())
    form.check()
    with transaction():
        sent = sent_once(by=viewer(), now=clock.utcnow())
        service = operations.add_service(form.draft())
        sent.message = f"{service.name} is in the catalog. {_where_tickets_go(service)}".strip()
        sent.to = url_for("catalog.show", slug=service.slug)
    return moved_on(sent.message, to=sent.to)


def _where_tickets_go(service: Service) -> str:
    tracker = queries.find_tracker(service)
    if tracker is None:
        return ""
    place = service.ticket_target or tracker.default_target
    if not place:
        return f"Say where in {tracker.name} its tickets go: there is no usual place."
    return f"New tickets of its items go to {place} in {tracker.name}."


@blueprint.get("/services/<slug>/edit")
@allow(Role.RESPONDER)
def edit(slug: str, form: ServiceForm | None = None, clash: StaleWriteError | None = None) -> ResponseReturnValue:
    service = queries.get_service(slug)
    return page("catalog/edit.html", form=form or _offered(filled(service)), service=service, clash=clash)


@blueprint.post("/services/<slug>/edit")
@allow(Role.RESPONDER)
@reshow_clash(edit)
def save(slug: str) -> ResponseReturnValue:
    form = _offered(ServiceForm())
    form.check()
    with transaction():
        service = queries.get_service(slug)
        operations.edit_service(service, form.draft(), version=form.version.data or 0, today=today())
        message = f"Saved {service.name}. {_where_tickets_go(service)}".strip()
    return moved_on(message, to=url_for("catalog.show", slug=slug))


def _offered(form: ServiceForm) -> ServiceForm:
    return form.offer(people=queries.active_people(), teams=queries.all_teams(), trackers=active_trackers())


@blueprint.post("/services/<slug>/verify-contact")
@allow(Role.RESPONDER)
def verify_contact(slug: str) -> ResponseReturnValue:
    with transaction():
        service = queries.get_service(slug)
        operations.verify_contact(service, by=viewer(), today=today())
        told = f"The contact of {service.name} counts as tried today."
    return moved_on(told, to=url_for("catalog.show", slug=slug))


@blueprint.get("/incidents/<ref:ref>/contacts")
@allow(Role.VIEWER)
def of_incident(ref: str) -> ResponseReturnValue:
    """Whom to wake: the card for the room, the page for everybody else."""
    incident = get_incident(ref, viewer=viewer())
    template = "_of_incident.html" if request.headers.get("HX-Request") else "of_incident.html"
    services = queries.services_in(incident)
    return page(f"catalog/{template}", incident=incident, services=services, is_stale=queries.is_contact_stale)


@blueprint.post("/incidents/<ref:ref>/contacts/<slug>")
@allow(Role.RESPONDER)
def reached(ref: str, slug: str) -> ResponseReturnValue:
    """Somebody was reached just now: no better proof that the contact is right."""
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        service = queries.get_service(slug)
        operations.verify_contact(service, by=viewer(), today=today())
        told, to = f"The contact of {service.name} counts as tried today.", f"/incidents/{incident.ref}"
    return moved_on(told, to=to)


@blueprint.post("/services/<slug>/archive")
@allow(Role.RESPONDER)
def archive(slug: str) -> ResponseReturnValue:
    with transaction():
        service = queries.get_service(slug)
        operations.archive_service(service, by=viewer(), now=clock.utcnow())
    return moved_on(f"{service.name} is archived. Its incidents stay.", to=url_for("catalog.show", slug=slug))


@blueprint.post("/services/<slug>/restore")
@allow(Role.RESPONDER)
def restore(slug: str) -> ResponseReturnValue:
    with transaction():
        service = queries.get_service(slug)
        operations.restore_service(service, by=viewer(), now=clock.utcnow())
    return moved_on(f"{service.name} can be chosen again.", to=url_for("catalog.show", slug=slug))


@blueprint.get("/teams")
@allow(Role.VIEWER)
def teams() -> ResponseReturnValue:
    part = queries.teams_listed(page_number())
    return page("catalog/teams.html", part=part, services=queries.services_by_team(part.rows))


@blueprint.get("/teams/<slug>")
@allow(Role.VIEWER)
def team(slug: str) -> ResponseReturnValue:
    found = queries.get_team(slug)
    days = REMINDER_DAYS | found.reminder_days
    may_change = operations.may_choose_days(found, by=viewer())
    return page(
        "catalog/team.html", team=found, services=queries.services_of(found), days=days, may_change_days=may_change
    )


@blueprint.get("/teams/<slug>/reminders")
@allow(Role.RESPONDER)
def reminders(
    slug: str, form: ReminderDaysForm | None = None, clash: StaleWriteError | None = None
) -> ResponseReturnValue:
    """When the team's items are reminded of; its lead and administrators choose."""
    found = queries.get_team(slug)
    form = form or ReminderDaysForm().show(found)
    may_change = operations.may_choose_days(found, by=viewer())
    return page("catalog/reminders.html", form=form, team=found, clash=clash, may_change=may_change)


@blueprint.post("/teams/<slug>/reminders")
@allow(Role.RESPONDER)
@reshow_clash(reminders)
def save_reminders(slug: str) -> ResponseReturnValue:
    form = ReminderDaysForm()
    form.check()
    with transaction():
        found = queries.get_team(slug)
        version = form.version.data or 0
        operations.set_reminder_days(found, form.draft(), version=version, by=viewer(), now=clock.utcnow())
    return moved_on(f"Saved. {found.name} is reminded so from now on.", to=url_for("catalog.team", slug=slug))


@blueprint.get("/teams/new")
@allow(Role.ADMIN)
def new_team(form: TeamForm | None = None) -> ResponseReturnValue:
    form = form or TeamForm().offer(queries.active_people())
    return page("catalog/edit_team.html", form=form, team=None, zones=zone_names())


@blueprint.post("/teams/new")
@allow(Role.ADMIN)
@reshow(new_team)
def create_team() -> ResponseReturnValue:
    form = TeamForm().offer(queries.active_people())
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        added = operations.add_team(form.draft(), by=viewer(), now=now)
        sent.message, sent.to = f"{added.name} is a team.", url_for("catalog.team", slug=added.slug)
    return moved_on(sent.message, to=sent.to)


@blueprint.get("/teams/<slug>/edit")
@allow(Role.ADMIN)
def edit_team(slug: str, form: TeamForm | None = None, clash: StaleWriteError | None = None) -> ResponseReturnValue:
    found = queries.get_team(slug)
    form = form or TeamForm(obj=found).show(found).offer(queries.active_people())
    return page("catalog/edit_team.html", form=form, team=found, clash=clash, zones=zone_names())


@blueprint.post("/teams/<slug>/edit")
@allow(Role.ADMIN)
@reshow_clash(edit_team)
def save_team(slug: str) -> ResponseReturnValue:
    form = TeamForm().offer(queries.active_people())
    form.check()
    version = form.version.data or 0
    with transaction():
        found = queries.get_team(slug)
        operations.edit_team(found, form.draft(), version=version, by=viewer(), now=clock.utcnow())
    return moved_on(f"Saved {found.name}.", to=url_for("catalog.team", slug=slug))
