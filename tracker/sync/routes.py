"""The pages of trackers and of sync health. The tickets of an item are in ``ticket_routes``."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.forms import Form, reshow
from tracker.models import Role, Tracker
from tracker.pages import moved_on, page, viewer
from tracker.queue import wake
from tracker.security import allow
from tracker.sync import operations, queries, several_routes, ticket_routes
from tracker.sync.access import access_of_draft
from tracker.sync.blueprint import blueprint
from tracker.sync.checking import Mistake, mistake_in, try_tracker
from tracker.sync.following import routes as following_routes
from tracker.sync.forms import ButtonForm, EditTrackerForm, TrackerForm, site_of
from tracker.sync.hooks import routes as hook_routes
from tracker.sync.mappings import queries as mapping_queries
from tracker.sync.mappings import routes as mapping_routes
from tracker.sync.reading import operations as pull_operations
from tracker.sync.telling.trouble_queries import troubles, unsaid
from tracker.wiring import wiring

__all__ = ["blueprint", "following_routes", "hook_routes", "mapping_routes", "several_routes", "ticket_routes"]
SENTENCES_SHOWN = 5


@blueprint.get("/settings/trackers")
@allow(Role.ADMIN)
def index() -> str:
    return page("sync/index.html", trackers=queries.trackers(), unused=queries.unused_trackers())


@blueprint.get("/settings/trackers/new")
@allow(Role.ADMIN)
def new(form: Form | None = None) -> str:
    return page("sync/new.html", form=form or TrackerForm(formdata=None, site="github"))


@blueprint.post("/settings/trackers/new")
@allow(Role.ADMIN)
@reshow(new)
def add() -> ResponseReturnValue:
    form = TrackerForm()
    form.check()
    _try_access(form)
    with transaction():
        tracker = operations.add_tracker(form.draft(), vault=wiring().vault, by=viewer(), now=clock.utcnow())
        tracker_id, name = tracker.id, tracker.name
    wake("sync.pull")
    return _saved(tracker_id, f"{name} is connected.")


@blueprint.get("/settings/trackers/<int:tracker_id>/edit")
@allow(Role.ADMIN)
def edit(tracker_id: int, form: Form | None = None) -> str:
    tracker = queries.get_tracker(tracker_id)
    return page("sync/edit.html", tracker=tracker, site=site_of(tracker), form=form or _edit_form(tracker, is_new=True))


@blueprint.post("/settings/trackers/<int:tracker_id>/edit")
@allow(Role.ADMIN)
@reshow(edit)
def save(tracker_id: int) -> ResponseReturnValue:
    tracker = queries.get_tracker(tracker_id)
    form = _edit_form(tracker, is_new=False)
    form.check()
    _try_access(form, tracker=tracker)
    with transaction():
        tracker = queries.get_tracker(tracker_id)
        operations.edit_tracker(tracker, form.draft(), vault=wiring().vault, by=viewer(), now=clock.utcnow())
        name = tracker.name
    wake("sync.pull")
    wake("sync.push")
    return _saved(tracker_id, f"{name} is saved.")


@blueprint.post("/settings/trackers/<int:tracker_id>/check")
@allow(Role.ADMIN)
def check(tracker_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    tell_check(queries.get_tracker(tracker_id))
    return moved_on("", to=url_for("sync.index"))


@blueprint.post("/settings/trackers/<int:tracker_id>/off")
@allow(Role.ADMIN)
def switch_off(tracker_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        tracker = queries.get_tracker(tracker_id)
        operations.switch_off(tracker, by=viewer(), now=clock.utcnow())
        name = tracker.name
    return moved_on(f"{name} is switched off. Nothing is sent or read until it is on again.", to=url_for("sync.index"))


@blueprint.post("/settings/trackers/<int:tracker_id>/on")
@allow(Role.ADMIN)
def switch_on(tracker_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        tracker = queries.get_tracker(tracker_id)
        operations.switch_on(tracker, by=viewer(), now=clock.utcnow())
        name = tracker.name
    wake("sync.push")
    wake("sync.pull")
    return moved_on(f"{name} is on again.", to=url_for("sync.index"))


@blueprint.post("/settings/trackers/<int:tracker_id>/remove")
@allow(Role.ADMIN)
def remove(tracker_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        tracker = queries.get_tracker(tracker_id)
        name = tracker.name
        operations.remove_tracker(tracker, by=viewer(), now=clock.utcnow())
    return moved_on(f"{name} is removed. It had no tickets of ours.", to=url_for("sync.index"))


@blueprint.get("/settings/sync")
@allow(Role.ADMIN)
def health() -> str:
    now = clock.utcnow()
    return page(
        "sync/health.html",
        trackers=queries.health(viewer=viewer(), now=now),
        troubles=troubles(viewer=viewer()),
        unsaid=unsaid(viewer=viewer()),
        lacking=mapping_queries.lacking_mappings(),
    )


@blueprint.post("/settings/sync/<int:tracker_id>/now")
@allow(Role.ADMIN)
def sync_now(tracker_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        tracker = queries.get_tracker(tracker_id)
        operations.hurry(tracker, now=clock.utcnow())
        pull_operations.ask_for_everything(tracker)
        name = tracker.name
    wake("sync.push")
    wake("sync.pull")
    return moved_on(f"{name} is being read. Look again in a moment.", to=url_for("sync.health"))


def _try_access(form: EditTrackerForm, *, tracker: Tracker | None = None) -> None:
    """Ask whether a new address or new credentials let us in, before they are kept.

    Raises:
        InvalidForm: they do not; the sentence stands beside the field.
        RuleError: the stored token would go to another place.
    """
    draft = form.draft()
    if tracker is not None:
        operations.check_place(tracker, draft)
        if not draft.token and draft.email == tracker.email:
            return
    is_known_place = tracker is not None and draft.url == tracker.url
    found = mistake_in(access_of_draft(draft, tracker=tracker), name=draft.name)
    if found is not None and not (is_known_place and found[0] is Mistake.ADDRESS):  # it may be away for a while
        form.refuse(*found)


def _saved(tracker_id: int, message: str) -> ResponseReturnValue:
    """On to the list, or back to the fields while something is still missing there."""
    flash(message, "success")
    is_healthy = tell_check(queries.get_tracker(tracker_id))
    return moved_on("", to=url_for("sync.index") if is_healthy else url_for("sync.edit", tracker_id=tracker_id))


def tell_check(tracker: Tracker) -> bool:
    """Try the tracker and say on the next page what came of it; outside any transaction, as it takes a while."""
    name = tracker.name
    finding = try_tracker(tracker)
    if finding.is_healthy:
        flash(f"{name} answers: we are {finding.account} there, and nothing is missing.", "success")
    for sentence in finding.problems[:SENTENCES_SHOWN]:
        flash(f"{name}: {sentence[:500]}", "warning")
    return finding.is_healthy


def _edit_form(tracker: Tracker, *, is_new: bool) -> EditTrackerForm:
    shown = {
        "name": tracker.name,
        "url": tracker.url,
        "email": tracker.email,
        "default_target": tracker.default_target,
    }
    form = EditTrackerForm(formdata=None, **shown) if is_new else EditTrackerForm()
    form.site_kept = site_of(tracker)
    return form
