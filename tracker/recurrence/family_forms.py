"""What is typed when families are put together or taken apart."""

from collections.abc import Sequence

from wtforms import SelectMultipleField, StringField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.forms import Form, choice, line, prose
from tracker.models import Incident
from tracker.references import number_of

REASON = "For whoever reads this next."


class MergeForm(Form):
    """Another incident that is the same."""

    other = line("Incident", thing="an incident, like INC-42", description="Its reference, like INC-42.")
    merge_why = prose("Why?", thing="a reason", description=REASON)

    def validate_other(self, _field: StringField) -> None:
        if number_of(self.ref(), prefix="INC") is None:
            raise ValidationError("Write the incident's reference, like INC-42.")

    def ref(self) -> str:
        typed: str = self.other.data or ""
        return typed.strip().upper()

    def why(self) -> str:
        return self.merge_why.data or ""


class SplitForm(Form):
    """Incidents of a family that are another failure."""

    out = SelectMultipleField(
        "Who leaves?", option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), choices=[]
    )
    split_why = prose("Why?", thing="a reason", description=REASON)

    def offer(self, incidents: Sequence[Incident]) -> None:
        """The incidents to choose from: those of the family that the reader may see."""
        self.out.choices = [choice(one.ref, f"{one.ref} {one.title}") for one in incidents]

    def validate_out(self, field: SelectMultipleField) -> None:
        if not 0 < len(set(field.data or ())) < len(list(field.choices or ())):
            raise ValidationError("Choose who leaves this family, and leave at least one in it.")

    def refs(self) -> set[str]:
        return set(self.out.data or ())

    def why(self) -> str:
        return self.split_why.data or ""
