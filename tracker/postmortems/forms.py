"""What can be typed on the postmortem's pages."""

from collections.abc import Sequence

from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.forms import PROSE, Form, choice, choices, chosen_or_not, prose, trim
from tracker.models import ActionItem, CauseCategory, Confidence, WhyEnding, WhyKind
from tracker.postmortems.operations import AnswerDraft
from tracker.postmortems.outline import Step
from tracker.postmortems.questions import Question
from tracker.postmortems.why_operations import FactorDraft, WhyDraft

NO_ENDING = "It goes on"


def answer_field(question: Question) -> TextAreaField:
    """A text that may be empty: nothing is required to save."""
    length = Length(max=PROSE, message=f"That is too long: use at most {PROSE:,} characters.")
    return TextAreaField(question.heading, description=question.guidance, validators=[length], filters=[trim])


def version_field() -> IntegerField:
    return IntegerField("Version", default=0, validators=[Optional(), NumberRange(min=0)])


class StepForm(Form):
    """All answers of one step; ``step_form`` adds the fields."""

    step: Step

    def drafts(self) -> list[AnswerDraft]:
        """The answers that were sent: a question that the page did not ask is not emptied."""
        return [
            AnswerDraft(question.key, self[question.key].data or "", self[f"{question.key}_version"].data or 0)
            for question in self.step.questions
            if self[question.key].raw_data
        ]


def step_form(step: Step) -> type[StepForm]:
    fields: dict[str, object] = {"step": step}
    for question in step.questions:
        fields[question.key] = answer_field(question)
        fields[f"{question.key}_version"] = version_field()
    return type("StepForm", (StepForm,), fields)


def answer_form(question: Question) -> type[Form]:
    """One answer as autosave posts it: the field is named by its question."""
    return type("AnswerForm", (Form,), {question.key: answer_field(question), "version": version_field()})


class MergeForm(Form):
    """One text of two, after a clash."""

    text = TextAreaField("The text to keep", validators=[Length(max=PROSE)], filters=[trim])
    version = version_field()


class ReasonForm(Form):
    reason = prose("Why?", thing="a reason", required=True)


class LeadForm(Form):
    lead = SelectField("Owner of this postmortem", coerce=int, validators=[InputRequired("Choose a person.")])


class CauseForm(Form):
    cause_category = SelectField("Main cause", choices=choices(CauseCategory, blank="Not chosen yet"))

    def category(self) -> CauseCategory | None:
        return CauseCategory(self.cause_category.data) if self.cause_category.data else None


class WhyForm(Form):
    claim = prose("Why?", thing="what you think is the reason", required=True)
    evidence = prose(
        "How do we know?", thing="the evidence", description="A graph, a log line, a test, somebody's account."
    )
    kind = SelectField("Kind", choices=choices(WhyKind, blank="Not chosen"), validators=[chosen_or_not()])
    confidence = SelectField(
        "How sure are we?", choices=choices(Confidence, blank="Not said"), validators=[chosen_or_not()]
    )
    is_root_cause = BooleanField("This is a root cause")
    ending = RadioField(
        "Does it end here?",
        choices=choices(WhyEnding, blank=NO_ENDING),
        default="",
        validators=[chosen_or_not()],
    )
    items = SelectMultipleField(
        "Leads to",
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    version = version_field()
    below = HiddenField()
    beside = HiddenField()
    then = HiddenField()
    """Which form to open when this why is added: one ``below`` it, one ``beside`` it, or none."""

    def offer_items(self, items: Sequence[ActionItem]) -> None:
        """The items that the incident asks for; no others can be chosen."""
        self.items.choices = [choice(item.id, f"{item.ref} {item.title}") for item in items]

    def draft(self) -> WhyDraft:
        return WhyDraft(
            claim=self.claim.data or "",
            evidence=self.evidence.data or "",
            kind=WhyKind(self.kind.data) if self.kind.data else None,
            confidence=Confidence(self.confidence.data) if self.confidence.data else None,
            is_root_cause=bool(self.is_root_cause.data),
            ending=WhyEnding(self.ending.data) if self.ending.data else None,
            items=tuple(self.items.data or ()),
        )


class FactorForm(Form):
    factor = prose("What made it more likely, larger or longer?", thing="the factor", required=True)
    category = SelectField("Cause", choices=choices(CauseCategory, blank="Not chosen"), validators=[chosen_or_not()])
    version = version_field()

    def draft(self) -> FactorDraft:
        category = CauseCategory(self.category.data) if self.category.data else None
        return FactorDraft(text=self.factor.data or "", category=category)


class PreviewForm(Form):
    text = TextAreaField("Text", validators=[Length(max=PROSE)])


def error_of(field: Field) -> str:
    """What is wrong with one field, in one line."""
    return " ".join(str(error) for error in field.errors)
