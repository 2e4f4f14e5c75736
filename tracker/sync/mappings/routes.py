"""Who our people are in a tracker, and what new tickets are filled with there: two settings pages."""

from collections.abc import Sequence

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.clients.failures import ClientError, Refused
from tracker.clients.tickets import RemotePerson, TicketClient, TicketField
from tracker.db import transaction
from tracker.errors import RuleError
from tracker.forms import Form, InvalidForm, reshow
from tracker.models import Role, Tracker, TrackerKind
from tracker.pages import moved_on, page, viewer
from tracker.queue import wake
from tracker.security import allow
from tracker.sync import queries
from tracker.sync.blueprint import blueprint
from tracker.sync.checking import ask
from tracker.sync.forms import ButtonForm
from tracker.sync.mappings import operations as mapping_operations
from tracker.sync.mappings import queries as mapping_queries
from tracker.sync.mappings.field_values import Filled
from tracker.sync.mappings.forms import AccountForm, MappingForm, SearchForm, shown_in_form
from tracker.sync.mappings.operations import MappingDraft

NO_TARGET = "Give the tracker a default repository or project first: people are looked for there."


@blueprint.get("/settings/trackers/<int:tracker_id>/people")
@allow(Role.ADMIN)
def people(tracker_id: int) -> str:
    tracker = queries.get_tracker(tracker_id)
    return page("sync/people.html", tracker=tracker, people=mapping_queries.people_of(tracker))


@blueprint.get("/settings/trackers/<int:tracker_id>/people/<int:person_id>")
@allow(Role.ADMIN)
def find_account(tracker_id: int, person_id: int, form: Form | None = None) -> str:
    """Whoever is found is a suggestion: an administrator says which one it is."""
    tracker, person = queries.get_tracker(tracker_id), mapping_queries.get_person(person_id)
    words = " ".join(request.values.get("words", "").split())[:200]
    found, problem = _suggested(tracker, words or person.email)
    shown = {one.person.id: one for one in mapping_queries.people_of(queries.get_tracker(tracker_id))}.get(person_id)
    return page(
        "sync/find_account.html",
        tracker=queries.get_tracker(tracker_id),
        person=mapping_queries.get_person(person_id),
        account=shown.account if shown else None,
        found=found,
        problem=problem,
        words=words or person.email,
        search=SearchForm(formdata=None, words=words),
        form=form or AccountForm(formdata=None),
    )


@blueprint.post("/settings/trackers/<int:tracker_id>/people/<int:person_id>")
@allow(Role.ADMIN)
@reshow(find_account)
def confirm_account(tracker_id: int, person_id: int) -> ResponseReturnValue:
    form = AccountForm()
    form.check()
    found = _look_for(queries.get_tracker(tracker_id), form.words.data or "")
    chosen = next((one for one in found if one.name == form.name.data), None)
    if chosen is None:
        raise RuleError("That account is not found there any more. Look again.")
    with transaction():
        tracker, person = queries.get_tracker(tracker_id), mapping_queries.get_person(person_id)
        mapping_operations.confirm_account(tracker, person, chosen, by=viewer(), now=clock.utcnow())
        message = f"{person.name} is {chosen.shown} in {tracker.name}."
    wake("sync.push")
    return moved_on(message, to=url_for("sync.people", tracker_id=tracker_id))


