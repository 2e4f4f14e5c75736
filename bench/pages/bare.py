"""The view that pages are compared with: the least that still signs a reader in and reads one row.

An application of its own, so that nothing of the product's frame, headers, compression or checks runs in it; the same
session, the same loading of the signed-in person, the same Flask-SQLAlchemy, on the same server.
"""

from flask import Flask, render_template
from flask_login import LoginManager, login_required
from jinja2 import DictLoader
from sqlalchemy import select

from tracker.config import Settings
from tracker.db import init_database, session
from tracker.models import Incident
from tracker.sessions import load_person

TEMPLATE = """<!doctype html>
<html lang="en">
<head><title>{{ incident.title }}</title></head>
<body>
<h1>{{ incident.title }}</h1>
<p>{{ incident.severity }}, {{ incident.phase }}</p>
<p>Declared {{ incident.declared_at }}</p>
<p>For {{ current_user.name }}</p>
</body>
</html>
"""


def bare_app(settings: Settings) -> Flask:
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"bare.html": TEMPLATE})
    app.config.update(SECRET_KEY=settings.secret_key, SESSION_COOKIE_NAME="followthrough")
    init_database(app, settings)
    LoginManager(app).user_loader(load_person)

    @app.get("/incidents/<int:number>")
    @login_required
    def show(number: int) -> str:
        incident = session.scalar(select(Incident).where(Incident.number == number))
        return render_template("bare.html", incident=incident)

    return app
