"""The timeline of the room: what is noted, and what others noted since."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from flask import Response, make_response, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.errors import StaleWriteError
from tracker.forms import reshow
from tracker.incidents import room_queries, timeline_operations
from tracker.incidents.blueprint import blueprint
from tracker.incidents.first_minutes import rows_of
from tracker.incidents.room_forms import CorrectionForm, EntryForm, StarForm, TickForm
from tracker.incidents.room_routes import head, roles_of, show
from tracker.incidents.typed_times import EXAMPLES
from tracker.lookup import get_incident
from tracker.models import Incident, Phase, Role
from tracker.pages import came_from, changed, moved_on, page, viewer, zone
from tracker.references import number_of
from tracker.security import allow
from tracker.sent_forms import SentBeforeError, sent_once

PART = "incidents/_timeline.html"
LONGEST_WAIT = 24 * 60 * 60
"""Seconds that a line may have waited in a browser without a connection."""


@blueprint.get("/<ref:ref>/timeline")
@allow(Role.VIEWER)
def timeline(ref: str) -> ResponseReturnValue:
    """What changed since ``seen``; nothing to send when nothing did."""
    seen = request.args.get("seen")
    if seen and seen == room_queries.live_state(number_of(ref, prefix="INC"), viewer=viewer()):
        return "", 204
    return _part(ref)


def _part(ref: str, message: str = "") -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    rows, updates = room_queries.timeline(incident), room_queries.updates_of(incident)
    return page(
        PART,
        incident=incident,
        rows=rows,
        state=room_queries.state_of(incident, rows),
        opened_version=request.values.get("opened", incident.version, type=int),
        message=message,
        is_part=True,
        **head(incident, updates),
        **roles_of(incident),
        updates=updates,
        **_checks(incident),
    )


def _checks(incident: Incident) -> dict[str, Any]:
    """The first ten minutes, while rooms show them as a list to work through."""
    if incident.phase not in (Phase.DECLARED, Phase.TRIAGED):
        return {"checks": []}
    return {"checks": rows_of(room_queries.ticks_of(incident)), "tick_form": TickForm(formdata=None)}


def _answer(ref: str, message: str) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return _part(ref, message)
    return changed(PART, message, back=url_for("incidents.show", ref=ref) + "#timeline-part")


def entry_refused(ref: str, form: EntryForm) -> ResponseReturnValue:
    """The typed line again with what is wrong: alone for htmx, in the whole room otherwise."""
    if not request.headers.get("HX-Request"):
        return show(ref, form=form)
    shown = page(
        "incidents/_entry_form.html",
        incident=get_incident(ref, viewer=viewer()),
        entry_form=form,
        time_examples=EXAMPLES,
        opened_version=request.args.get("opened", type=int),
    )
    answer: Response = make_response(shown)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#entry-form", "outerHTML"
    return answer


@blueprint.post("/<ref:ref>/timeline")
@allow(Role.RESPONDER)
@reshow(entry_refused)
def add(ref: str) -> ResponseReturnValue:
    form = EntryForm(zone=zone())
    form.check()
    with suppress(SentBeforeError), transaction():
        now = clock.utcnow()
        sent_once(by=viewer(), now=now)
        incident = get_incident(ref, viewer=viewer())
        timeline_operations.add_entry(incident, form.draft(now=now - _waited()), by=viewer(), now=now)
    return _answer(ref, "Noted.")


def _waited() -> timedelta:
    """How long a line waited in the browser for a connection. A header, so that the form stays the same form."""
    seconds = request.headers.get("X-Waited", 0, type=int)
    return timedelta(seconds=min(max(seconds, 0), LONGEST_WAIT))


@blueprint.get("/<ref:ref>/timeline/<int(max=2147483647):entry_id>/edit")
@allow(Role.RESPONDER)
def edit_entry(
    ref: str, entry_id: int, form: CorrectionForm | None = None, clash: StaleWriteError | None = None
) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    entry = timeline_operations.get_entry(incident, entry_id)
    form = form or CorrectionForm(zone=zone()).show(entry)
    revisions = room_queries.revisions_of(entry)
    return page(
        "incidents/edit_entry.html",
        incident=incident,
        entry=entry,
        form=form,
        clash=clash,
        revisions=revisions,
        back=came_from(otherwise=url_for("incidents.show", ref=ref)),
    )


@blueprint.post("/<ref:ref>/timeline/<int(max=2147483647):entry_id>/edit")
@allow(Role.RESPONDER)
@reshow(edit_entry)
def correct(ref: str, entry_id: int) -> ResponseReturnValue:
    form = CorrectionForm(zone=zone())
    form.check()
    try:
        with transaction():
            entry = timeline_operations.get_entry(get_incident(ref, viewer=viewer()), entry_id)
            timeline_operations.correct_entry(entry, form.draft(), by=viewer(), now=clock.utcnow())
    except StaleWriteError as clash:
        form.version.raw_data, form.version.data = None, clash.their_version
        return edit_entry(ref, entry_id, form=form, clash=clash), 409  # type: ignore[return-value]
    message = "Corrected. What it said before is kept."
    back = came_from(otherwise="")
    return moved_on(message, to=back) if back else _answer(ref, message)


@blueprint.post("/<ref:ref>/timeline/<int(max=2147483647):entry_id>/star")
@allow(Role.RESPONDER)
def star(ref: str, entry_id: int) -> ResponseReturnValue:
    form = StarForm()
    form.check()
    with transaction():
        entry = timeline_operations.get_entry(get_incident(ref, viewer=viewer()), entry_id)
        if form.is_starred.data:
            timeline_operations.star_entry(entry)
        else:
            timeline_operations.unstar_entry(entry)
    return _answer(ref, "Starred for the postmortem." if form.is_starred.data else "The star is gone.")


@blueprint.post("/<ref:ref>/timeline/<int(max=2147483647):entry_id>/remove")
@allow(Role.RESPONDER)
def remove(ref: str, entry_id: int) -> ResponseReturnValue:
    with transaction():
        entry = timeline_operations.get_entry(get_incident(ref, viewer=viewer()), entry_id)
        timeline_operations.remove_entry(entry, now=clock.utcnow())
    return _answer(ref, "Removed. You can put it back at the end of the timeline.")


@blueprint.post("/<ref:ref>/timeline/<int(max=2147483647):entry_id>/put-back")
@allow(Role.RESPONDER)
def put_back(ref: str, entry_id: int) -> ResponseReturnValue:
    with transaction():
        entry = timeline_operations.get_entry(get_incident(ref, viewer=viewer()), entry_id)
        timeline_operations.put_back_entry(entry)
    return _answer(ref, "It is back on the timeline.")
