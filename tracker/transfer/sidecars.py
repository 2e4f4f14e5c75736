"""The JSON that an export writes beside each Markdown document: what Markdown has no place for, and reading it back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from tracker.markdown_documents import IncidentDocument, to_json
from tracker.models import ActionItem, Update

ITEM_TIMES = ("created_at", "started_at", "done_at", "verified_at", "did_not_hold_at", "declined_at")


@dataclass(frozen=True)
class Beside:
    """What was read. Every question has a harmless answer when the file is missing, damaged or of another shape."""

    content: Mapping[str, Any] = field(default_factory=dict)
    is_damaged: bool = False

    def part(self, name: str) -> Beside:
        found = self.content.get(name)
        return Beside(found if isinstance(found, dict) else {})

    def rows(self, name: str) -> list[Beside]:
        found = self.content.get(name)
        return [Beside(row) for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    def text(self, name: str) -> str:
        found = self.content.get(name)
        return found if isinstance(found, str) else ""

    def texts(self, name: str) -> list[str]:
        found = self.content.get(name)
        return [one for one in found if isinstance(one, str) and one.strip()] if isinstance(found, list) else []

    def is_true(self, name: str) -> bool:
        return self.content.get(name) is True

    def moment(self, name: str) -> datetime | None:
        try:
            found = datetime.fromisoformat(self.text(name))
            return found.astimezone(UTC) if found.tzinfo else None
        except (ValueError, OverflowError):
            return None

    def day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            return None


def read_sidecar(content: bytes | None, *, ref: str) -> Beside:
    """What stands beside the document of this reference."""
    if content is None:
        return Beside()
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return Beside(is_damaged=True)
    beside = Beside(found) if isinstance(found, dict) else Beside(is_damaged=True)
    return beside if beside.part("incident").text("ref") == ref else Beside(is_damaged=True)


def sidecar_of(document: IncidentDocument, *, updates: Sequence[Update]) -> dict[str, Any]:
    """The values of one exported incident: those of the API, and besides them roles, updates, people and times."""
    values = to_json(document)
    incident, postmortem = document.incident, document.postmortem
    people = {person.email: person.name for person in _people_of(document, updates)}
    values["incident"]["named_people"] = [person.email for person in incident.named_people]
    values["incident"]["service_names"] = {service.slug: service.name for service in incident.services}
    if postmortem is not None:
        values["postmortem"]["owner_email"] = postmortem.lead.email if postmortem.lead else None
        values["postmortem"]["is_required"] = postmortem.is_required
    for item, row in zip(document.items, values["action_items"], strict=True):
        row |= _item_values(item)
    values["roles"] = [
        {"role": role.role.value, "email": role.person.email, "since": _text(role.since), "until": _text(role.until)}
        for role in document.roles
    ]
    values["updates"] = [
        {
            "audience": update.audience.value,
            "text": update.text,
            "author_email": update.author.email if update.author else None,
            "sent_at": _text(update.sent_at),
            "next_due_at": _text(update.next_due_at),
        }
        for update in updates
    ]
    values["people"] = [{"email": email, "name": name} for email, name in sorted(people.items())]
    return values


def _item_values(item: ActionItem) -> dict[str, Any]:
    return {
        "owner_email": item.owner.email if item.owner else None,
        "look_again_on": item.look_again_on.isoformat() if item.look_again_on else None,
        "watch_until": item.watch_until.isoformat() if item.watch_until else None,
        **{name: _text(getattr(item, name)) for name in ITEM_TIMES},
    }


def _people_of(document: IncidentDocument, updates: Sequence[Update]) -> Iterator[Any]:
    yield from document.incident.named_people
    yield from (role.person for role in document.roles)
    yield from (update.author for update in updates if update.author)
    yield from (item.owner for item in document.items if item.owner)
    if document.postmortem and document.postmortem.lead:
        yield document.postmortem.lead


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
