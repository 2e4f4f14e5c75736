"""The forms of a tracker's people and fields."""

from wtforms import StringField
from wtforms.validators import ValidationError

from tracker.errors import RuleError
from tracker.forms import Form, line, prose
from tracker.models import FieldMapping, Priority, TrackerKind
from tracker.sync.mappings.field_values import as_filled, typed_lines
from tracker.sync.mappings.operations import MappingDraft
from tracker.sync.operations import checked_target

MOST_LABELS = 20
LONGEST_LABEL = 50


class AccountForm(Form):
    """One of the accounts that were found; ``words`` found it."""

    name = line("Account", thing="an account")
    words = line("Search words", thing="a name or an e-mail")


class SearchForm(Form):
    """Looking for somebody; sent by GET."""

    class Meta(Form.Meta):
        csrf = False

    words = line("Name or e-mail", thing="a name or an e-mail")


class MappingForm(Form):
    """What new tickets of one repository or project are filled with."""

    tracker_kind = TrackerKind.GITHUB

    target = line(
        "Repository or project", thing="where the tickets go", description="acme/shop on GitHub, OPS in Jira."
    )
    kind = line("Issue type", thing="an issue type", required=False)
    labels = line(
        "Labels",
        thing="labels",
        required=False,
        description="With commas between. “followthrough” is always there.",
    )
    p1 = line("P1 becomes", thing="a priority", required=False)
    p2 = line("P2 becomes", thing="a priority", required=False)
    p3 = line("P3 becomes", thing="a priority", required=False)
    fields = prose(
        "Other fields",
        thing="fields",
        description="One a line, as Jira names them: Team = Platform. What Jira requires is checked when you save.",
    )

    def validate_target(self, field: StringField) -> None:
        try:
            checked_target(field.data or "", kind=self.tracker_kind)
        except RuleError as error:
            raise ValidationError(str(error)) from error

    def validate_labels(self, field: StringField) -> None:
        if len(split(field.data)) > MOST_LABELS:
            raise ValidationError(f"Use at most {MOST_LABELS} labels.")
        for label in split(field.data):
            self._check_label(label)

    def validate_p1(self, field: StringField) -> None:
        self._check_label(field.data or "")

    validate_p2 = validate_p3 = validate_p1

    def _check_label(self, label: str) -> None:
        """On GitHub priorities are labels too."""
        if self.tracker_kind is TrackerKind.GITHUB and len(label) > LONGEST_LABEL:
            raise ValidationError(f"“{label[:20]}…” is too long: GitHub’s labels have at most {LONGEST_LABEL} letters.")

    def validate_fields(self, field: StringField) -> None:
        try:
            typed_lines(field.data or "")
        except RuleError as error:
            raise ValidationError(str(error)) from error

    def draft(self) -> MappingDraft:
        is_jira = self.tracker_kind is TrackerKind.JIRA
        typed = {Priority.P1.value: self.p1.data, Priority.P2.value: self.p2.data, Priority.P3.value: self.p3.data}
        return MappingDraft(
            target=self.target.data or "",
            kind=self.kind.data or "",
            labels=split(self.labels.data),
            priorities={ours: theirs for ours, theirs in typed.items() if theirs},
            pairs=tuple(typed_lines(self.fields.data or "")) if is_jira else (),
        )

    def refuse(self, sentence: str, *, part: str) -> None:
        """Say beside a field what the tracker has against it."""
        self[part].errors = [*self[part].errors, sentence]


def shown_in_form(mapping: FieldMapping) -> dict[str, str]:
    return {
        "target": mapping.target,
        "kind": mapping.kind,
        "labels": ", ".join(mapping.labels),
        "p1": mapping.priorities.get("P1", ""),
        "p2": mapping.priorities.get("P2", ""),
        "p3": mapping.priorities.get("P3", ""),
        "fields": "\n".join(f"{one.shown} = {one.text}" for one in as_filled(mapping.fields)),
    }


def split(typed: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in (typed or "").split(",") if part.strip()))
