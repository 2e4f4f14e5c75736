"""Tickets of several items at once: chosen in the list of items, asked for here, and seen on their way."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, words
from tracker.db import transaction
from tracker.errors import RuleError
from tracker.forms import reshow
from tracker.freshness import GONE
from tracker.lookup import active_trackers, chosen_actions
from tracker.models import Role
from tracker.pages import chosen_refs, moved_on, page, viewer
from tracker.queue import wake
from tracker.security import allow
from tracker.sent_forms import sent_once
from tracker.sync.blueprint import blueprint
from tracker.sync.forms import SeveralForm
from tracker.sync.several import ask_for_tickets, left_out, tickets_of_several
from tracker.sync.ticket_showing import due_pushes, next_look, suggestions


@blueprint.get("/actions/tickets")
@allow(Role.RESPONDER)
def several(form: SeveralForm | None = None) -> str:
    """The chosen items with their tickets, and the form for those that have none."""
    items, trackers, now = chosen_actions(chosen_refs(), viewer=viewer()), active_trackers(), clock.utcnow()
    shown = tickets_of_several(items, now=now)
    due = due_pushes(push for one in shown for push in one.pushes)
    is_list = "HX-Request" in request.headers and request.args.get("part") == "list"
    return page(
        "sync/_several_list.html" if is_list else "sync/several.html",
        shown=shown,
        refs=" ".join(action.ref for action in items),
        form=(form or SeveralForm(formdata=None)).offer(trackers),
        trackers={tracker.id: tracker for tracker in trackers},
        suggested=suggestions(items, viewer=viewer(), offered=trackers),
        gone=GONE,
        looks_again_in=next_look(due, now=now) if due else None,
    )


@blueprint.post("/actions/tickets")
@allow(Role.RESPONDER)
@reshow(several)
def make_several() -> ResponseReturnValue:
    trackers = active_trackers()
    form = SeveralForm().offer(trackers)
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        items = chosen_actions(chosen_refs(), viewer=viewer())
        if not items:
            raise RuleError("Choose at least one item in the list first.")
        suggested = suggestions(items, viewer=viewer(), offered=trackers)
        asked = ask_for_tickets(items, form.draft(), suggested=suggested, by=viewer(), now=now)
        on_their_way = words.count(len(asked.made), "ticket is on its way.", "tickets are on their way.")
        sent.message = f"{on_their_way} {left_out(asked)}".strip()
        sent.to = url_for("sync.several", items=" ".join(action.ref for action in items))
        message, to = sent.message, sent.to
    wake("sync.push")
    return moved_on(message, to=to)
