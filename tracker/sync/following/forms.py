"""The form of what is taken from a tracker's tickets and what is written to them."""

from dataclasses import replace
from typing import Any

from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, ValidationError

from tracker.clients.failures import Refused
from tracker.clients.jira_answers import target as jira_target
from tracker.errors import RuleError
from tracker.forms import Form, prose
from tracker.models import TicketState, Tracker
from tracker.sync.following.agreements import keeps_due_dates
from tracker.sync.following.directions import Directions, Reopened, directions_of

StateNames = dict[str, dict[str, str]]
MEANINGS = ", ".join(state.value for state in TicketState)


class FollowingForm(Form):
    """Both directions of one tracker, and what Jira's own states mean."""

    state_in = BooleanField("Its state: a ticket that is closed as completed makes the item done, never verified")
    title_in = BooleanField("Its title")
    due_in = BooleanField("Its due date")
    assignee_in = BooleanField("Its assignee, as the item’s owner, when somebody said who that is here")
    state_out = BooleanField("Its state: an item that is done, declined or opened again closes or opens its ticket")
    title_out = BooleanField("Its title")
    due_out = BooleanField("Its due date")
    assignee_out = BooleanField("Its owner, as the ticket’s assignee, when somebody said who that is there")
    comments_out = BooleanField("A comment when another incident asks for the item, and when it did not hold")
    reopened = RadioField(
        "When a ticket is opened again after its item was done",
        choices=[
            SelectChoice(Reopened.REOPEN.value, "Open the item again"),
            SelectChoice(Reopened.NEW_ITEM.value, "Make a new item that is linked to it, and leave the old one done"),
        ],
        validators=[InputRequired("Choose what happens then.")],
    )
    states = prose(
        "What states of your own mean",
        thing="states",
        description="One a line: OPS: Won't do = not planned. Of others we believe Jira's own category.",
    )

    def validate_states(self, field: TextAreaField) -> None:
        try:
            typed_states(field.data or "")
        except RuleError as error:
            raise ValidationError(str(error)) from error

    def directions(self) -> Directions:
        boxes = {field.name: bool(field.data) for field in self if field.name.endswith(("_in", "_out"))}
        return Directions(**boxes, reopened=Reopened(self.reopened.data))

    def directions_for(self, tracker: Tracker) -> Directions:
        """Boxes that the page does not show for this tracker say nothing."""
        if keeps_due_dates(tracker):
            return self.directions()
        kept = directions_of(tracker)
        return replace(self.directions(), due_in=kept.due_in)

    def state_names(self) -> StateNames:
        return typed_states(self.states.data or "")


def typed_states(text: str) -> StateNames:
    """Lines like ``OPS: Won't do = not planned`` as states by name in small letters, by project.

    Raises:
        RuleError: a line is not of that form, or the meaning is none of ours.
    """
    names: StateNames = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        project, _, rest = line.partition(":")
        name, _, meaning = (part.strip().lower() for part in rest.rpartition("="))
        if not name or not meaning:
            raise RuleError(f"“{line[:100]}” is not complete. Write it like OPS: Won't do = not planned.")
        if meaning not in [state.value for state in TicketState]:
            raise RuleError(f"“{meaning[:100]}” is none of the meanings. Choose one of: {MEANINGS}.")
        try:
            names.setdefault(jira_target(project.strip().upper()), {})[name] = meaning
        except Refused as error:
            raise RuleError(error.message) from error
    return names


def shown_in_form(tracker: Tracker) -> dict[str, Any]:
    lines = [
        f"{project}: {name} = {meaning}"
        for project, states in sorted(tracker.state_names.items())
        for name, meaning in sorted(states.items())
    ]
    return directions_of(tracker).as_row() | {"states": "\n".join(lines)}
