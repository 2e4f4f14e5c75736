"""Trackers, pushes and sync health."""

from flask import Blueprint

blueprint = Blueprint("sync", __name__, url_prefix="/settings/trackers")
