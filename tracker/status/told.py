"""What the public may know, as values: components, problems, and what users were told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.models import Phase


class Condition(StrEnum):
    """How something is, in the words of the public page."""

    WORKS = "works"
    PROBLEM = "problem"
    WATCHED = "being watched"
    SOLVED = "solved"


@dataclass(frozen=True)
class Notice:
    """One update, word for word as users got it."""

    id: int
    at: datetime
    text: str


@dataclass(frozen=True)
class Problem:
    """An incident as users know it: where, how far it is, and what they were told. No title: that is ours."""

    id: int
    phase: Phase
    resolved_at: datetime | None
    components: Sequence[str]
    notices: Sequence[Notice]
    """Newest first; there is at least one."""

    @property
    def name(self) -> str:
        where = ", ".join(self.components)
        return f"Problem with {where}" if where else "Problem with our service"

    @property
    def condition(self) -> Condition:
        if not self.phase.is_live:
            return Condition.SOLVED
        return Condition.WATCHED if self.phase is Phase.STABILISED else Condition.PROBLEM

    @property
    def told_at(self) -> datetime:
        """When users heard of it first; when it began inside is our matter."""
        return self.notices[-1].at

    @property
    def changed_at(self) -> datetime:
        return max(self.notices[0].at, self.resolved_at or self.notices[0].at)


@dataclass(frozen=True)
class Component:
    name: str
    condition: Condition


@dataclass(frozen=True)
class PublicStatus:
    title: str
    intro: str
    components: Sequence[Component]
    current: Sequence[Problem]
    past: Sequence[Problem]
    looked_at: datetime

    @property
    def sentence(self) -> str:
        """The one thing that most people come to read."""
        if any(one.condition is Condition.PROBLEM for one in self.current):
            return "Something does not work as it should."
        if self.current:
            return "A problem is being watched."
        return "Everything works."


def components_of(names: Sequence[str], current: Sequence[Problem]) -> list[Component]:
    """Each component with the worst that users were told about it."""
    found = []
    for name in names:
        conditions = {one.condition for one in current if name in one.components}
        worst = next((one for one in (Condition.PROBLEM, Condition.WATCHED) if one in conditions), Condition.WORKS)
        found.append(Component(name, worst))
    return found
