"""One click beside an entry of the timeline says which moment it was."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, words
from tracker.db import transaction
from tracker.errors import StaleWriteError
from tracker.incidents import moment_operations, timeline_operations
from tracker.incidents.blueprint import blueprint
from tracker.incidents.moment_operations import MARKS, MarkDraft
from tracker.incidents.room_forms import MarkForm
from tracker.incidents.room_routes import odd_orders_of, odd_orders_words
from tracker.lookup import get_incident
from tracker.models import Incident, Role
from tracker.pages import came_from, moved_on, viewer, zone
from tracker.security import allow
from tracker.wiring import settings


@blueprint.post("/<ref:ref>/timeline/<int(max=2147483647):entry_id>/moment")
@allow(Role.RESPONDER)
def mark(ref: str, entry_id: int) -> ResponseReturnValue:
    form = MarkForm()
    form.check()
    draft = form.draft()
    back = came_from(otherwise=url_for("incidents.show", ref=ref))
    now, calendar = clock.utcnow(), settings().work_calendar
    try:
        with transaction():
            incident = get_incident(ref, viewer=viewer())
            entry = timeline_operations.get_entry(incident, entry_id)
            moment_operations.mark_moment(incident, entry, draft, by=viewer(), now=now, calendar=calendar)
            sentence = _sentence(incident, draft)
    except StaleWriteError:
        flash(f"Somebody changed the facts of {ref} just now. Here they are as they stand; mark it again.", "warning")
        return redirect(back, 303)
    return moved_on(sentence, to=back)


def _sentence(incident: Incident, draft: MarkDraft) -> str:
    at = getattr(incident, draft.moment)
    when = words.hour_text(at, zone(), now=clock.utcnow()) if at else "not known"
    return f"{MARKS[draft.moment].capitalize()}: {when}.{odd_orders_words(odd_orders_of(incident))}"
