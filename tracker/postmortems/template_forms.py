"""What administrators type about one question of the postmortem."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.forms import Form, choice, choices, line, prose
from tracker.markdown_documents import HEADINGS
from tracker.models import Service, Severity
from tracker.postmortems.template_operations import QuestionDraft, fingerprint
from tracker.postmortems.templates import WITH_QUESTIONS, Kept


def boxes(label: str, **options: Any) -> SelectMultipleField:
    return SelectMultipleField(label, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), **options)


class QuestionForm(Form):
    seen = HiddenField()
    heading = line("Question", thing="the question")
    guidance = line("Guidance", thing="a sentence of guidance", description="One sentence, right below the question.")
    prompts = prose("Prompts", thing="prompts", description="What helps to think about it, one a line.")
    example = prose("A good answer", thing="an example", description="Made up, of an incident that never happened.")
    step = SelectField("Step", choices=[choice(step.key, step.label) for step in WITH_QUESTIONS])
    is_asked = BooleanField("Ask it", default=True, description="What was answered already stays, asked or not.")
    is_main = BooleanField("The step counts as answered only with it", default=False)
    is_short = BooleanField("It stands in the short form")
    severities = boxes("Publishing needs an answer for", choices=choices(Severity))
    services = boxes("Publishing needs an answer for every incident of")

    def offer(self, services: Sequence[Service], *, kept: Kept | None = None) -> "QuestionForm":
        """The services to choose from; one that is named and gone stays until it is unticked."""
        names = {service.slug: service.name for service in services}
        gone = [slug for slug in (kept or {}).get("services", []) if slug not in names]
        self.services.choices = [
            choice(slug, name) for slug, name in (*names.items(), *((slug, slug) for slug in gone))
        ]
        return self

    def draft(self) -> QuestionDraft:
        prompts = (self.prompts.data or "").splitlines()
        return QuestionDraft(
            step=self.step.data,
            heading=self.heading.data or "",
            guidance=self.guidance.data or "",
            prompts=tuple(text.strip() for text in prompts if text.strip()),
            example=self.example.data or "",
            is_extra=not self.is_main.data,
            is_asked=bool(self.is_asked.data),
            is_short=bool(self.is_short.data),
            severities=tuple(Severity(one) for one in self.severities.data or ()),
            services=tuple(self.services.data or ()),
        )


def filled(kept: Kept) -> QuestionForm:
    """The form as the question stands."""
    values = {**kept, "prompts": "\n".join(kept["prompts"]), "is_main": not kept["is_extra"]}
    values["heading"] = kept["heading"] or HEADINGS.get(kept["key"], kept["key"])
    return QuestionForm(formdata=None, data=values | {"seen": fingerprint(kept)})
