"""The addresses of incidents, shared by the modules of this feature that answer them."""

from flask import Blueprint

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")
