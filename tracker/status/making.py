"""Making the public pages from what the public may know, for nobody in particular."""

from flask import Flask, render_template

from tracker import clock
from tracker.status.kept import Body, Pages
from tracker.status.queries import public_status
from tracker.status.writing import as_atom, as_json
from tracker.wiring import settings

PAGE, FEED, JSON = "page", "feed", "json"


def make_pages(app: Flask) -> Pages:
    """All three, of one moment; none while the page is switched off."""
    with app.app_context():
        base_url = settings().base_url
    with app.test_request_context("/status", base_url=base_url):
        status = public_status(clock.utcnow())
        if status is None:
            return {}
        return {
            PAGE: Body.of(render_template("status/show.html", status=status), "text/html"),
            FEED: Body.of(as_atom(status, base_url=base_url), "application/atom+xml"),
            JSON: Body.of(as_json(status, base_url=base_url), "application/json"),
        }
