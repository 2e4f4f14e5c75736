"""What asking a tracker about itself brought to light."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lacking:
    """What is named here, and a target does not have."""

    labels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """Who we are to the tracker, and in sentences what is missing before tickets can go there."""

    account: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_healthy(self) -> bool:
        return not self.problems
