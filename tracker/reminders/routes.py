"""Who was reminded of what of an incident, and when."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from tracker.lookup import get_incident
from tracker.models import Role
from tracker.pages import page, viewer
from tracker.reminders.told import told_about
from tracker.security import allow

blueprint = Blueprint("reminders", __name__)


@blueprint.get("/incidents/<ref:ref>/reminders")
@allow(Role.VIEWER)
def of_incident(ref: str) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    return page("reminders/of_incident.html", incident=incident, told=told_about(incident, viewer=viewer()))
