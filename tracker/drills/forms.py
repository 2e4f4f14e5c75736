"""What is typed about drills."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from tracker.drills.inject_operations import BY_HAND
from tracker.drills.operations import DrillDraft, draft_of
from tracker.drills.replay import InjectDraft
from tracker.forms import Form, PickField, choice, choices, line, prose
from tracker.models import Drill, DrillInject, IncidentRole, Person, Service, Severity

LONGEST = 480
"""Minutes of a drill: a working day."""
USUAL = 60
ROLE_FIELDS = {
    IncidentRole.COMMANDER: "commander_id",
    IncidentRole.TECHNICAL_LEAD: "technical_lead_id",
    IncidentRole.COMMUNICATIONS_LEAD: "communications_lead_id",
    IncidentRole.SCRIBE: "scribe_id",
}


def version_field(**options: Any) -> IntegerField:
    """Which version the form was filled from; empty for something new."""
    return IntegerField(widget=HiddenInput(), validators=[Optional()], **options)


def minutes_field(label: str, *, first: int) -> IntegerField:
    sentence = f"Choose a number of minutes from {first} to {LONGEST}."
    limits = [InputRequired(sentence), NumberRange(min=first, max=LONGEST, message=sentence)]
    return IntegerField(label, validators=limits)


class CheckBoxes(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ReplayForm(Form):
    """Which past incident is to happen again, and how fast; asked with GET."""

    replay = SelectField("What happens", id="past", choices=[], validate_choice=False)
    minutes = IntegerField("In how many minutes", id="past-minutes", default=USUAL, validators=[Optional()])


class DrillForm(Form):
    version = version_field()
    replay = HiddenField()
    minutes = IntegerField(widget=HiddenInput(), default=USUAL, validators=[Optional(), NumberRange(1, LONGEST)])
    title = line("Name of the drill", thing="a name")
    severity = SelectField("Severity it looks like", choices=choices(Severity), coerce=Severity)
    planned_on = DateField("Day", validators=[Optional()])
    lead_id = PickField("Leads it, takes no part")
    service = CheckBoxes("Services")
    scenario = prose("What everybody knows when it begins", thing="the scenario")
    aim = prose("What it is to show", thing="what it is to show")
    commander_id = PickField("Incident commander")
    technical_lead_id = PickField("Technical lead")
    communications_lead_id = PickField("Communications lead")
    scribe_id = PickField("Scribe")
    others = CheckBoxes("Also take part", coerce=int)

    def offer(self, *, services: Iterable[Service], people: list[Person]) -> "DrillForm":
        self.service.choices = [choice(service.slug, service.name) for service in services]
        self.lead_id.offer(people, nothing="I do")
        for name in ROLE_FIELDS.values():
            self[name].offer(people, nothing="Nobody yet")
        self.others.choices = [choice(person.id, person.name) for person in people]
        return self

    def show(self, draft: DrillDraft) -> "DrillForm":
        self.title.data, self.severity.data, self.planned_on.data = draft.title, draft.severity, draft.planned_on
        self.scenario.data, self.aim.data, self.lead_id.data = draft.scenario, draft.aim, draft.lead_id
        self.service.data, self.others.data = list(draft.services), list(draft.others)
        for role, name in ROLE_FIELDS.items():
            self[name].data = draft.roles.get(role)
        return self

    def show_drill(self, drill: Drill) -> "DrillForm":
        self.version.data = drill.version
        return self.show(draft_of(drill))

    def draft(self) -> DrillDraft:
        held = {role: self[name].data for role, name in ROLE_FIELDS.items()}
        return DrillDraft(
            title=self.title.data or "",
            severity=self.severity.data,
            scenario=self.scenario.data or "",
            aim=self.aim.data or "",
            services=tuple(self.service.data or ()),
            planned_on=self.planned_on.data,
            lead_id=self.lead_id.data,
            roles={role: person_id for role, person_id in held.items() if person_id is not None},
            others=tuple(self.others.data or ()),
        )


class InjectForm(Form):
    version = version_field()
    minute = minutes_field("Minute", first=0)
    text = prose("What happens", thing="what happens", required=True)
    expected = prose("A good answer would be", thing="a good answer")
    is_held = BooleanField("Only when I give it", description="It is not shown at its minute.")

    def show(self, inject: DrillInject) -> "InjectForm":
        self.version.data, self.minute.data = inject.version, inject.minute
        self.text.data, self.expected.data = inject.text, inject.expected
        self.is_held.data = bool(inject.held_back)
        return self

    def draft(self, before: DrillInject | None = None) -> InjectDraft:
        """What was typed; why it is held back stays what it was."""
        why = (before.held_back if before else "") or BY_HAND
        return InjectDraft(
            minute=self.minute.data or 0,
            text=self.text.data or "",
            expected=self.expected.data or "",
            held_back=why if self.is_held.data else "",
        )


class TickForm(Form):
    seen = line("What did you do?", thing="what you did", required=False)


class ShowedForm(Form):
    version = version_field(id="showed-version")
    showed = prose("What did it show?", thing="what it showed")

    def show(self, drill: Drill) -> "ShowedForm":
        self.version.data, self.showed.data = drill.version, drill.showed
        return self


class GapForm(Form):
    gap = line("What was missing?", thing="what was missing")


class TestedForm(Form):
    """Whether an item held; which button was pressed says so."""

    seen = line("What did you see?", thing="what you saw")
    held = HiddenField()
