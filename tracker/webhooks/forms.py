"""What administrators type about a webhook."""

from wtforms import IntegerField, SelectMultipleField, StringField
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from tracker.clients.addresses import check_form
from tracker.clients.failures import AddressRefused
from tracker.forms import Form, choice, line
from tracker.models import HookEvent
from tracker.webhooks.operations import WebhookDraft

IN_WORDS = {
    HookEvent.INCIDENT_DECLARED: "An incident is declared",
    HookEvent.INCIDENT_PHASE: "An incident goes into another phase",
    HookEvent.POSTMORTEM_STATE: "A postmortem goes into review, is published or skipped",
    HookEvent.ITEM_CREATED: "An action item is written down",
    HookEvent.ITEM_STATE: "An action item changes its state",
    HookEvent.RECURRENCE_FOUND: "An incident looks like an earlier one",
    HookEvent.RECURRENCE_DECIDED: "Somebody decides about a recurrence",
    HookEvent.TEST: "A test",
}


class WebhookForm(Form):
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    name = line("Name", thing="a name", description="Such as “chat” or “deploy pipeline”.")
    url = line("Address", thing="an address", description="Where we post to, such as https://example.com/hooks.")
    events = SelectMultipleField(
        "Tell it when",
        choices=[choice(event.value, words) for event, words in IN_WORDS.items() if event is not HookEvent.TEST],
        description="Nothing chosen: all of these.",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def validate_url(self, field: StringField) -> None:
        try:
            check_form(field.data or "")
        except AddressRefused as error:
            raise ValidationError("Enter a web address that begins with https:// and holds no password.") from error

    def draft(self) -> WebhookDraft:
        events = tuple(HookEvent(value) for value in self.events.data or [])
        return WebhookDraft(name=self.name.data or "", url=self.url.data or "", events=events)


class ButtonForm(Form):
    """A single button: nothing is typed."""
