"""A family's page with its ledger; putting families together, taking them apart, and undoing either."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, lookup
from tracker.db import transaction
from tracker.errors import NotFoundError, RuleError
from tracker.forms import Form, reshow
from tracker.models import Incident, Person, Role
from tracker.pages import moved_on, page, today, viewer
from tracker.queue import wake
from tracker.recurrence import family_queries, queries, regrouping
from tracker.recurrence.blueprint import blueprint
from tracker.recurrence.family_forms import MergeForm, SplitForm
from tracker.recurrence.forms import ButtonForm
from tracker.recurrence.ledger import ledger
from tracker.recurrence.occurrences import strip_points
from tracker.recurrence.resembling import resembling
from tracker.security import allow


@blueprint.get("/families/<int(max=2147483647):family_id>")
@allow(Role.VIEWER)
def family(family_id: int, form: Form | None = None) -> str:
    incidents = family_queries.family_incidents(family_id, viewer=viewer())
    occurrences = family_queries.family_occurrences(incidents, today=today())
    split_form = form if isinstance(form, SplitForm) else SplitForm(formdata=None)
    split_form.offer(incidents)
    return page(
        "recurrence/family.html",
        family_id=family_id,
        occurrences=occurrences,
        entries=ledger(incidents, detected=family_queries.detection_of(incidents)),
        points=strip_points(occurrences),
        changes=family_queries.changes_about([one.id for one in incidents], viewer=viewer()),
        form=form or split_form,
        split_form=split_form,
        merge_form=form if isinstance(form, MergeForm) else MergeForm(formdata=None),
    )


@blueprint.post("/families/<int(max=2147483647):family_id>/merge")
@allow(Role.RESPONDER)
@reshow(family)
def merge(family_id: int) -> ResponseReturnValue:
    form = MergeForm()
    form.check()
    with transaction():
        members = family_queries.family_incidents(family_id, viewer=viewer())
        other = _named(form, viewer())
        nearest = min(members, key=lambda one: (abs(one.declared_at - other.declared_at), one.id))
        regrouping.merge(nearest, other, why=form.why(), by=viewer(), now=clock.utcnow())
        ref, to = other.ref, _family_of(other)
    wake("recurrence.alert")
    return moved_on(f"{ref} belongs to this family now.", to=to)


@blueprint.post("/families/<int(max=2147483647):family_id>/split")
@allow(Role.RESPONDER)
@reshow(family)
def split(family_id: int) -> ResponseReturnValue:
    form = SplitForm()
    form.offer(family_queries.family_incidents(family_id, viewer=viewer()))
    form.check()
    with transaction():
        members = family_queries.family_incidents(family_id, viewer=viewer())
        out = [one for one in members if one.ref in form.refs()]
        became = regrouping.split(family_id, out, why=form.why(), by=viewer(), now=clock.utcnow())
        refs, to = ", ".join(one.ref for one in out), _family_of(next(one for one in members if one not in out))
    wake("recurrence.alert")
    return moved_on(" ".join([f"Taken out of the family: {refs}.", *became]), to=to)


@blueprint.post("/families/changes/<int(max=2147483647):change_id>/undo")
@allow(Role.RESPONDER)
def undo_change(change_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        change = family_queries.get_change(change_id, viewer=viewer())
        incident = change.pairs[0].recurrence.earlier
        became = regrouping.undo(change, by=viewer(), now=clock.utcnow())
        to = _family_of(incident)
    wake("recurrence.alert")
    return moved_on(" ".join(["Undone: the families are as they were.", *became]), to=to)


@blueprint.get("/incidents/<ref:ref>/recurrences")
@allow(Role.VIEWER)
def of_incident(ref: str, form: MergeForm | None = None) -> str:
    incident = lookup.get_incident(ref, viewer=viewer())
    is_part = bool(request.headers.get("HX-Request"))
    pairs = queries.pairs_of(incident, viewer=viewer())
    shown = form if isinstance(form, MergeForm) else MergeForm(formdata=None)
    return page(
        "recurrence/_of_incident.html" if is_part else "recurrence/of_incident.html",
        incident=incident,
        pairs=pairs,
        stocks=queries.stocks(pairs, today=today()),
        compared=queries.comparison_of(incident),
        family_id=family_queries.find_family_id(incident.id, viewer=viewer()),
        changes=[] if is_part else family_queries.changes_about([incident.id], viewer=viewer()),
        similar=[] if is_part else resembling(incident, viewer=viewer(), decided={pair.earlier_id for pair in pairs}),
        form=shown,
    )


@blueprint.post("/incidents/<ref:ref>/recurrences/same")
@allow(Role.RESPONDER)
@reshow(of_incident)
def name_same(ref: str) -> ResponseReturnValue:
    """Somebody knows better than the comparison: this incident is the same as another."""
    form = MergeForm()
    form.check()
    with transaction():
        incident = lookup.get_incident(ref, viewer=viewer())
        other = _named(form, viewer())
        regrouping.merge(incident, other, why=form.why(), by=viewer(), now=clock.utcnow())
        said, to = f"{incident.ref} and {other.ref} are one family now.", _family_of(incident)
    wake("recurrence.alert")
    return moved_on(said, to=to)


def _named(form: MergeForm, person: Person) -> Incident:
    """The incident that was typed; what is hidden is answered like what is not there, beside the form."""
    try:
        return lookup.get_incident(form.ref(), viewer=person)
    except NotFoundError as error:
        raise RuleError(str(error)) from error


def _family_of(incident: Incident) -> str:
    """The address of an incident's family, or of what it looks like when it is in none that this reader may see."""
    family_id = family_queries.find_family_id(incident.id, viewer=viewer())
    if family_id is None:
        return url_for("recurrence.of_incident", ref=incident.ref)
    return url_for("recurrence.family", family_id=family_id)
