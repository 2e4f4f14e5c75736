"""What an administrator chooses for the public status page."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField

from tracker.forms import Form, line, prose
from tracker.models import Service
from tracker.status.operations import StatusDraft
from tracker.status.settings_row import StatusSettings


class StatusForm(Form):
    """The page as a whole; ``status_form`` adds two fields for each service."""

    services: Sequence[Service] = ()
    is_on = BooleanField("Everybody can read the status page", description="Without signing in, at /status.")
    title = line("Heading", thing="a heading")
    intro = prose("Above the components", thing="a few words", description="For example whom users can ask.")

    def rows(self) -> list[tuple[Service, Any, Any]]:
        return [(one, self[f"shown_{one.id}"], self[f"name_{one.id}"]) for one in self.services]

    def draft(self) -> StatusDraft:
        names = {one.id: name.data or one.name for one, shown, name in self.rows() if shown.data}
        chosen = StatusSettings(bool(self.is_on.data), self.title.data or "", self.intro.data or "")
        return StatusDraft(chosen, names)


def status_form(services: Sequence[Service]) -> type[StatusForm]:
    fields: dict[str, Any] = {}
    for one in services:
        fields[f"shown_{one.id}"] = BooleanField(f"Show {one.name}")
        fields[f"name_{one.id}"] = line(f"Public name of {one.name}", thing="a name", required=False)
    return type("ChosenStatusForm", (StatusForm,), {"services": services, **fields})


def values_of(chosen: StatusSettings, shown: Mapping[int, str]) -> dict[str, Any]:
    """What the form begins with."""
    values: dict[str, Any] = {"is_on": chosen.is_on, "title": chosen.title, "intro": chosen.intro}
    for service_id, name in shown.items():
        values |= {f"shown_{service_id}": True, f"name_{service_id}": name}
    return values
