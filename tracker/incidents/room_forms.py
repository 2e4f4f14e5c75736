"""What is typed in the room: timeline entries, phases, updates, roles."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from tracker import clock
from tracker.forms import PROSE, Form, MomentField, choice, choices, line, prose, trim
from tracker.incidents.check_operations import TickDraft
from tracker.incidents.forms import CLOCKS_DIFFER, CheckBoxes, MomentsForm, PickOne, not_in_the_future
from tracker.incidents.moment_operations import MARKS, MarkDraft
from tracker.incidents.next_steps import RESOLVED_MEANS
from tracker.incidents.phase_operations import SENTENCES, PhaseDraft, ResolveDraft
from tracker.incidents.room_operations import RoleDraft, UpdateDraft
from tracker.incidents.timeline_operations import CorrectionDraft, EntryDraft
from tracker.incidents.typed_times import read_line
from tracker.models import Audience, EntryKind, IncidentRole, Phase, TimelineEntry

TOO_LONG = Length(max=PROSE, message=f"That is too long: use at most {PROSE:,} characters.")

QUIET_TIMES = [
    SelectChoice("15", "15 minutes"),
    SelectChoice("60", "1 hour"),
    SelectChoice("240", "4 hours"),
    SelectChoice("1440", "1 day"),
    SelectChoice("4320", "3 days"),
]
"""Minutes without trouble after which somebody is asked to verify that it stayed quiet."""


class EntryForm(MomentsForm):
    text = StringField(
        "What happened?",
        id="entry-text",
        filters=[trim],
        validators=[DataRequired("Write what happened, then send it."), TOO_LONG],
    )
    kind = PickOne(
        "Kind",
        id="entry-kind",
        choices=choices(EntryKind),
        default=EntryKind.EVENT.value,
    )
    at = MomentField("When, if not now", id="entry-at")

    def validate_text(self, field: StringField) -> None:
        at = read_line(field.data or "", now=clock.utcnow(), zone=self.zone).at
        if at is not None and at > clock.utcnow() + CLOCKS_DIFFER:
            raise ValidationError("That time is in the future. The timeline says what has happened.")

    def validate_at(self, field: MomentField) -> None:
        not_in_the_future(self, field)

    def draft(self, *, now: datetime) -> EntryDraft:
        """A time in its own field counts before one in the text. ``now`` is when it was written."""
        kind = EntryKind(self.kind.data)
        if self.at.data:
            return EntryDraft(text=self.text.data or "", kind=kind, at=self.at.utc(self.zone))
        typed = read_line(self.text.data or "", now=now, zone=self.zone)
        return EntryDraft(text=typed.text, kind=kind, at=typed.at or now)


class CorrectionForm(MomentsForm):
    text = prose("What happened?", thing="what happened", required=True)
    kind = PickOne("Kind", choices=choices(EntryKind))
    at = MomentField("When")
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    def validate_at(self, field: MomentField) -> None:
        not_in_the_future(self, field)

    def show(self, entry: TimelineEntry) -> "CorrectionForm":
        self.text.data, self.kind.data, self.version.data = entry.text, entry.kind.value, entry.version
        self.at.show(entry.at, self.zone)
        return self

    def draft(self) -> CorrectionDraft:
        return CorrectionDraft(
            text=self.text.data or "",
            kind=EntryKind(self.kind.data),
            at=self.at.utc(self.zone),
            version=self.version.data or 0,
        )


class MarkForm(Form):
    """Two kinds of buttons: this entry is when it was detected; it is not."""

    moment = HiddenField()
    not_moment = HiddenField()
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    def validate_moment(self, _field: HiddenField) -> None:
        if self._said() not in MARKS:
            raise ValidationError("Choose which moment it was.")

    def _said(self) -> str:
        return self.moment.data or self.not_moment.data or ""

    def draft(self) -> MarkDraft:
        return MarkDraft(self._said(), version=self.version.data or 0, is_taken_away=not self.moment.data)


class StarForm(Form):
    is_starred = BooleanField()


class PhaseForm(Form):
    to = HiddenField(id="phase-to")
    note = line("A few words", thing="a few words", required=False, id="phase-note")

    def validate_to(self, field: HiddenField) -> None:
        if field.data not in [phase.value for phase in SENTENCES]:
            raise ValidationError("There is no such phase. Reload the page, then choose one of the buttons.")

    def draft(self) -> PhaseDraft:
        return PhaseDraft(to=Phase(self.to.data or ""), note=self.note.data or "")


class ResolveForm(Form):
    ticked = CheckBoxes(
        "Resolved means", choices=[SelectChoice(one, one[:1].upper() + one[1:] + ".") for one in RESOLVED_MEANS]
    )
    reason = line("Not all four? Say why it is resolved", thing="a reason", required=False, id="resolve-reason")
    quiet = PickOne("Then watch it for", id="resolve-quiet", choices=QUIET_TIMES, default="60")

    def draft(self) -> ResolveDraft:
        return ResolveDraft(
            ticked=tuple(self.ticked.data or ()),
            reason=self.reason.data or "",
            quiet=timedelta(minutes=int(self.quiet.data)),
        )


class ReopenForm(Form):
    reason = line("What is still wrong?", thing="what is still wrong", id="reopen-reason")


class TickForm(Form):
    key = HiddenField(id="check-key")
    note = line("What did you find?", thing="what you found", required=False, id="check-note")

    def draft(self) -> TickDraft:
        return TickDraft(key=self.key.data or "", note=self.note.data or "")


class UpdateForm(Form):
    audience = PickOne("To", id="update-audience", choices=choices(Audience))
    text = prose("Update", thing="what they should know", required=True, id="update-text")

    def draft(self) -> UpdateDraft:
        return UpdateDraft(audience=Audience(self.audience.data), text=self.text.data or "")


class PickPerson(PickOne):
    """Somebody who may hold a role; who was switched off meanwhile, or reads only, is none of them."""

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError("That person is no longer here, or can only read. Choose somebody else.") from error


class RoleForm(Form):
    role = PickOne("Role", id="role-role", choices=choices(IncidentRole))
    person = PickPerson("To whom", id="role-person", choices=[])
    note = prose("Note", thing="a note", id="role-note")  # of several lines: Enter must choose nobody
    instead_of = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def offer(self, people: Iterable[Any]) -> "RoleForm":
        """``people`` are rows with ``id`` and ``name``."""
        self.person.choices = [SelectChoice("", "Nobody"), *(choice(str(key), name) for key, name in people)]
        return self

    def draft(self) -> RoleDraft:
        chosen = int(self.person.data) if self.person.data else None
        return RoleDraft(
            role=IncidentRole(self.role.data),
            person_id=chosen,
            note=self.note.data or "",
            instead_of=self.instead_of.data,
        )
