"""The mail page for administrators."""

from flask import Blueprint

blueprint = Blueprint("mailing", __name__, url_prefix="/settings/mail")
