"""Handing over a role: who takes it, and what they should know, on one page."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.forms import reshow
from tracker.incidents import room_operations, room_queries
from tracker.incidents.blueprint import blueprint
from tracker.incidents.room_forms import RoleForm
from tracker.incidents.room_routes import roles_of
from tracker.lookup import get_incident
from tracker.models import IncidentRole, Role
from tracker.pages import moved_on, page, viewer
from tracker.security import allow


@blueprint.get("/<ref:ref>/roles")
@allow(Role.RESPONDER)
def roles(ref: str, form: RoleForm | None = None) -> ResponseReturnValue:
    """One role at a time; whoever took part in this incident stands first."""
    incident = get_incident(ref, viewer=viewer())
    role = _role(request.values.get("role"))
    shown = roles_of(incident)
    held = shown["holders"].get(role)
    there = room_queries.people_in(incident)
    people = [one for one in room_queries.responders() if held is None or one.id != held.person_id]
    return page(
        "incidents/roles.html",
        incident=incident,
        role=role,
        held=held,
        form=form or RoleForm(formdata=None),
        people_here=[one for one in people if one.id in there],
        other_people=[one for one in people if one.id not in there],
        **shown,
    )


def _role(typed: str | None) -> IncidentRole:
    return IncidentRole(typed) if typed in {one.value for one in IncidentRole} else IncidentRole.COMMANDER


@blueprint.post("/<ref:ref>/roles")
@allow(Role.RESPONDER)
@reshow(roles)
def hand_over(ref: str) -> ResponseReturnValue:
    form = RoleForm().offer(room_queries.responders())
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        sentence = room_operations.hand_over(incident, form.draft(), by=viewer(), now=clock.utcnow())
    return moved_on(sentence or "Nothing was changed.", to=url_for("incidents.show", ref=ref))
