"""Paste a timeline: the lines, then how each was understood, then onto the timeline of the incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import Optional, ValidationError

from tracker import clock, words
from tracker.db import transaction
from tracker.errors import RuleError
from tracker.forms import Form, chosen_or_not, line, prose, reshow
from tracker.lookup import get_incident
from tracker.models import EntryKind, Incident, Role
from tracker.pages import came_from, moved_on, page, viewer, zone
from tracker.security import allow
from tracker.sent_forms import sent_once
from tracker.transfer.paste_operations import add_pasted, known_entries
from tracker.transfer.pasting import PastedEntry, Reading, read_pasted
from tracker.zones import zone_named

blueprint = Blueprint("timeline", __name__, url_prefix="/incidents")
ORDERS = (
    SelectChoice("", "As the text tells"),
    SelectChoice("day", "Day first: 10/11 is 10 November"),
    SelectChoice("month", "Month first: 10/11 is October 11"),
)


class PasteForm(Form):
    lines = prose("Lines", thing="the lines of the timeline", required=True)
    on = DateField("Day, where the lines have only times", validators=[Optional()])
    zone = line("Time zone of the lines", thing="a time zone", required=False)
    order = RadioField("Dates such as 10/11", choices=ORDERS, default="", validators=[chosen_or_not()])

    def validate_zone(self, field: RadioField) -> None:
        if field.data and zone_named(field.data) is None:
            raise ValidationError("Write a time zone like Europe/Copenhagen or UTC+2.")

    def reading(self) -> Reading:
        day_first = {"day": True, "month": False}.get(self.order.data or "")
        return Reading(on=self.on.data, zone=self.zone.data or "", day_first=day_first)


@blueprint.get("/<ref:ref>/timeline/paste")
@allow(Role.RESPONDER)
def paste(ref: str, form: PasteForm | None = None) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    return _page(incident, form or _empty_form(incident), entries=())


def _empty_form(incident: Incident) -> PasteForm:
    """The day of the incident and the reader's zone are offered, in plain sight, and can be changed."""
    began = incident.started_at or incident.dated_at
    day = began.astimezone(zone()).date() if began else None
    return PasteForm(formdata=None, data={"on": day, "zone": zone().key})


def _page(incident: Incident, form: PasteForm, *, entries: Sequence[PastedEntry]) -> str:
    return page(
        "transfer/paste.html",
        incident=incident,
        form=form,
        entries=entries,
        kinds=tuple(EntryKind),
        back=_back(incident),
    )


def _back(incident: Incident) -> str:
    return came_from(otherwise=url_for("incidents.show", ref=incident.ref) + "#timeline-part")


@blueprint.post("/<ref:ref>/timeline/paste")
@allow(Role.RESPONDER)
@reshow(paste)
def look(ref: str) -> ResponseReturnValue:
    """How the lines are understood. Nothing is saved."""
    form = PasteForm()
    form.check()
    incident = get_incident(ref, viewer=viewer())
    entries = _read(incident, form)
    if not entries:
        raise RuleError("There is nothing in it that could be an entry.")
    return _page(incident, form, entries=entries)


def _read(incident: Incident, form: PasteForm) -> tuple[PastedEntry, ...]:
    known = known_entries(incident)
    return read_pasted(form.lines.data or "", reading=form.reading(), known=known, now=clock.utcnow())


@blueprint.post("/<ref:ref>/timeline/paste/add")
@allow(Role.RESPONDER)
@reshow(paste)
def add(ref: str) -> ResponseReturnValue:
    """The chosen entries, each with the kind that was chosen for it."""
    form = PasteForm()
    form.check()
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        incident = get_incident(ref, viewer=viewer())
        chosen = [
            _with_kind(one, number) for number, one in enumerate(_read(incident, form), 1) if _is_taken(one, number)
        ]
        if not chosen:
            raise RuleError("Tick the lines to add.")
        count = add_pasted(incident, chosen, by=viewer(), now=now)
        sent.message, sent.to = f"{words.count(count, 'entry', 'entries')} added to the timeline.", _back(incident)
    return moved_on(sent.message, to=sent.to)


def _is_taken(entry: PastedEntry, number: int) -> bool:
    return not entry.is_future and str(number) in request.form.getlist("take")


def _with_kind(entry: PastedEntry, number: int) -> PastedEntry:
    kinds = {kind.value: kind for kind in EntryKind}
    return replace(entry, kind=kinds.get(request.form.get(f"kind-{number}", ""), entry.kind))
