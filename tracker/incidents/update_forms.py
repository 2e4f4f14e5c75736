"""What is typed to tell others, part by part, and which updates somebody wants by mail."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from wtforms import BooleanField, HiddenField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import ValidationError

from tracker.forms import Form, choices, prose
from tracker.incidents.forms import CheckBoxes
from tracker.incidents.room_operations import UpdateDraft
from tracker.incidents.update_drafts import PARTS, text_of
from tracker.incidents.update_mails import SubscriptionDraft
from tracker.models import Audience, Service


class PartsForm(Form):
    """An update in the parts that its readers need; ``parts_form`` adds them."""

    audience: Audience
    to = HiddenField()

    def text(self) -> str:
        return text_of(self.audience, {part.key: self[part.key].data or "" for part in PARTS[self.audience]})

    def validate_to(self, _field: HiddenField) -> None:
        if not self.text():
            raise ValidationError("Write at least one sentence, then send it.")

    def draft(self) -> UpdateDraft:
        return UpdateDraft(audience=self.audience, text=self.text())


@lru_cache(maxsize=len(Audience))
def parts_form(audience: Audience) -> type[PartsForm]:
    """The form of the updates to one audience."""
    fields: dict[str, Any] = {
        part.key: prose(part.label, thing="a few words", description=part.hint) for part in PARTS[audience]
    }
    return type(f"{audience.name.title()}Form", (PartsForm,), {"audience": audience, **fields})


class SubscriptionForm(Form):
    audience = CheckBoxes("Which updates?", choices=choices(Audience))
    is_everything = BooleanField("Of everything", description="Also of services that are added later.")
    service = CheckBoxes("Of these services")

    def offer(self, services: Iterable[Service]) -> "SubscriptionForm":
        self.service.choices = [SelectChoice(service.slug, service.name) for service in services]
        return self

    def draft(self) -> SubscriptionDraft:
        return SubscriptionDraft(
            audiences=tuple(Audience(one) for one in self.audience.data or ()),
            services=tuple(self.service.data or ()),
            is_everything=bool(self.is_everything.data),
        )
