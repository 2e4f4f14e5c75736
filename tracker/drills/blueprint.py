"""The addresses of drills; their routes are in several modules."""

from flask import Blueprint

blueprint = Blueprint("drills", __name__)
