"""The ladder of reminders: which step a promise has reached on a day. Takes values, returns values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto

from tracker.deadlines import REMINDER_DAYS
from tracker.models import ReminderStep


class Part(Enum):
    """What somebody has to do with a promise."""

    OWES = auto()
    LEADS = auto()
    """They lead the team that owes it."""
    OWNS_SERVICE = auto()
    """They own a service whose incident asked for it."""


@dataclass(frozen=True)
class Rungs:
    """When each step comes, in days before or past the due date."""

    before: int = REMINDER_DAYS["before"]
    lead: int = REMINDER_DAYS["lead"]
    owner: int = REMINDER_DAYS["owner"]
    front: int = 30
    """The same for every team: there is one report, and what stands on its front means the same for all."""

    def of_team(self, days: Mapping[str, int] | None) -> "Rungs":
        """These, with what the team chose in their place."""
        return replace(self, **{name: days[name] for name in REMINDER_DAYS if name in days}) if days else self

    def further_up(self, days: Mapping[str, int] | None) -> "Rungs":
        """These, with the team's days until its lead and the service's owner hear of it; each has its own before."""
        return self.of_team({name: days[name] for name in ("lead", "owner") if name in days}) if days else self


ITEMS = Rungs()
POSTMORTEMS = Rungs(before=1, lead=7, owner=14, front=30)
DECISIONS = Rungs(before=0, lead=7, owner=14, front=30)
REVIEWS = Rungs(before=0, lead=7, owner=14, front=30)
STALE = Rungs(before=0, lead=7, owner=14, front=30)
"""A contact that nobody tried, a runbook that nobody read."""
READ_WITHIN = 2
"""Working days to read a postmortem for whoever is asked: a mail asks at once, the clock when they are over."""
DECIDE_WITHIN = 3
"""Days that a suspected recurrence may wait before the clock asks for the decision."""


def step_reached(due_on: date, *, rungs: Rungs, part: Part, day: date) -> ReminderStep | None:
    """The highest step that this person should have been told of by that day; ``None`` while there is none."""
    late = (day - due_on).days
    if part is Part.LEADS:
        return ReminderStep.LEAD if late >= rungs.lead else None
    if part is Part.OWNS_SERVICE:
        return ReminderStep.OWNER if late >= rungs.owner else None
    steps = (
        (rungs.front, ReminderStep.FRONT),
        (rungs.owner, ReminderStep.OWNER),
        (rungs.lead, ReminderStep.LEAD),
        (0, ReminderStep.DUE),
        (-rungs.before, ReminderStep.BEFORE),
    )
    return next((step for days, step in steps if late >= days), None)
