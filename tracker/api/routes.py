"""The routes of the API, all of them."""

from tracker.api import (
    action_routes,
    alert_routes,
    incident_routes,
    postmortem_routes,
    recurrence_routes,
    report_routes,
)
from tracker.api.blueprint import blueprint

__all__ = [
    "action_routes",
    "alert_routes",
    "blueprint",
    "incident_routes",
    "postmortem_routes",
    "recurrence_routes",
    "report_routes",
]
