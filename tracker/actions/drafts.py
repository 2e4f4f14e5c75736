"""What a person wants an action item to say, and how two such wishes differ."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

from tracker.models import ActionItem, ActionKind, Lever, Priority
from tracker.words import day_text


@dataclass(frozen=True, kw_only=True)
class ActionDraft:
    """Everything of an item that a person may edit."""

    title: str
    detail: str = ""
    done_when: str = ""
    owner_id: int | None = None
    team_id: int | None = None
    kind: ActionKind | None = None
    lever: Lever | None = None
    priority: Priority = Priority.P2
    due_on: date | None = None


@dataclass(frozen=True)
class TicketDraft:
    """Where the ticket of a new item goes; an empty target means the default one."""

    tracker_id: int
    target: str = ""
    is_confirmed: bool = False
    """Whether somebody said that a private incident's item may be read in the tracker."""


@dataclass(frozen=True, kw_only=True)
class DeclineDraft:
    reason: str
    accepted_by_id: int
    look_again_on: date


@dataclass(frozen=True)
class Names:
    """Names of people and teams by their ids."""

    people: Mapping[int, str]
    teams: Mapping[int, str]


@dataclass(frozen=True)
class Difference:
    label: str
    yours: str
    theirs: str


LABELS = {
    "title": "Title",
    "detail": "Detail",
    "done_when": "Done when",
    "owner_id": "Owner",
    "team_id": "Team",
    "kind": "Kind",
    "lever": "Lever",
    "priority": "Priority",
    "due_on": "Due",
}
LONG = ("title", "detail", "done_when")


def draft_of(action: ActionItem) -> ActionDraft:
    """What an item says now."""
    return ActionDraft(**{field.name: getattr(action, field.name) for field in fields(ActionDraft)})


def differences(yours: ActionDraft, theirs: ActionDraft, *, names: Names) -> list[Difference]:
    """Field by field what differs, as it is shown beside each other."""
    return [
        Difference(label, shown(yours, name, names=names), shown(theirs, name, names=names))
        for name, label in LABELS.items()
        if getattr(yours, name) != getattr(theirs, name)
    ]


def change_sentence(before: ActionDraft, after: ActionDraft, *, names: Names) -> str:
    """What an edit changed, for the history; empty when it changed nothing."""
    parts = []
    for name, label in LABELS.items():
        if getattr(before, name) != getattr(after, name):
            old, new = shown(before, name, names=names), shown(after, name, names=names)
            parts.append(f"{label} changed." if name in LONG else f"{label}: {new}, was {old}.")
    return " ".join(parts)


def shown(draft: ActionDraft, name: str, *, names: Names) -> str:
    """One field in words."""
    value = getattr(draft, name)
    if name == "due_on":
        return day_text(value)
    if value is None:
        return "nobody" if name == "owner_id" else "none"
    if name == "owner_id":
        return names.people.get(value, "somebody")
    if name == "team_id":
        return names.teams.get(value, "a team")
    return str(value)
