"""What is typed when an incident is declared, corrected, looked for."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from tracker import clock
from tracker.forms import Form, MomentField, choices, line, prose, trim
from tracker.incidents.filters import Filter
from tracker.incidents.operations import MOMENTS, DeclareDraft, EditDraft
from tracker.incidents.queries import Offered
from tracker.incidents.typed_times import FIRST_YEAR
from tracker.models import Incident, Person, Phase, Service, Severity

SEVERITY_HINTS = {
    "SEV1": "All or most users cannot work, or data is being lost.",
    "SEV2": "Many users, or an important part of the product, are affected.",
    "SEV3": "Some users notice; there is a way around it.",
    "SEV4": "Hardly anybody notices; worth writing down.",
}
CLOCKS_DIFFER = timedelta(minutes=1)
UNKNOWN, NOW, AT = "unknown", "now", "at"
WHEN = [SelectChoice(UNKNOWN, "Not known yet"), SelectChoice(NOW, "Just now"), SelectChoice(AT, "At this time")]
PRESENCES = [SelectChoice("", "Included"), SelectChoice("without", "Left out"), SelectChoice("only", "Alone")]
SEVERITIES = [SelectChoice(one.value, one.value) for one in Severity]
CHOOSE = "Choose one of the list."


class PickOne(SelectField):
    """One of a list, with words of ours when it is another."""

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError(CHOOSE) from error


class PickByButton(PickOne, RadioField):
    """The same as buttons, all to be seen at once."""


class CheckBoxes(SelectMultipleField):
    """Any number of choices, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, _form: Any) -> None:
        known = {option.data for option in self}
        unknown = [str(value) for value in self.data or [] if str(value) not in known]
        if unknown:
            raise ValidationError(f"There is no {', '.join(unknown)[:80]} to choose here. Choose from the list.")


def not_in_the_future(_form: Form, field: Any) -> None:
    if field.data is not None and field.data.year < FIRST_YEAR:
        raise ValidationError("That is too long ago to be right. Check the year.")
    moment = field.utc(_form.zone) if field.data else None
    if moment is not None and moment > clock.utcnow() + CLOCKS_DIFFER:
        raise ValidationError("That is in the future. Enter a time up to now.")


class MomentsForm(Form):
    """A form with moments, typed and shown in one time zone."""

    zone: ZoneInfo

    def __init__(self, *, zone: ZoneInfo, **options: Any) -> None:
        self.zone = zone
        super().__init__(**options)


def no_such_service(typed: str, offered: Offered) -> str:
    if offered.named:
        return f"Several services are called that. Write one of {', '.join(one.slug for one in offered.named)}."
    known = f"Did you mean {', '.join(offered.alike)}?" if offered.alike else "The page “Readiness” lists them all."
    return f"There is no service “{typed[:80]}”. {known}"


class DeclareForm(MomentsForm):
    offered: Offered
    title = line("What is wrong?", thing="a few words on what is wrong")
    severity = PickByButton(
        "How bad is it?",
        choices=SEVERITIES,
        default=Severity.SEV2.value,
        validators=[InputRequired("Choose how bad it is. Not sure? Take the worse one.")],
    )
    service = CheckBoxes("Where?")
    other_service = line("Another service", thing="its name", required=False)
    summary = prose("What do you know so far?", thing="what you know")
    alert_name = line("Alert that told you", thing="the alert", required=False)
    started = PickByButton("When did it start?", choices=WHEN, default=UNKNOWN)
    started_at = MomentField("Started at")
    detected = PickByButton("When was it noticed?", choices=WHEN, default=UNKNOWN)
    detected_at = MomentField("Noticed at")
    is_drill = BooleanField("This is a drill", description="Worked on like the real thing, in no figure.")
    is_private = BooleanField(
        "Keep it private", description="Only administrators and people named on it see it. You are named."
    )

    def offer(self, offered: Offered) -> "DeclareForm":
        self.offered = offered
        self.service.choices = [SelectChoice(service.slug, service.name) for service in offered.services]
        return self

    def validate_other_service(self, field: StringField) -> None:
        if field.data and len(self.offered.named) != 1:
            raise ValidationError(no_such_service(field.data, self.offered))

    def validate_started(self, field: RadioField) -> None:
        self._expect_time(field, self.started_at)

    def validate_detected(self, field: RadioField) -> None:
        self._expect_time(field, self.detected_at)

    def validate_started_at(self, field: MomentField) -> None:
        not_in_the_future(self, field)

    def validate_detected_at(self, field: MomentField) -> None:
        not_in_the_future(self, field)
        now = clock.utcnow()
        started, detected = self._moment("started", now), self._moment("detected", now)
        if started and detected and detected < started:
            raise ValidationError("That is before it started. Check both times.")

    def _expect_time(self, field: RadioField, typed: MomentField) -> None:
        is_typed = any(one.strip() for one in typed.raw_data or ())
        if field.data == AT and not is_typed:
            raise ValidationError("Enter the day and time, or choose “Not known yet”.")

    def _moment(self, name: str, now: datetime) -> datetime | None:
        picked, field = self[name].data, self[f"{name}_at"]
        if picked == NOW:
            return now
        if field.errors:
            return None
        # A time that was typed counts, whether or not its button was pressed too.
        return field.utc(self.zone) if picked == AT or field.data else None

    def draft(self, *, now: datetime) -> DeclareDraft:
        return DeclareDraft(
            title=self.title.data or "",
            severity=Severity(self.severity.data),
            services=tuple(dict.fromkeys([*(self.service.data or ()), *(one.slug for one in self.offered.named)])),
            summary=self.summary.data or "",
            alert_name=self.alert_name.data or "",
            started_at=self._moment("started", now),
            detected_at=self._moment("detected", now),
            is_drill=self.is_drill.data,
            is_private=self.is_private.data,
        )


