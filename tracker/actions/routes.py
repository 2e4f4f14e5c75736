"""Action items: list, board, export, writing one down and editing it. One item and its life: ``item_routes``."""

from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.actions import bulk_routes, item_routes, offered, operations, queries
from tracker.actions.blueprint import blueprint
from tracker.actions.counting import count_by_state, share_of_my_teams
from tracker.actions.drafts import differences, draft_of
from tracker.actions.export import csv_lines
from tracker.actions.filters import ActionFilter
from tracker.actions.forms import (
    KIND_HINTS,
    PRIORITY_HINTS,
    ActionForm,
    EditActionForm,
    FilterForm,
    NewActionForm,
    back_or,
    typed_incident,
)
from tracker.db import transaction
from tracker.errors import NotFoundError, StaleWriteError
from tracker.forms import reshow
from tracker.lookup import active_trackers, get_action, get_incident
from tracker.models import ActionState, Incident, Person, Role
from tracker.pages import moved_on, page, today, viewer
from tracker.promises import done_questions, title_questions
from tracker.queue import wake
from tracker.security import allow
from tracker.sent_forms import sent_once
from tracker.spreadsheets import csv_file

__all__ = ["blueprint", "bulk_routes", "item_routes"]

LAST_PAGE = 10_000


@blueprint.get("/actions", strict_slashes=False)
@allow(Role.VIEWER)
def index() -> str:
    has_team = offered.has_team(viewer())
    form = _filter_form(has_team=has_team)
    chosen = form.chosen()
    whose, now = _whose(form, chosen, has_team=has_team), clock.utcnow()
    if chosen.is_board:
        columns = queries.board_columns(chosen, viewer=viewer(), today=today(), now=now)
        counts = count_by_state(chosen, viewer=viewer(), today=today())
        return page("actions/board.html", form=form, columns=columns, counts=counts, **whose, **_links())
    number = _page_number()
    rows, has_next = queries.action_page(chosen, viewer=viewer(), today=today(), now=now, number=number)
    first = (number - 1) * queries.PAGE
    shown = {"rows": rows, "number": number, "has_next": has_next, "first": first}
    return page("actions/index.html", form=form, **shown, **whose, **_links())


@blueprint.get("/actions.csv")
@allow(Role.VIEWER)
def export() -> Response:
    """The list as a file, written to disk beyond a few thousand rows so that memory stays flat."""
    chosen = _filter_form(has_team=offered.has_team(viewer())).chosen()
    rows = queries.exported_rows(chosen, viewer=viewer(), today=today(), now=clock.utcnow())
    file = csv_file(csv_lines(rows, today=today()))
    name = f"action-items-{today().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(file, mimetype="text/csv", headers=headers)


@blueprint.get("/actions/new")
@allow(Role.RESPONDER)
def new(form: NewActionForm | None = None) -> str:
    form = form or NewActionForm(
        data={"incident": request.args.get("incident", "").upper(), "back": request.args.get("back", "")}
    )
    incident = _incident_of(form)
    _offer_people(form, incident_ids=[incident.id] if incident else [])
    trackers = active_trackers()
    form.tracker_id.offer([(tracker.id, tracker.name) for tracker in trackers], blank="No ticket for now")
    if incident is not None and not form.is_submitted() and not incident.is_private:
        usual = [service.tracker_id for service in incident.services if service.tracker_id]
        form.tracker_id.data = usual[0] if usual and usual[0] in {tracker.id for tracker in trackers} else None
    template = "actions/_new.html" if request.headers.get("HX-Request") else "actions/new.html"
    return page(
        template,
        form=form,
        incident=incident,
        trackers=trackers,
        back=back_or(form.back.data, otherwise=""),
        **_hints(),
    )


@blueprint.post("/actions/new")
@allow(Role.RESPONDER)
@reshow(new)
def create() -> ResponseReturnValue:
    form = NewActionForm()
    form.check()
    ticket = form.ticket_draft()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        incident = typed_incident(form, viewer=viewer())
        action = operations.create_action(
            form.draft(), incident=incident, ticket=ticket, by=viewer(), now=now, today=today()
        )
        sent.message = f"{action.ref} is promised." + (" Its ticket is on the way." if ticket else "")
        sent.to = back_or(form.back.data, otherwise=url_for("actions.show", ref=action.ref))
    if ticket is not None:
        wake("sync.push")
    return moved_on(sent.message, to=sent.to)


@blueprint.get("/actions/wording")
@allow(Role.RESPONDER)
def wording() -> str:
    """What a careful colleague would ask about the title or the definition of done, as just typed; a fragment."""
    done_when = request.args.get("done_when")
    asked = title_questions(request.args.get("title", "")) if done_when is None else done_questions(done_when)
    return page("actions/_wording.html", questions=asked)


