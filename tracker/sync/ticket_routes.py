"""The tickets of an item: what is known of them, asking for one, linking one that is there."""

from collections.abc import Sequence

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2

from tracker import clock
from tracker.clients.failures import NoAccess
from tracker.clients.tickets import TicketClient, TicketSnapshot
from tracker.db import transaction
from tracker.errors import RuleError
from tracker.forms import Form, InvalidForm, reshow
from tracker.lookup import active_trackers, get_action
from tracker.models import ActionItem, Role, Tracker
from tracker.pages import changed, page, viewer, zone
from tracker.queue import wake
from tracker.security import allow
from tracker.sync import operations, queries
from tracker.sync.blueprint import blueprint
from tracker.sync.checking import ask
from tracker.sync.forms import ButtonForm, LinkForm, PushForm
from tracker.sync.mappings.queries import assigned, without_account
from tracker.sync.reading.looking import look_at_tickets
from tracker.sync.telling.trouble_queries import troubles_of, unsaid_of
from tracker.sync.ticket_showing import Suggestion, TicketsOfAction, suggestion, tickets_of
from tracker.sync.wording import trying
from tracker.words import hour_text


@blueprint.get("/actions/<ref:ref>/tickets")
@allow(Role.VIEWER)
def tickets(ref: str, form: Form | None = None) -> ResponseReturnValue:
    context = shown_tickets(get_action(ref, viewer=viewer()), failed=form)
    if not request.headers.get("HX-Request"):
        return page("sync/tickets.html", **context)
    is_list = request.args.get("part") == "list"
    return page("sync/_ticket_list.html" if is_list else "sync/_tickets.html", **context)


@blueprint.post("/actions/<ref:ref>/push")
@allow(Role.RESPONDER)
@reshow(tickets)
def push(ref: str) -> ResponseReturnValue:
    trackers = active_trackers()
    suggested = suggestion(get_action(ref, viewer=viewer()), viewer=viewer(), offered=trackers)
    form = _push_form(trackers)
    form.check()
    with transaction():
        action = get_action(ref, viewer=viewer())
        operations.ask_for_ticket(action, form.draft(suggested), by=viewer(), now=clock.utcnow())
    wake("sync.push")
    return answer(ref, f"The ticket of {ref} is on its way.")


@blueprint.post("/actions/<ref:ref>/tickets/link")
@allow(Role.RESPONDER)
@reshow(tickets)
def link(ref: str) -> ResponseReturnValue:
    form = _link_form(active_trackers())
    form.check()
    get_action(ref, viewer=viewer())
    tracker_id = form.linked_tracker_id.data
    try:
        snapshot = _fetch(queries.get_tracker(tracker_id), form.ticket.data or "")
    except RuleError as error:
        form.ticket.errors = [str(error)]
        raise InvalidForm(form) from error
    with transaction():
        action = get_action(ref, viewer=viewer())
        linked = operations.link_existing(action, snapshot, tracker_id=tracker_id, by=viewer(), now=clock.utcnow())
        key = linked.key
    return answer(ref, f"{ref} follows {key} now.")


def _tickets_again(ref: str, *, form: Form, **_ids: int) -> ResponseReturnValue:
    return tickets(ref, form=form)


@blueprint.post("/actions/<ref:ref>/tickets/look")
@allow(Role.RESPONDER)
@reshow(_tickets_again)
def look(ref: str) -> ResponseReturnValue:
    ButtonForm().check()
    look_at_tickets(get_action(ref, viewer=viewer()).id)
    return answer(ref, f"We looked at the tickets of {ref} just now.")


