"""The view that pages are compared with: the least that still signs a reader in and reads one row.

A route of the same application, so that it has what every answer has by the way: the session, the loading of the
signed-in person, the check of who may see it, the headers. Nothing else of the product is in it: no frame around the
page, no list of live incidents, no form, no macro.
"""

from flask import Flask
from flask_login import current_user
from sqlalchemy import select

from tracker.db import session
from tracker.models import Incident, Role
from tracker.security import allow

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


def add_bare_view(app: Flask) -> None:
    template = app.jinja_env.from_string(TEMPLATE)

    @app.get("/bare/incidents/<int:number>")
    @allow(Role.VIEWER)
    def bare(number: int) -> str:
        incident = session.scalar(select(Incident).where(Incident.number == number))
        # Not with ``render_template``, which would read what the frame shows on every page.
        return template.render(incident=incident, current_user=current_user)
