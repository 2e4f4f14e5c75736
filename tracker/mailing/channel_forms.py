"""What is typed about a chat channel."""

from collections.abc import Iterable

from wtforms import IntegerField, PasswordField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from tracker.channels import CHANNEL_KINDS
from tracker.forms import Form, line, trim
from tracker.mailing.channel_operations import ChannelDraft
from tracker.models import Channel, MessageKind, Team

KIND_NAMES = {
    MessageKind.RECURRENCE_ALERT: "Recurrence alerts: an incident looks like an earlier one",
    MessageKind.WEEKLY_REPORT: "The weekly follow-through report, on Monday at nine",
    MessageKind.REMINDER: "Reminders: items that fall due or age, once a working day, and late updates",
    MessageKind.INCIDENT_UPDATE: "Updates of live incidents, as soon as they are sent",
}
"""Each of ``CHANNEL_KINDS``, as it is offered."""


class EditChannelForm(Form):
    """A channel that is there already: an empty address keeps the stored one."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    name = line("Name", thing="a name", description="As people call it, for example #payments.")
    secret_address = PasswordField(
        "Apprise address",
        validators=[Optional(), Length(max=2000, message="That is too long for an address.")],
        filters=[trim],
        description="It is kept sealed and never shown again.",
    )
    team_id = SelectField("It is told of", coerce=int)
    kinds = SelectMultipleField(
        "What it gets",
        validators=[DataRequired("Choose at least one kind of message.")],
        choices=[SelectChoice(kind.value, KIND_NAMES[kind]) for kind in CHANNEL_KINDS],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def offer(self, teams: Iterable[Team]) -> "EditChannelForm":
        self.team_id.choices = [SelectChoice(0, "All teams"), *(SelectChoice(team.id, team.name) for team in teams)]
        return self

    def show(self, channel: Channel) -> "EditChannelForm":
        self.version.data, self.name.data = channel.version, channel.name
        self.team_id.data, self.kinds.data = channel.team_id or 0, list(channel.kinds)
        return self

    def draft(self) -> ChannelDraft:
        return ChannelDraft(
            name=self.name.data or "",
            address=self.secret_address.data or "",
            team_id=self.team_id.data or None,
            kinds=tuple(MessageKind(value) for value in self.kinds.data or ()),
        )


class ChannelForm(EditChannelForm):
    """A new one."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.secret_address.flags.optional = False
        self.secret_address.validators = [
            DataRequired("Enter the address that the chat service gave you."),
            Length(max=2000),
        ]
        if not self.is_submitted() and not self.kinds.data:
            self.kinds.data = [kind.value for kind in CHANNEL_KINDS]
