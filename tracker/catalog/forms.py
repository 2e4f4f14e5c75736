"""What is typed about services and teams."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from wtforms import IntegerField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from tracker.catalog.operations import ServiceDraft, TeamDraft, check_target
from tracker.deadlines import MOST_BEFORE, REMINDER_DAYS
from tracker.errors import RuleError
from tracker.forms import Form, PickField, ZoneField, line, prose
from tracker.models import Person, Service, Team, Tracker, TrackerKind


def version_field() -> IntegerField:
    """Which version the form was filled from; empty for something new."""
    return IntegerField(widget=HiddenInput(), validators=[Optional()])


LATEST = 90


def days_field(label: str, *, first: int, last: int) -> IntegerField:
    sentence = f"Choose a number of days from {first} to {last}."
    return IntegerField(label, validators=[InputRequired(sentence), NumberRange(min=first, max=last, message=sentence)])


class ServiceForm(Form):
    version = version_field()
    name = line("Name", thing="the name of the service")
    description = prose("What it does", thing="what it does")
    team_id = PickField("Team")
    owner_id = PickField("Owner")
    escalation_contact = line(
        "Escalation contact",
        thing="a contact",
        required=False,
        description="Who answers at night, and how: a rota, a phone number, a channel.",
    )
    tracker_id = PickField("Tracker for its action items")
    ticket_target = line(
        "Repository or project",
        thing="a repository or project",
        required=False,
        description="owner/name in GitHub, the project's key in Jira. Empty: the tracker's own default.",
    )

    kinds: Mapping[int, TrackerKind] = MappingProxyType({})
    """Of the trackers that are offered."""

    def offer(self, *, people: Iterable[Person], teams: Iterable[Team], trackers: Sequence[Tracker]) -> "ServiceForm":
        self.team_id.offer(teams, nothing="No team yet")
        self.owner_id.offer(people, nothing="Nobody yet")
        self.tracker_id.offer(trackers, nothing="None in particular")
        self.kinds = {tracker.id: tracker.kind for tracker in trackers}
        return self

    def validate_ticket_target(self, field: Any) -> None:
        if self.tracker_id.errors:
            return
        try:
            check_target(field.data or "", kind=self.kinds.get(self.tracker_id.data))
        except RuleError as error:
            raise ValidationError(str(error)) from error

    def draft(self) -> ServiceDraft:
        return ServiceDraft(
            name=self.name.data or "",
            description=self.description.data or "",
            team_id=self.team_id.data,
            owner_id=self.owner_id.data,
            escalation_contact=self.escalation_contact.data or "",
            tracker_id=self.tracker_id.data,
            ticket_target=self.ticket_target.data or "",
        )


class TeamForm(Form):
    version = version_field()
    name = line("Name", thing="the name of the team")
    email = line("Address for its mail", thing="an address", required=False)
    lead_id = PickField("Lead")
    timezone = ZoneField(otherwise="the working days of its postmortems follow the clocks of this installation.")
    member_ids = SelectMultipleField(
        "Members", coerce=int, choices=[], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.email.validators = [
            Optional(),
            Length(max=254, message="That is too long for an address."),
            Email("Write an address like payments@example.com."),
        ]

    def offer(self, people: list[Person]) -> "TeamForm":
        self.lead_id.offer(people, nothing="Nobody yet")
        self.member_ids.choices = [SelectChoice(str(person.id), person.name) for person in people]
        return self

    def show(self, team: Team) -> "TeamForm":
        self.member_ids.data = [person.id for person in team.members]
        return self

    def draft(self) -> TeamDraft:
        return TeamDraft(
            name=self.name.data or "",
            email=self.email.data or None,
            lead_id=self.lead_id.data,
            timezone=self.timezone.data or None,
            member_ids=tuple(self.member_ids.data or ()),
        )


class ReminderDaysForm(Form):
    """When the items of a team are reminded of."""

    version = version_field()
    before = days_field("Days before it is due", first=0, last=MOST_BEFORE)
    lead = days_field("Days past due until the team’s lead hears of it", first=1, last=LATEST)
    owner = days_field("Days past due until the service’s owner hears of it", first=1, last=LATEST)

    def show(self, team: Team) -> "ReminderDaysForm":
        for name, days in (REMINDER_DAYS | team.reminder_days).items():
            self[name].data = days
        self.version.data = team.version
        return self

    def draft(self) -> dict[str, int]:
        return {name: self[name].data for name in REMINDER_DAYS}


def filled(service: Service | None) -> ServiceForm:
    """A form with what is known of the service; an empty one for a new service."""
    return ServiceForm(obj=service)
