"""The forms of items: write one down, edit it, take a step, narrow the list down."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import request
from wtforms import BooleanField, DateField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Optional, ValidationError

from tracker import clock
from tracker.actions.drafts import ActionDraft, DeclineDraft, TicketDraft
from tracker.actions.filters import SORTS, ActionFilter
from tracker.deadlines import ACTION_DAYS, SNOOZE
from tracker.errors import NotFoundError, RuleError
from tracker.forms import Form, choice, choices, chosen_or_not, line, prose
from tracker.lookup import get_incident
from tracker.models import ActionItem, ActionKind, Incident, Lever, Person, Priority
from tracker.references import number_of
from tracker.security import is_local_path
from tracker.ticket_troubles import TicketTrouble

NOT_OFFERED = "Choose one from the list."
LARGEST_KEY = 2**31 - 1
KIND_HINTS = {
    ActionKind.PREVENT.value: "It cannot happen again, or not like this.",
    ActionKind.DETECT.value: "We know sooner, before users tell us.",
    ActionKind.RECOVER.value: "We are back sooner when it does happen.",
}
PRIORITY_HINTS = {priority.value: f"Due in {days} days unless you say when." for priority, days in ACTION_DAYS.items()}


def _texts(rows: Iterable[tuple[object, str]]) -> list[SelectChoice]:
    return [choice(str(key), name) for key, name in rows]


class KeyField(SelectField):
    """A choice of one row by its id; blank is ``None``. Whether the row may be chosen is the operation's question."""

    def __init__(self, label: str, **options: Any) -> None:
        options |= {"coerce": _key, "validate_choice": False, "invalid_value_message": NOT_OFFERED}
        super().__init__(label, **options)

    def offer(self, rows: list[tuple[int, str]], *, blank: str) -> None:
        self.choices = [SelectChoice("", blank), *_texts(rows)]


def one_of(kind: type[SelectField], label: str, **options: Any) -> SelectField:
    """A choice among given values, refused in our words."""
    return kind(label, **{"invalid_choice_message": NOT_OFFERED} | options)


class DayField(DateField):
    """A day, with a sentence of ours when it is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Write the day as year, month and day: 2026-12-21.") from error


def _key(value: Any) -> int | None:
    if value in (None, "", "None"):
        return None
    key = int(value)
    if not 0 < key <= LARGEST_KEY:
        raise ValueError("No row has this id.")
    return key


class ActionForm(Form):
    """What an item says."""

    title = line(
        "What will be done",
        thing="what will be done",
        description="Name the thing and what will be different.",
    )
    done_when = prose(
        "Done when", thing="when it is done", description="What somebody else can see or try when it is done."
    )
    detail = prose("Detail", thing="a detail", description="Where to start, links, what was already tried.")
    owner_id = KeyField("Owner", validators=[Optional()])
    team_id = KeyField("Team", validators=[Optional()])
    kind = one_of(RadioField, "Kind", choices=choices(ActionKind), validators=[chosen_or_not()])
    lever = one_of(SelectField, "Lever", choices=choices(Lever, blank="Not chosen"), validators=[chosen_or_not()])
    priority = one_of(RadioField, "Priority", choices=choices(Priority), default=Priority.P2.value)
    due_on = DayField("Due", validators=[Optional()])

    def draft(self) -> ActionDraft:
        return ActionDraft(
            title=self.title.data or "",
            detail=self.detail.data or "",
            done_when=self.done_when.data or "",
            owner_id=self.owner_id.data,
            team_id=self.team_id.data,
            kind=ActionKind(self.kind.data) if self.kind.data else None,
            lever=Lever(self.lever.data) if self.lever.data else None,
            priority=Priority(self.priority.data),
            due_on=self.due_on.data,
        )


class NewActionForm(ActionForm):
    incident = line("Incident", thing="the incident that asks for this", description="Its reference, such as INC-42.")
    tracker_id = KeyField("Ticket in", validators=[Optional()])
    target = line(
        "Repository or project",
        thing="where the ticket goes",
        required=False,
        description="Empty: the usual place of this service or tracker.",
    )
    is_confirmed = BooleanField("The ticket may be read there")
    back = HiddenField()

    def validate_incident(self, field: Any) -> None:
        if number_of(field.data or "", prefix="INC") is None:
            raise ValidationError("Write the reference of an incident, such as INC-42.")

    def ticket_draft(self) -> TicketDraft | None:
        if not self.tracker_id.data:
            return None
        return TicketDraft(self.tracker_id.data, self.target.data or "", is_confirmed=bool(self.is_confirmed.data))


class EditActionForm(ActionForm):
    version = IntegerField(validators=[InputRequired("Reload the page, then edit again.")])

    def show(self, action: ActionItem) -> None:
        """Fill in what the item says now."""
        for name in ("title", "done_when", "detail", "owner_id", "team_id", "due_on", "version"):
            self[name].data = getattr(action, name)
        self.kind.data = action.kind.value if action.kind else None
        self.lever.data = action.lever.value if action.lever else ""
        self.priority.data = action.priority.value


class StepForm(Form):
    """One click; ``back`` is the list it was clicked in."""

    back = HiddenField()


class FinishForm(StepForm):
    evidence = prose(
        "How do we know?",
        thing="how we know",
        description="A link, a test, a drill or a graph. You may leave it empty now; verifying will ask for it.",
    )


class VerifyForm(StepForm):
    evidence = prose(
        "How do we know that it works?",
        thing="how we know",
        description="A link, a test, a drill or a graph that shows it.",
    )


class NotHoldingForm(StepForm):
    what_showed_it = prose("What showed that it did not hold?", thing="what showed that it did not hold", required=True)


class SnoozeForm(StepForm):
    snooze_reason = prose("Why does it wait?", thing="why it waits", required=True)
    until = DayField(
        "Remind again on",
        validators=[InputRequired("Choose a day.")],
        description=f"Within {SNOOZE.days} days. For longer, give it a new due date or decline it.",
    )


class DeclineForm(StepForm):
    reason = prose("Why not?", thing="why it is declined", required=True, description="The next reader should agree.")
    accepted_by_id = KeyField("Who accepts the risk", validators=[InputRequired("Choose who accepts the risk.")])
    look_again_on = DayField(
        "Look again on", validators=[InputRequired("Choose a day to look at this decision again.")]
    )

    def draft(self) -> DeclineDraft:
        return DeclineDraft(
            reason=self.reason.data or "",
            accepted_by_id=self.accepted_by_id.data,
            look_again_on=self.look_again_on.data or date.min,
        )


class KeepDeclinedForm(DeclineForm):
    reason = prose("Why is it still right?", thing="why it is still right", required=True)
    version = HiddenField(validators=[Optional()])

    @property
    def seen_version(self) -> int | None:
        """Which state of the item the person had before them; ``None`` where several were chosen."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() else None


