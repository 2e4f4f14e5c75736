"""What is typed about runbooks."""

from collections.abc import Iterable

from wtforms import IntegerField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from tracker.forms import Form, PickField, line, prose
from tracker.models import Person, Runbook, Service
from tracker.readiness.operations import RunbookDraft


class RunbookForm(Form):
    title = line("What is it for?", thing="what it is for")
    text = prose("What to do", thing="what to do", required=True)
    service = SelectMultipleField(
        "For which services?", widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    owner_id = PickField("Who keeps it right?")
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def offer(self, services: Iterable[Service], *, people: Iterable[Person]) -> "RunbookForm":
        self.owner_id.offer(people, nothing="Nobody yet")
        self.service.choices = [SelectChoice(service.slug, service.name) for service in services]
        return self

    def show(self, runbook: Runbook) -> "RunbookForm":
        self.title.data, self.text.data, self.version.data = runbook.title, runbook.text, runbook.version
        self.owner_id.data = runbook.owner_id
        self.service.data = [service.slug for service in runbook.services]
        return self

    def draft(self) -> RunbookDraft:
        return RunbookDraft(
            self.title.data or "", self.text.data or "", tuple(self.service.data or ()), self.owner_id.data
        )


class UseForm(Form):
    runbook = IntegerField(widget=HiddenInput(), validators=[InputRequired("Choose one of the list.")])


class StepForm(Form):
    position = IntegerField(widget=HiddenInput(), validators=[InputRequired("Choose a step of the list.")])
    note = line("What did you see?", thing="what you saw", required=False)
