"""The public status page with its feed and its JSON, and the page on which an administrator sets it up."""

from concurrent.futures import TimeoutError as NotYet

from flask import Blueprint, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound, ServiceUnavailable

from tracker import clock
from tracker.db import session, transaction
from tracker.forms import reshow
from tracker.models import Role, Service
from tracker.pages import moved_on, page, viewer
from tracker.security import allow, public
from tracker.status import operations, queries
from tracker.status.forms import StatusForm, status_form, values_of
from tracker.status.kept import EXTENSION, Kept
from tracker.status.making import FEED, JSON, PAGE
from tracker.status.settings_row import read_settings

blueprint = Blueprint("status", __name__)
BROWSER_SECONDS = 15
"""So long a browser, or a cache on the way, may show the page without asking."""


@blueprint.get("/status")
@public
def show() -> ResponseReturnValue:
    return _answer(PAGE)


@blueprint.get("/status/feed.atom")
@public
def feed() -> ResponseReturnValue:
    return _answer(FEED)


@blueprint.get("/status/status.json")
@public
def as_json() -> ResponseReturnValue:
    answer = _answer(JSON)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _answer(name: str) -> Response:
    """A kept page, packed if the reader takes it so, or nothing when it is the one the reader has."""
    kept: Kept = current_app.extensions[EXTENSION]
    try:
        body = kept.pages().get(name)
    except (NotYet, SQLAlchemyError) as error:
        raise ServiceUnavailable("The status page is not ready yet. Try again in a minute.", retry_after=60) from error
    if body is None:
        raise NotFound("There is no status page here.")
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = Response(body.packed if is_packed else body.plain, mimetype=body.mimetype)
    if is_packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = f"public, max-age={BROWSER_SECONDS}"
    answer.set_etag(f"{body.tag}-{'z' if is_packed else 'p'}")
    answer.make_conditional(request)
    return answer


@blueprint.get("/settings/status")
@allow(Role.ADMIN)
def edit(form: StatusForm | None = None) -> ResponseReturnValue:
    shown = {row.service_id: row.name for row in queries.components()}
    settings = read_settings()
    form = form or status_form(_services())(formdata=None, data=values_of(settings, shown))
    return page("status/edit.html", form=form, is_on=settings.is_on)


@blueprint.post("/settings/status")
@allow(Role.ADMIN)
@reshow(edit)
def save() -> ResponseReturnValue:
    form = status_form(_services())()
    form.check()
    draft = form.draft()
    with transaction():
        operations.choose_status_page(draft, by=viewer(), now=clock.utcnow())
    message = "Saved. Everybody can read it now." if draft.settings.is_on else "Saved. Nobody outside sees anything."
    return moved_on(message, to=url_for("status.edit"))


def _services() -> list[Service]:
    return list(session.scalars(select(Service).where(Service.is_archived.is_(False)).order_by(Service.name)))