@blueprint.post("/settings/trackers/<int:tracker_id>/people/<int:person_id>/forget")
@allow(Role.ADMIN)
def forget_account(tracker_id: int, person_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        tracker, person = queries.get_tracker(tracker_id), mapping_queries.get_person(person_id)
        mapping_operations.forget_account(tracker, person, by=viewer(), now=clock.utcnow())
        message = f"New tickets of {person.name} in {tracker.name} have no assignee from now on."
    return moved_on(message, to=url_for("sync.people", tracker_id=tracker_id))


@blueprint.get("/settings/trackers/<int:tracker_id>/fields")
@allow(Role.ADMIN)
def fields(tracker_id: int) -> str:
    tracker = queries.get_tracker(tracker_id)
    return page("sync/fields.html", tracker=tracker, mappings=mapping_queries.mappings_of(tracker))


@blueprint.get("/settings/trackers/<int:tracker_id>/fields/new")
@allow(Role.ADMIN)
def new_mapping(tracker_id: int, form: Form | None = None) -> str:
    tracker = queries.get_tracker(tracker_id)
    shown = form or MappingForm(formdata=None, target=tracker.default_target)
    return page("sync/mapping.html", tracker=tracker, mapping=None, form=shown)


@blueprint.post("/settings/trackers/<int:tracker_id>/fields/new")
@allow(Role.ADMIN)
@reshow(new_mapping)
def add_mapping(tracker_id: int) -> ResponseReturnValue:
    return _save(tracker_id)


@blueprint.get("/settings/trackers/<int:tracker_id>/fields/<int:mapping_id>")
@allow(Role.ADMIN)
def edit_mapping(tracker_id: int, mapping_id: int, form: Form | None = None) -> str:
    tracker = queries.get_tracker(tracker_id)
    mapping = mapping_operations.get_mapping(mapping_id, tracker=tracker)
    shown = form or MappingForm(formdata=None, **shown_in_form(mapping))
    return page("sync/mapping.html", tracker=tracker, mapping=mapping, form=shown)


@blueprint.post("/settings/trackers/<int:tracker_id>/fields/<int:mapping_id>")
@allow(Role.ADMIN)
@reshow(edit_mapping)
def save_mapping(tracker_id: int, mapping_id: int) -> ResponseReturnValue:
    mapping = mapping_operations.get_mapping(mapping_id, tracker=queries.get_tracker(tracker_id))
    return _save(tracker_id, target=mapping.target)


@blueprint.post("/settings/trackers/<int:tracker_id>/fields/<int:mapping_id>/remove")
@allow(Role.ADMIN)
def remove_mapping(tracker_id: int, mapping_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        mapping = mapping_operations.get_mapping(mapping_id, tracker=queries.get_tracker(tracker_id))
        target = mapping.target
        mapping_operations.remove_mapping(mapping, by=viewer(), now=clock.utcnow())
    message = f"New tickets of {target} get a title, a text and our label, and nothing else."
    return moved_on(message, to=url_for("sync.fields", tracker_id=tracker_id))


def _save(tracker_id: int, *, target: str = "") -> ResponseReturnValue:
    """Check with the tracker that nothing is missing, then keep it. A stored mapping keeps its ``target``."""
    tracker = queries.get_tracker(tracker_id)
    form = MappingForm()
    form.tracker_kind = tracker.kind
    if target:
        form.target.data = target
    form.check()
    given = _checked(form, tracker)
    with transaction():
        tracker = queries.get_tracker(tracker_id)
        mapping_operations.save_mapping(tracker, form.draft(), given=given, by=viewer(), now=clock.utcnow())
    message = f"Saved. New tickets of {form.target.data} are filled so."
    return moved_on(message, to=url_for("sync.fields", tracker_id=tracker_id))


def _checked(form: MappingForm, tracker: Tracker) -> list[Filled]:
    """The fields as the tracker takes them; what it has against them stands beside the field.

    Raises:
        InvalidForm: something is missing, or is none of the tracker's.
    """
    draft: MappingDraft = form.draft()
    try:
        if tracker.kind is not TrackerKind.JIRA:
            _check_repository(tracker, draft)
            return []
        known = ask(tracker, lambda client: _fields_of(client, draft))
        return mapping_operations.checked_fields(draft, tracker=queries.get_tracker(tracker.id), fields=known)
    except RuleError as error:
        form.refuse(str(error), part=error.about or "fields")
        raise InvalidForm(form) from error


def _check_repository(tracker: Tracker, draft: MappingDraft) -> None:
    """Issues have no fields that could be missing: there is the repository itself, and the type."""
    try:
        problems = ask(tracker, lambda client: client.check(targets=[draft.target])).problems
    except RuleError as error:
        raise RuleError(str(error), about="target") from error
    if problems:
        raise RuleError(problems[0], about="target")
    ask(tracker, lambda client: _fields_of(client, draft))


def _fields_of(client: TicketClient, draft: MappingDraft) -> Sequence[TicketField]:
    """
    Raises:
        RuleError: there is no such project or issue type, or it could not be asked for.
    """
    try:
        return client.fields(draft.target, kind=draft.kind)
    except ClientError as error:
        raise RuleError(error.message, about="kind" if isinstance(error, Refused) else "target") from error


def _suggested(tracker: Tracker, words: str) -> tuple[list[RemotePerson], str]:
    """Who was found, or why nobody could be looked for."""
    try:
        return _look_for(tracker, words), ""
    except RuleError as error:
        return [], str(error)


def _look_for(tracker: Tracker, words: str) -> list[RemotePerson]:
    target = tracker.default_target
    if not target:
        raise RuleError(NO_TARGET)
    return list(ask(tracker, lambda client: client.people(target, words=words)))
