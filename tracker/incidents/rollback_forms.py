"""The questions of the rollback decision as a form, and the decision itself."""

from wtforms import RadioField
from wtforms.validators import InputRequired

from tracker.forms import Form, choices, line
from tracker.incidents.rollback import QUESTIONS, Reply
from tracker.incidents.rollback_operations import Choice, DecisionDraft


class RollbackForm(Form):
    """One field a question, named by its key; whoever leaves one out is not sure."""

    def replies(self) -> dict[str, Reply]:
        return {question.key: Reply(self[question.key].data) for question in QUESTIONS}


for _question in QUESTIONS:
    setattr(
        RollbackForm,
        _question.key,
        RadioField(_question.text, choices=choices(Reply), default=Reply.NOT_SURE.value),
    )


class DecideForm(RollbackForm):
    chosen = RadioField(
        "What do you decide?", choices=choices(Choice), validators=[InputRequired("Choose what you decide.")]
    )
    note = line("Which step, or why otherwise", thing="a few words", required=False)

    def draft(self) -> DecisionDraft:
        return DecisionDraft(chosen=Choice(self.chosen.data), replies=self.replies(), note=self.note.data or "")
