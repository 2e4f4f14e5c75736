"""The addresses of this feature begin here; each ``..._routes`` module adds its own."""

from flask import Blueprint

blueprint = Blueprint("postmortems", __name__, url_prefix="/incidents")
