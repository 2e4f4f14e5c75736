"""The postmortem page, its life from draft to published, and its exports."""

import io
import zipfile

from flask import Response, current_app, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.forms import Form, choice, reshow
from tracker.lookup import get_incident, get_incident_with_services
from tracker.markdown_documents import to_json, to_markdown
from tracker.models import Incident, Role
from tracker.pages import moved_on, page, viewer
from tracker.pictures import file_of
from tracker.postmortems import (
    operations,
    picture_operations,
    picture_routes,
    presence_routes,
    queries,
    review_routes,
    step_routes,
    why_routes,
    wording_routes,
)
from tracker.postmortems.blueprint import blueprint
from tracker.postmortems.forms import LeadForm, ReasonForm
from tracker.postmortems.linking import links_of
from tracker.postmortems.outline import BUILT_IN, REVIEW, SHORT_FORM
from tracker.postmortems.reading import chapters_of, moments_of, points_of, ticks_of, with_moments
from tracker.postmortems.step_routes import edit
from tracker.postmortems.whys import root_causes, tree_of
from tracker.queue import wake
from tracker.security import allow
from tracker.wiring import settings

__all__ = [
    "blueprint",
    "picture_routes",
    "presence_routes",
    "review_routes",
    "step_routes",
    "why_routes",
    "wording_routes",
]

FIRST_STEP = "what-happened"


@blueprint.get("/<ref:ref>/postmortem")
@allow(Role.VIEWER)
def show(ref: str, form: Form | None = None) -> ResponseReturnValue:
    incident = get_incident_with_services(ref, viewer=viewer())
    document = queries.document_of(incident)
    whys = tree_of(document.whys)
    outline = queries.outline_of(document.postmortem, own=document.own_headings) if document.postmortem else BUILT_IN
    return page(
        "postmortems/show.html",
        form=form or ReasonForm(),
        incident=incident,
        document=document,
        postmortem=document.postmortem,
        chapters=chapters_of(outline, document.answers),
        moments=moments_of(incident),
        points=points_of(incident, settings().timezone),
        ticks=ticks_of(incident, document.entries),
        timeline=with_moments(document.entries, moments_of(incident)),
        whys=whys,
        links=links_of(document.answers.values(), document.tickets),
        causes=root_causes(whys),
    )


@blueprint.get("/<ref:ref>/postmortem.md")
@allow(Role.VIEWER)
def markdown(ref: str) -> ResponseReturnValue:
    document = queries.document_of(get_incident(ref, viewer=viewer()))
    answer = Response(to_markdown(document), mimetype="text/markdown")
    answer.headers["Content-Disposition"] = f'attachment; filename="{ref}.md"'
    return answer


@blueprint.get("/<ref:ref>/postmortem.zip")
@allow(Role.VIEWER)
def with_pictures(ref: str) -> ResponseReturnValue:
    """The Markdown and the pictures it shows, laid out as an export, so that an import finds them again."""
    incident = get_incident(ref, viewer=viewer())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:  # pictures are packed already, and the same rows make the same file
        archive.writestr(zipfile.ZipInfo(f"incidents/{ref}.md"), to_markdown(queries.document_of(incident)))
        for key, media_type, content in picture_operations.contents_of(incident):
            archive.writestr(zipfile.ZipInfo(file_of(key, ref=ref, media_type=media_type)), content)
    answer = Response(target.getvalue(), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{ref}.zip"'
    return answer


@blueprint.get("/<ref:ref>/postmortem.json")
@allow(Role.VIEWER)
def as_json(ref: str) -> ResponseReturnValue:
    document = queries.document_of(get_incident(ref, viewer=viewer()))
    return current_app.json.response(to_json(document))


@blueprint.post("/<ref:ref>/postmortem")
@allow(Role.RESPONDER)
def start(ref: str) -> ResponseReturnValue:
    Form().check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        operations.start_postmortem(incident, by=viewer(), now=clock.utcnow(), calendar=settings().work_calendar)
    step = SHORT_FORM.key if request.form.get("form") == "short" else FIRST_STEP
    return moved_on("", to=url_for("postmortems.edit", ref=ref, step=step))


@blueprint.post("/<ref:ref>/postmortem/skip")
@allow(Role.RESPONDER)
@reshow(show)
def skip(ref: str) -> ResponseReturnValue:
    form = ReasonForm()
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        operations.skip_postmortem(
            incident, reason=form.reason.data or "", by=viewer(), now=clock.utcnow(), calendar=settings().work_calendar
        )
    return moved_on(f"The postmortem of {ref} is skipped.", to=url_for("postmortems.show", ref=ref))


@blueprint.post("/<ref:ref>/postmortem/take-up")
@allow(Role.RESPONDER)
def take_up(ref: str) -> ResponseReturnValue:
    Form().check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        postmortem = queries.get_postmortem_to_change(incident)
        operations.take_up_again(postmortem, incident=incident, by=viewer(), now=clock.utcnow())
    return moved_on("It is a draft again.", to=url_for("postmortems.edit", ref=ref, step=FIRST_STEP))


def review_again(ref: str, form: Form | None = None) -> ResponseReturnValue:
    return edit(ref, REVIEW, form=form)


@blueprint.post("/<ref:ref>/postmortem/lead")
@allow(Role.RESPONDER)
@reshow(review_again)
def lead(ref: str) -> ResponseReturnValue:
    form = LeadForm()
    people = {person.id: person for person in queries.people_who_can_lead()}
    form.lead.choices = [choice(key, person.name) for key, person in people.items()]
    form.check()
    with transaction():
        postmortem = queries.get_postmortem_to_change(get_incident(ref, viewer=viewer()))
        chosen = people[form.lead.data]
        operations.choose_lead(postmortem, chosen)
        name = chosen.name
    return moved_on(f"{name} owns this postmortem now.", to=_review_url(ref))


@blueprint.post("/<ref:ref>/postmortem/review")
@allow(Role.RESPONDER)
def ask_for_review(ref: str) -> ResponseReturnValue:
    Form().check()
    with transaction():
        operations.ask_for_review(queries.get_postmortem_to_change(get_incident(ref, viewer=viewer())))
    return moved_on("It is in review. Send the link to somebody who was not there.", to=_review_url(ref))


@blueprint.post("/<ref:ref>/postmortem/publish")
@allow(Role.RESPONDER)
@reshow(review_again)
def publish(ref: str) -> ResponseReturnValue:
    Form().check()
    with transaction():
        incident: Incident = get_incident(ref, viewer=viewer())
        postmortem = queries.get_postmortem_to_change(incident)
        operations.publish_postmortem(postmortem, incident=incident, by=viewer(), now=clock.utcnow())
    wake("recurrence.compare")
    wake("library.read")
    return moved_on(
        f"The postmortem of {ref} is published. Thank you for writing it.", to=url_for("postmortems.show", ref=ref)
    )


@blueprint.post("/<ref:ref>/postmortem/unpublish")
@allow(Role.RESPONDER)
@reshow(review_again)
def unpublish(ref: str) -> ResponseReturnValue:
    form = ReasonForm()
    form.check()
    with transaction():
        incident = get_incident(ref, viewer=viewer())
        postmortem = queries.get_postmortem_to_change(incident)
        operations.unpublish_postmortem(
            postmortem, incident=incident, reason=form.reason.data or "", by=viewer(), now=clock.utcnow()
        )
    return moved_on("It is a draft again: correct it, then publish it once more.", to=_review_url(ref))


def _review_url(ref: str) -> str:
    return url_for("postmortems.edit", ref=ref, step=REVIEW)
