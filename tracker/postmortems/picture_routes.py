"""Pictures in texts about an incident: given by paste, drop or choice, and shown to those who may see the incident."""

import re
from pathlib import PurePosixPath

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FileField
from wtforms.validators import InputRequired

from tracker import clock
from tracker.db import transaction
from tracker.errors import RuleError
from tracker.forms import Form, InvalidForm, reshow
from tracker.lookup import get_incident
from tracker.models import Incident, Picture, Role
from tracker.pages import moved_on, page, viewer
from tracker.pictures import LARGEST, draw_anew
from tracker.postmortems import picture_operations
from tracker.postmortems.blueprint import blueprint
from tracker.security import MEGABYTE, allow, takes_up_to

NO_CONTENT = "default-src 'none'; sandbox"
"""A picture needs nothing, even where somebody opens it alone."""


class PictureForm(Form):
    picture = FileField("Picture", validators=[InputRequired("Choose a picture.")])


@blueprint.get("/<ref:ref>/pictures")
@allow(Role.RESPONDER)
def pictures(ref: str, form: PictureForm | None = None) -> ResponseReturnValue:
    """All pictures of an incident, with what to write to show them: the way without JavaScript."""
    incident = get_incident(ref, viewer=viewer())
    rows = [(row, markdown_of(incident, row)) for row in picture_operations.pictures_of(incident)]
    return page("postmortems/pictures.html", incident=incident, form=form or PictureForm(formdata=None), rows=rows)


def markdown_of(incident: Incident, picture: Picture, words: str = "Picture") -> str:
    return f"![{words}](/incidents/{incident.ref}/pictures/{picture.key})"


@blueprint.post("/<ref:ref>/pictures")
@allow(Role.RESPONDER)
@takes_up_to(LARGEST + MEGABYTE)
@reshow(pictures)
def add_picture(ref: str) -> ResponseReturnValue:
    """A page for people; for ``editor.js`` the Markdown that shows the picture, or one line that says why not."""
    is_editor = request.headers.get("X-Requested-With") == "editor"
    try:
        written = _add(ref)
    except InvalidForm:
        if not is_editor:
            raise
        return Response("Choose a picture.", 422, mimetype="text/plain")
    except RuleError as error:
        if not is_editor:
            raise
        return Response(str(error), 422, mimetype="text/plain")
    if is_editor:
        return Response(written, 201, mimetype="text/plain")
    message = "The picture is here. Copy its line to where it belongs."
    return moved_on(message, to=url_for("postmortems.pictures", ref=ref))


def _add(ref: str) -> str:
    form = PictureForm()
    form.check()
    get_incident(ref, viewer=viewer())
    drawn = draw_anew(form.picture.data.stream.read(LARGEST + 1))
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        added = picture_operations.add_picture(incident, drawn, by=viewer(), now=clock.utcnow())
        return markdown_of(incident, added, _words(form.picture.data.filename or ""))


def _words(filename: str) -> str:
    """Words for those who do not see it, from the name of the file; the writer makes them better."""
    words = re.sub(r"[^\w .-]+", " ", PurePosixPath(filename.replace("\\", "/")).stem).strip()
    return words[:80] or "Picture"


@blueprint.get("/<ref:ref>/pictures/<key>")
@allow(Role.VIEWER)
def picture(ref: str, key: str) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    found = picture_operations.get_picture(incident, key)
    answer = Response(found.content, mimetype=found.media_type)
    answer.headers["Content-Security-Policy"] = NO_CONTENT
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Cache-Control"] = "private, no-cache"  # asked again each time, for rights may change
    answer.set_etag(found.key)
    return answer.make_conditional(request)