class EditForm(MomentsForm):
    title = line("What is wrong?", thing="a few words on what is wrong")
    severity = PickOne("Severity", choices=SEVERITIES)
    service = CheckBoxes("Services")
    summary = prose("Summary", thing="what you know")
    alert_name = line("Alert that told us", thing="the alert", required=False)
    started_at = MomentField("Started")
    detected_at = MomentField("Noticed")
    triaged_at = MomentField("Triaged")
    stabilised_at = MomentField("Stabilised")
    resolved_at = MomentField("Resolved")
    verified_at = MomentField("Verified")
    closed_at = MomentField("Closed")
    is_drill = BooleanField("This is a drill", description="A drill is in no figure.")
    is_private = BooleanField("Keep it private", description="Only administrators and the people named here see it.")
    named_people = CheckBoxes("People who see it", coerce=int)
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    def offer(self, *, services: Iterable[Service], people: Iterable[Person]) -> "EditForm":
        self.service.choices = [SelectChoice(service.slug, service.name) for service in services]
        self.named_people.choices = [SelectChoice(str(person.id), person.name) for person in people]
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        future = {name: [not_in_the_future] for name in MOMENTS}
        return bool(super().validate(extra_validators={**future, **(extra_validators or {})}))

    def show(self, incident: Incident) -> "EditForm":
        """Fill in what is known."""
        for name in ("title", "summary", "alert_name", "is_drill", "is_private", "version"):
            self[name].data = getattr(incident, name)
        self.severity.data = incident.severity.value
        self.service.data = [service.slug for service in incident.services]
        self.named_people.data = [person.id for person in incident.named_people]
        for name in MOMENTS:
            self[name].show(getattr(incident, name), self.zone)
        return self

    def draft(self) -> EditDraft:
        return EditDraft(
            title=self.title.data or "",
            severity=Severity(self.severity.data),
            services=tuple(self.service.data or ()),
            summary=self.summary.data or "",
            alert_name=self.alert_name.data or "",
            is_drill=self.is_drill.data,
            is_private=self.is_private.data,
            named_people=tuple(self.named_people.data or ()),
            moments={name: self[name].utc(self.zone) for name in MOMENTS},
            version=self.version.data or 0,
        )


class FilterForm(Form):
    """Never refuses: what it does not know, it leaves out."""

    class Meta:
        csrf = False

    q = StringField("Search", filters=[trim])
    severity = PickOne("Severity", choices=[SelectChoice("", "Any"), *SEVERITIES])
    service = PickOne("Service", choices=[])
    phase = PickOne("Phase", choices=choices(Phase, blank="Any"))
    practice = PickOne("Drills", choices=PRESENCES)
    view = HiddenField(default="all")

    def offer(self, services: Iterable[Service]) -> "FilterForm":
        self.service.choices = [
            SelectChoice("", "Any"),
            *(SelectChoice(service.slug, service.name) for service in services),
        ]
        return self

    def draft(self) -> Filter:
        chosen = {name: self._known(name) for name in ("severity", "service", "phase", "practice")}
        view = "live" if self.view.data == "live" else "all"
        return Filter(q=(self.q.data or "")[:300], view=view, **chosen)

    def _known(self, name: str) -> str:
        field = self[name]
        return field.data if field.data in [choice.value for choice in field.choices] else ""
