"""What the states of one project mean, as an administrator named them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

StateNames = Mapping[str, str]
"""The value of a `TicketState` by a state's name in small letters: "done", or "done: won't do" with a resolution."""
NO_NAMES: StateNames = MappingProxyType({})


def meaning(state_text: str, *, names: StateNames) -> str:
    """What a state was said to mean, by the whole of its name or the part before the resolution; "" if nobody said."""
    whole = state_text.lower()
    return names.get(whole) or names.get(whole.partition(":")[0]) or ""
