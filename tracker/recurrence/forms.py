"""What is typed and pressed when a pair is decided."""

from dataclasses import dataclass

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from tracker.errors import NotFoundError
from tracker.forms import Form, choices, prose
from tracker.models import HeldVerdict, RecurrenceState
from tracker.references import number_of

DECISIONS = [choice for choice in choices(RecurrenceState) if choice.value != RecurrenceState.SUSPECTED]


@dataclass(frozen=True)
class DecisionDraft:
    state: RecurrenceState
    why: str


class DecisionForm(Form):
    decision = SelectField(
        "Decision", choices=DECISIONS, validators=[InputRequired("Choose same, related or not the same.")]
    )
    why = prose("Why?", thing="a reason", description="For whoever reads this next. The pair is not asked about again.")

    def draft(self) -> DecisionDraft:
        return DecisionDraft(RecurrenceState(self.decision.data), self.why.data or "")


class ButtonForm(Form):
    """A button without fields: only the token is checked."""


class ActionForm(Form):
    """A button about one action item."""

    action = StringField("Action item", validators=[InputRequired("Choose an action item.")])

    def ref(self) -> str:
        """The item's reference.

        Raises:
            NotFoundError: it is none.
        """
        typed: str = self.action.data or ""
        if number_of(typed, prefix="AI") is None:
            raise NotFoundError("There is no such action item, or it is not shown to you.")
        return typed


class VerdictForm(ActionForm):
    verdict = SelectField(
        "Verdict", choices=choices(HeldVerdict), validators=[InputRequired("Choose one of the three answers.")]
    )

    def held(self) -> HeldVerdict:
        return HeldVerdict(self.verdict.data)