class LinkForm(Form):
    incident = line("Incident that asks for this too", thing="the reference of an incident, such as INC-42")

    def validate_incident(self, field: Any) -> None:
        if number_of(field.data or "", prefix="INC") is None:
            raise ValidationError("Write the reference of an incident, such as INC-42.")


class UnlinkForm(LinkForm):
    """The same question, from a button."""


class FilterForm(Form):
    """Narrows the list down; a GET form, so it carries no token and can be bookmarked."""

    class Meta:
        csrf = False

    state = one_of(
        SelectField,
        "State",
        default="open",
        choices=[
            SelectChoice("open", "Open"),
            SelectChoice("done", "Done, not verified"),
            SelectChoice("verified", "Verified"),
            SelectChoice("declined", "Declined"),
            SelectChoice("all", "All states"),
        ],
    )
    owner = one_of(SelectField, "Owner", default="")
    team = one_of(SelectField, "Team", default="")
    kind = one_of(SelectField, "Kind", default="", choices=choices(ActionKind, blank="Any kind"))
    priority = one_of(SelectField, "Priority", default="", choices=choices(Priority, blank="Any priority"))
    trouble = one_of(
        SelectField,
        "Tickets",
        default="",
        choices=_texts([("", "Any"), *((one.value, one.value.capitalize()) for one in TicketTrouble)]),
    )
    incident = line("Incident", thing="an incident", required=False)
    q = line("Search", thing="words", required=False)
    sort = one_of(SelectField, "Order", default="worst", choices=_texts(SORTS.items()))
    overdue = BooleanField("Overdue only")

    def offer(self, people: list[tuple[int, str]], *, teams: list[tuple[int, str]], default_team: str) -> None:
        for name in ("q", "incident"):
            self[name].flags.optional = False  # in a filter everything is optional, so no field says so
        special = {"": "Anybody", "me": "Me", "nobody": "Nobody yet"}
        self.owner.choices = _texts([*special.items(), *people])
        self.team.choices = _texts([("", "Every team"), ("mine", "My teams"), *teams])
        if not any(name in request.args for name in self._fields):
            self.team.data = default_team

    def validate_incident(self, field: Any) -> None:
        if field.data and number_of(field.data, prefix="INC") is None:
            raise ValidationError("Write a reference such as INC-42.")

    def chosen(self) -> ActionFilter:
        """The filter; what could not be read narrows nothing, and the field says so."""
        self.validate()
        is_board = request.args.get("view") == "board"
        taken = {name: "" if item.errors else item.data for name, item in self._fields.items()}
        return ActionFilter(
            group=taken["state"] or "open",
            owner=taken["owner"] or "",
            team=taken["team"] or "",
            kind=ActionKind(taken["kind"]) if taken["kind"] else None,
            priority=Priority(taken["priority"]) if taken["priority"] else None,
            is_overdue=bool(taken["overdue"]),
            incident=(taken["incident"] or "").upper(),
            text=taken["q"] or "",
            trouble=TicketTrouble(taken["trouble"]) if taken["trouble"] else None,
            asked_at=clock.utcnow().replace(second=0, microsecond=0) if taken["trouble"] else None,
            sort="worst" if is_board else taken["sort"] or "worst",
            is_board=is_board,
        )


def typed_incident(form: "NewActionForm | LinkForm", *, viewer: Person) -> Incident:
    """The incident a person typed; one they may not see is refused as if it were not there, with the form kept."""
    try:
        return get_incident(form.incident.data or "", viewer=viewer)
    except NotFoundError as error:
        raise RuleError(str(error)) from error


def back_or(target: str | None, *, otherwise: str) -> str:
    """Where the person came from, if that is a path of ours."""
    return target if target and is_local_path(target) else otherwise


def usual_look_again(today: date) -> date:
    """A quarter is long enough to have learned something, and short enough to remember why."""
    return date.fromordinal(today.toordinal() + 90)
