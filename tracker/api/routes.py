"""The routes of the API, all of them."""

from tracker.api import incident_routes
from tracker.api.blueprint import blueprint

__all__ = ["blueprint", "incident_routes"]
