"""Followthrough: incidents, blameless postmortems, and action items followed until they are shown to work."""

from typing import Any

from flask import Flask, request
from flask_compress import Compress

from tracker.config import Settings, load_settings
from tracker.db import init_database
from tracker.error_pages import init_error_pages
from tracker.logs import init_logs
from tracker.pages import init_pages
from tracker.paths import STATIC, TEMPLATES
from tracker.received import ReceivedRequest, init_received
from tracker.references import RefConverter, RowNumberConverter
from tracker.remembered import init_remembered
from tracker.security import LARGEST_FORM, MEGABYTE, init_security, public, refuse_undeclared_routes
from tracker.sent_forms import init_sent_forms
from tracker.sessions import SESSION_LIFE, init_sessions
from tracker.wiring import Wiring, default_wiring

YEAR = 365 * 24 * 3600
GZIP_LEVEL = 3
"""A page is an eighth larger than at the usual 6, and packed in a quarter of the time."""


class Followthrough(Flask):
    request_class = ReceivedRequest

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """Vendored files carry their version in their address; our own are asked for again and answered with 304."""
        return YEAR if filename is not None and filename.startswith("vendor/") else None

    def log_exception(self, exc_info: Any) -> None:
        """By the name of the route: in an address there may be a token."""
        self.logger.error("%s %s broke off.", request.method, request.endpoint, exc_info=exc_info)


def create_app(settings: Settings | None = None, wiring: Wiring | None = None) -> Flask:
    """The whole application. Without arguments it is the one the environment describes.

    Raises:
        SettingsError: a setting is wrong; the message is one line that names it.
    """
    from tracker.features import BLUEPRINTS, JOBS, init_api, init_metrics, init_status  # noqa: PLC0415  importing one module must not load every feature

    settings = settings or load_settings()
    wiring = wiring or default_wiring(settings)
    app = Followthrough(
        __name__,
        template_folder=str(TEMPLATES),
        static_folder=str(STATIC),
        instance_path=str(settings.instance_path),
    )
    app.config.update(flask_settings(settings))
    app.extensions["followthrough.settings"] = settings
    app.extensions["followthrough.wiring"] = wiring
    app.extensions["followthrough.queue"] = wiring.queue
    app.url_map.converters |= {"ref": RefConverter, "int": RowNumberConverter}
    init_metrics(app)
    init_logs(app)
    init_database(app, settings)
    init_remembered(app)
    init_received(app)
    init_security(app)
    init_sessions(app)
    init_pages(app)
    init_error_pages(app)
    init_sent_forms(app)
    Compress(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    init_api(app)
    init_status(app)
    public(app.view_functions["static"])
    refuse_undeclared_routes(app)
    wiring.queue.register(app, JOBS)
    return app


def flask_settings(settings: Settings) -> dict[str, Any]:
    """What Flask and its extensions are told."""
    return {
        "SECRET_KEY": settings.secret_key,
        # Over https a name that browsers take from this host alone, for all of it, and never in the clear.
        "SESSION_COOKIE_NAME": "__Host-followthrough" if settings.is_https else "followthrough",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "PERMANENT_SESSION_LIFETIME": SESSION_LIFE,
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": 4 * MEGABYTE,
        "MAX_FORM_PARTS": 500,
        "TEMPLATES_AUTO_RELOAD": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "COMPRESS_ALGORITHM": ["gzip"],
        "COMPRESS_LEVEL": GZIP_LEVEL,
        "COMPRESS_MIMETYPES": [
            "text/html",
            "text/css",
            "text/javascript",
            "text/markdown",
            "text/csv",
            "image/svg+xml",
            "application/json",
            "application/problem+json",
        ],
        "RATELIMIT_STORAGE_URI": "memory://",
        "RATELIMIT_HEADERS_ENABLED": False,
    }
