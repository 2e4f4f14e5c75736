"""The guided form and the postmortem page."""

from flask import Blueprint

blueprint = Blueprint("postmortems", __name__, url_prefix="/incidents")
