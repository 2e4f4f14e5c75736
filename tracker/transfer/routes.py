"""Import and export in the browser."""

from flask import Blueprint

blueprint = Blueprint("transfer", __name__, url_prefix="/settings/transfer")
