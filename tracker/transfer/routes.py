"""Import and export in the browser, for administrators."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from tracker import audit, clock, words
from tracker.db import transaction
from tracker.forms import Form, reshow
from tracker.models import Role
from tracker.pages import page, viewer
from tracker.security import LARGEST_UPLOAD, allow, takes_up_to
from tracker.transfer import queries
from tracker.transfer.exporting import exported_files
from tracker.transfer.forms import ChoicesForm, ConfirmForm, UploadForm
from tracker.transfer.importing import Choices, Companions, Fate, Outcome, Preview, write_outcome
from tracker.transfer.uploads import LARGEST_PACKED, Upload, pack, unpack, unpack_again

blueprint = Blueprint("transfer", __name__, url_prefix="/settings/transfer")


class ButtonForm(Form):
    """A button without fields: only the token is checked."""


@blueprint.get("")
@allow(Role.ADMIN)
def index(form: ChoicesForm | None = None) -> str:
    shown = form if isinstance(form, UploadForm) else UploadForm(formdata=None)
    shown.offer_services()
    if form is not None and form is not shown:
        shown.form_errors = [str(text) for texts in form.errors.values() for text in texts]
    return page("transfer/index.html", form=shown, incidents=queries.count_incidents())


@blueprint.post("/preview")
@allow(Role.ADMIN)
@takes_up_to(LARGEST_UPLOAD)
@reshow(index)
def preview() -> str:
    """What would be taken of the files that were given, and what not."""
    form = UploadForm()
    form.offer_services()
    form.check()
    given = unpack(form.given())
    outcomes = _read(given.documents, choices=form.draft(), now=clock.utcnow())
    again = ConfirmForm(formdata=None, service=form.service.data, zone=form.zone.data, packed=pack(given.documents))
    again.offer_services()
    return page("transfer/preview.html", outcomes=outcomes, passed=given.passed, form=again, ready=_ready(outcomes))


@blueprint.post("/import")
@allow(Role.ADMIN)
@takes_up_to(2 * LARGEST_PACKED)
@reshow(index)
def take() -> str:
    """Write what the preview showed. Sent twice, it is taken once."""
    form = ConfirmForm()
    form.offer_services()
    form.check()
    choices, now = form.draft(), clock.utcnow()
    read = _read(unpack_again(form.packed.data or ""), choices=choices, now=now)
    outcomes = [write_outcome(outcome, choices=choices, by=viewer(), now=now) for outcome in read]
    taken = sum(outcome.fate is Fate.IMPORTED for outcome in outcomes)
    if taken:
        with transaction():
            audit.note("import_documents", words.count(taken, "document"), by=viewer(), now=now)
    return page("transfer/taken.html", outcomes=outcomes, taken=taken)


def _read(documents: Sequence[Upload], *, choices: Choices, now: datetime) -> list[Outcome]:
    reading = Preview(choices=choices, now=now)
    return [
        outcome
        for one in documents
        for outcome in reading.of(one.content, name=one.name, beside=Companions(one.sidecar, one.pictures))
    ]


def _ready(outcomes: Sequence[Outcome]) -> int:
    return sum(outcome.fate is Fate.READ for outcome in outcomes)


@blueprint.post("/export")
@allow(Role.ADMIN)
def export() -> ResponseReturnValue:
    """Everything in one zip archive: the same files as the command writes."""
    ButtonForm().check()
    now, person = clock.utcnow(), viewer()
    with transaction():
        audit.note("export_everything", "in the browser", by=person, now=now)
    answer = Response(_zipped(now), mimetype="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"followthrough-export-{now:%Y-%m-%d}.zip")
    return answer


def _zipped(now: datetime) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in exported_files(now=now):
            archive.writestr(name, content)
    return target.getvalue()