@blueprint.get("/actions/<ref:ref>/edit")
@allow(Role.RESPONDER)
def edit(ref: str, form: EditActionForm | None = None, stale: StaleWriteError | None = None) -> str:
    action = get_action(ref, viewer=viewer())
    names = queries.names() if stale else None
    clashes = differences(form.draft(), draft_of(action), names=names) if form and names else []
    if form is None:
        form = EditActionForm()
        form.show(action)
    _offer_people(form, incident_ids=queries.incident_ids_of(action), owner=action.owner)
    return page("actions/edit.html", form=form, action=action, stale=stale, clashes=clashes, **_hints())


@blueprint.post("/actions/<ref:ref>/edit")
@allow(Role.RESPONDER)
@reshow(edit)
def update(ref: str) -> ResponseReturnValue:
    form = EditActionForm()
    form.check()
    try:
        with transaction():
            action = get_action(ref, viewer=viewer())
            operations.edit_action(
                action, form.draft(), version=form.version.data or 0, by=viewer(), now=clock.utcnow(), today=today()
            )
    except StaleWriteError as error:
        form.version.data, form.version.raw_data = error.their_version, None
        return edit(ref, form=form, stale=error), error.status
    wake("sync.push")
    return moved_on(f"{ref} is saved.", to=url_for("actions.show", ref=ref))


@blueprint.get("/incidents/<ref:ref>/actions")
@allow(Role.VIEWER)
def of_incident(ref: str) -> str:
    """The items of an incident with their live state: a fragment for its room, a small page for everybody."""
    incident = get_incident(ref, viewer=viewer())
    rows = queries.actions_of_incident(incident, viewer=viewer(), now=clock.utcnow())
    verified = sum(row.action.state is ActionState.VERIFIED for row in rows)
    template = "actions/_of_incident.html" if request.headers.get("HX-Request") else "actions/of_incident.html"
    return page(template, incident=incident, rows=rows, verified=verified)


def _filter_form(*, has_team: bool) -> FilterForm:
    form = FilterForm(formdata=request.args)
    form.offer(offered.people(), teams=queries.teams(), default_team="mine" if has_team else "")
    return form


def _whose(form: FilterForm, chosen: ActionFilter, *, has_team: bool) -> dict[str, Any]:
    """Whose items are shown, for a sentence that says so, and the ways to the others."""
    # The whole filter, for an address without any opens with the reader's teams.
    kept = {name: item.data for name, item in form._fields.items() if item.data} | {"view": request.args.get("view")}
    share = share_of_my_teams(chosen, viewer=viewer(), today=today()) if chosen.team == "mine" else None
    return {
        "chosen": chosen,
        "share": share,
        "has_team": has_team,
        "every_url": url_for("actions.index", **kept | {"team": ""}),
        "mine_url": url_for("actions.index", **kept | {"team": "mine"}),
    }


def _links() -> dict[str, Any]:
    """The same filter as a table, as a board, as a file and on another page."""
    kept: dict[str, Any] = {key: value for key, value in request.args.items() if key not in ("page", "view") and value}
    return {
        "table_url": url_for("actions.index", **kept),
        "board_url": url_for("actions.index", view="board", **kept),
        "csv_url": url_for("actions.export", **kept),
        "state_url": lambda group: url_for("actions.index", **kept | {"state": group}),
        "here": request.full_path.rstrip("?"),
        "page_url": lambda number: url_for("actions.index", page=number, **kept),
    }


def _page_number() -> int:
    number = request.args.get("page", default=1, type=int)
    return min(max(number, 1), LAST_PAGE)


def _incident_of(form: NewActionForm) -> Incident | None:
    """The incident that is named so far, when there is one that the reader may see."""
    try:
        return get_incident(form.incident.data or "", viewer=viewer())
    except NotFoundError:
        return None


def _offer_people(form: ActionForm, *, incident_ids: list[int], owner: Person | None = None) -> None:
    """The choices of owner and team; an owner who is not active any more stays choosable for their own item."""
    people = queries.possible_owners(incident_ids)
    if owner is not None and owner.id not in {key for key, _ in people}:
        people = [(owner.id, f"{owner.name} (not active)"), *people]
    form.owner_id.offer(people, blank="Nobody yet")
    form.team_id.offer(queries.teams(), blank="The team of the service")


def _hints() -> dict[str, Any]:
    return {"kind_hints": KIND_HINTS, "priority_hints": PRIORITY_HINTS}
