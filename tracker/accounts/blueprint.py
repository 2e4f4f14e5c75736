"""The blueprint that the route modules of this feature share."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
