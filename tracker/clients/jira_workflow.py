"""Finding the way through a Jira workflow: which transition closes or reopens, and what it asks for. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tracker.clients.answers import Answer
from tracker.clients.failures import TransitionMissing
from tracker.clients.jira_answers import closed_as
from tracker.clients.state_names import NO_NAMES, StateNames, meaning
from tracker.clients.tickets import TicketState
from tracker.clients.tickets import Way as TicketWay


@dataclass(frozen=True, kw_only=True)
class Step:
    """A transition to take, with the fields it is sent with."""

    transition_id: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Way:
    """A transition as Jira offers it, the resolutions it lets us choose, and what else it insists on."""

    transition_id: str
    name: str
    status: str
    category: str
    resolutions: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]

    def is_named(self, names: StateNames) -> bool:
        return bool(meaning(self.status, names=names))

    def ends(self, names: StateNames) -> bool:
        """Whether a ticket is closed there, whatever with: as it was named, else as Jira says."""
        named = {means for name, means in names.items() if name.partition(":")[0] == self.status.lower()}
        is_open = meaning(self.status, names=names) == TicketState.OPEN
        return bool(named - {TicketState.OPEN.value}) or (self.category == "done" and not is_open)

    def closes_with(self, resolution: str, names: StateNames) -> TicketState | None:
        named = meaning(f"{self.status}: {resolution}", names=names)
        if named:
            return TicketState(named)
        said = closed_as(resolution)
        return said if closed_as(self.status) in (said, TicketState.DONE) else None

    def closes_as(self, names: StateNames) -> TicketState:
        named = meaning(self.status, names=names)
        return TicketState(named) if named else closed_as(f"{self.name} {self.status}")


def step_to_close(transitions: list[object], *, state: TicketState, key: str, names: StateNames = NO_NAMES) -> Step:
    """The best way to a closed status that says `state`. Raises `TransitionMissing` with what is possible.

    Where Jira says that it closes, then where an administrator said so; what they named before what it sounds like.
    """
    ways = [_way(value) for value in transitions]
    closing = [way for way in ways if way.ends(names)]
    open_ways = [way for way in closing if not way.missing]
    open_ways.sort(key=lambda way: (way.category != "done", not way.is_named(names), not way.resolutions))
    for way in open_ways:
        for resolution_id, name in way.resolutions:
            if way.closes_with(name, names) is state:
                return Step(transition_id=way.transition_id, fields={"resolution": {"id": resolution_id, "name": name}})
        if not way.resolutions and way.closes_as(names) is state:
            return Step(transition_id=way.transition_id)
    raise TransitionMissing(_why_not(ways, closing=closing, state=state, key=key))


def step_to_reopen(transitions: list[object], *, key: str, names: StateNames = NO_NAMES) -> Step:
    """The best way to an open status: one that says so, else not yet begun, else in progress."""
    ways = [_way(value) for value in transitions]
    opening = [way for way in ways if not way.ends(names) and not way.missing]
    opening.sort(key=lambda way: ("open" not in way.status.lower(), way.category != "new"))
    if not opening:
        raise TransitionMissing(f"Jira has no way to reopen {key} that we could take. {_possible(ways)}")
    return Step(transition_id=opening[0].transition_id)


def possible(transitions: list[object]) -> tuple[TicketWay, ...]:
    """Every step that Jira offers now, with what it would ask for."""
    ways = [_way(value) for value in transitions]
    return tuple(
        TicketWay(name=way.name, leads_to=way.status, closes=way.category == "done", asks_for=way.missing)
        for way in ways
    )


def _why_not(ways: list[_Way], *, closing: list[_Way], state: TicketState, key: str) -> str:
    for way in closing:
        if way.missing:
            return f'Jira asks for {", ".join(way.missing)} before "{way.name}" closes {key}. Please close it in Jira.'
    return f'Jira has no way to close {key} as "{state.value}". {_possible(ways)}'


def _possible(ways: list[_Way]) -> str:
    names = ", ".join(f'"{way.name}"' for way in ways[:20])
    return f"Possible now: {names}." if names else "No step is possible for our account."


def _way(value: object) -> _Way:
    transition = Answer(value, where="a transition")
    status = transition.inner("to")
    fields = transition.optional_inner("fields")
    resolution = fields.optional_inner("resolution") if fields else None
    return _Way(
        transition_id=transition.text("id"),
        name=transition.text("name")[:100],
        status=status.text("name")[:100],
        category=status.inner("statusCategory").text("key"),
        resolutions=_choices(resolution) if resolution else (),
        missing=tuple(_missing(fields)) if fields else (),
    )


def _choices(resolution: Answer) -> tuple[tuple[str, str], ...]:
    allowed = [Answer(one, where="a resolution") for one in resolution.items("allowedValues")]
    return tuple((one.text("id"), one.text("name")) for one in allowed)


def _missing(fields: Answer) -> list[str]:
    """Fields that must be filled, and that we cannot fill."""
    names = []
    for name in fields.names():
        asked = fields.inner(name)
        if name != "resolution" and asked.says_yes("required") and not asked.says_yes("hasDefaultValue"):
            names.append(asked.optional_text("name") or name)
    return names
