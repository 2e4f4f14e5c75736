"""The addresses of this feature, shared by the modules that answer them."""

from flask import Blueprint

blueprint = Blueprint("recurrence", __name__)