@blueprint.post("/actions/<ref:ref>/tickets/<int:ticket_id>/unlink")
@allow(Role.RESPONDER)
@reshow(_tickets_again)
def unlink(ref: str, ticket_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        action = get_action(ref, viewer=viewer())
        key = operations.unlink(action, ticket_id, by=viewer(), now=clock.utcnow())
    return answer(ref, f"{ref} does not follow {key} any more. The ticket itself is as it was.")


@blueprint.post("/actions/<ref:ref>/pushes/<int:push_id>/try")
@allow(Role.RESPONDER)
@reshow(_tickets_again)
def try_again(ref: str, push_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        push = queries.get_push(push_id, action=get_action(ref, viewer=viewer()))
        operations.try_now(push, now=clock.utcnow())
        message = trying_now(push.tracker)
    wake("sync.push")
    return answer(ref, message)


@blueprint.post("/actions/<ref:ref>/pushes/<int:push_id>/create-again")
@allow(Role.RESPONDER)
@reshow(_tickets_again)
def create_again(ref: str, push_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        push = queries.get_push(push_id, action=get_action(ref, viewer=viewer()))
        operations.create_again(push, by=viewer(), now=clock.utcnow())
    wake("sync.push")
    return answer(ref, f"A new ticket of {ref} is on its way.")


@blueprint.post("/actions/<ref:ref>/pushes/<int:push_id>/give-up")
@allow(Role.RESPONDER)
@reshow(_tickets_again)
def give_up(ref: str, push_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        push = queries.get_push(push_id, action=get_action(ref, viewer=viewer()))
        operations.give_up(push, by=viewer(), now=clock.utcnow())
    return answer(ref, f"No ticket of {ref} is made there.")


def trying_now(tracker: Tracker) -> str:
    now = clock.utcnow()
    waits = tracker.run_after is not None and tracker.run_after > now
    until = hour_text(tracker.run_after, zone(), now=now) if tracker.run_after and waits else ""
    return trying(tracker.name, is_active=tracker.is_active, waits_until=until)


def answer(ref: str, message: str) -> ResponseReturnValue:
    """The tickets of an item after something was done about them."""
    back = url_for("sync.tickets", ref=ref)
    if not request.headers.get("HX-Request"):
        return changed("sync/_tickets.html", message, back=back)
    return changed(
        "sync/_tickets.html", message, back=back, **shown_tickets(get_action(ref, viewer=viewer()), failed=None)
    )


def _fetch(tracker: Tracker, key_or_url: str) -> TicketSnapshot:
    """The ticket that a person named.

    Raises:
        RuleError: the tracker does not know it, or did not answer.
    """
    name = tracker.name

    def fetched(client: TicketClient) -> TicketSnapshot:
        try:
            return client.fetch(key_or_url)
        except NoAccess as error:
            raise NoAccess(f"There is no ticket {key_or_url} in {name} that we could see.") from error

    return ask(tracker, fetched)


def shown_tickets(action: ActionItem, *, failed: Form | None) -> dict[str, object]:
    """What the list of an item's tickets and its forms are drawn from."""
    trackers = active_trackers()
    suggested = suggestion(action, viewer=viewer(), offered=trackers)
    shown = tickets_of(action, now=clock.utcnow())
    asked_for = shown.unknown.tracker_id if shown.unknown else suggested.tracker_id
    return {
        "action": action,
        "shown": shown,
        "trackers": trackers,
        "push_form": failed if isinstance(failed, PushForm) else _push_form(trackers, suggested=suggested),
        "link_form": failed
        if isinstance(failed, LinkForm)
        else _link_form(trackers, shown={"linked_tracker_id": asked_for}),
        "failed": failed,
        "suggested": suggested,
        "assigned": assigned([one.ticket for one in shown.tickets]),
        "troubles": troubles_of(action),
        "unsaid": unsaid_of(action),
        "unmapped": without_account(action, trackers=_trackers_of(shown)),
    }


def _trackers_of(shown: TicketsOfAction) -> list[Tracker]:
    known = [one.ticket.tracker for one in shown.tickets] + [one.push.tracker for one in shown.pushes]
    return list({tracker.id: tracker for tracker in known}.values())


def _push_form(trackers: Sequence[Tracker], *, suggested: Suggestion | None = None) -> PushForm:
    """As it was sent, or, with a suggestion, as it stands before anybody typed."""
    form = (
        PushForm(formdata=None, tracker_id=suggested.tracker_id, target=suggested.target) if suggested else PushForm()
    )
    form.tracker_id.choices = [SelectChoice(tracker.id, tracker.name) for tracker in trackers]
    return form


def _link_form(trackers: Sequence[Tracker], *, shown: dict[str, int | None] | None = None) -> LinkForm:
    form = LinkForm(formdata=None, **shown) if shown else LinkForm()
    form.linked_tracker_id.choices = [SelectChoice(tracker.id, tracker.name) for tracker in trackers]
    return form
