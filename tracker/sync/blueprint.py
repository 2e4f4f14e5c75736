"""The addresses of trackers, tickets and sync health."""

from flask import Blueprint

blueprint = Blueprint("sync", __name__)
