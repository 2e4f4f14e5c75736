"""One thing that waits for one person, and in which words the mail tells of it. Takes values, returns values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker import words
from tracker.models import ReminderStep
from tracker.reminders.ladder import Part


class Matter(StrEnum):
    """What kind of thing waits, with the heading it has in the mail."""

    ITEM = "Action items"
    POSTMORTEM = "Postmortems"
    REVIEW = "Postmortems to read"
    DECISION = "Is it the same incident?"
    VERIFY = "Does it hold? The watch window is over"
    LOOK_AGAIN = "Declined: still right? Keep it so, open it again, or say it was done"
    CONTACT = "Whom to wake: is it still right?"
    RUNBOOK = "Runbooks to read again"


NEVER = "never"
"""The period of what nobody ever looked at."""
LED = "In a team that you lead"
OWNED = "In a service that you own"
SHOWN = 15
"""Rows of one group; more stand on the page."""


@dataclass(frozen=True)
class Waiting:
    about: str
    matter: Matter
    part: Part
    step: ReminderStep
    due_on: date
    period: str
    ref: str
    title: str
    path: str
    who: str
    """Whose it is, for those who only lead or own; empty when nobody's."""
    action_id: int | None = None

    @property
    def heading(self) -> str:
        return {Part.OWES: str(self.matter), Part.LEADS: LED, Part.OWNS_SERVICE: OWNED}[self.part]


@dataclass(frozen=True)
class Group:
    heading: str
    rows: Sequence[dict[str, object]]
    left_out: int


ORDER = (*(str(matter) for matter in Matter), LED, OWNED)


def grouped(found: Sequence[Waiting], *, base_url: str, day: date) -> list[Group]:
    """The groups of the mail, in their order, the longest overdue first."""
    groups = []
    for heading in ORDER:
        members = sorted((one for one in found if one.heading == heading), key=lambda one: (one.due_on, one.about))
        rows = [mail_row(one, base_url=base_url, day=day) for one in members[:SHOWN]]
        if rows:
            groups.append(Group(heading, rows, len(members) - len(rows)))
    return groups


def mail_row(one: Waiting, *, base_url: str, day: date) -> dict[str, object]:
    has_owner = one.part is not Part.OWES and one.matter is not Matter.DECISION
    whose = f" Owner: {one.who or 'nobody yet'}." if has_owner else ""
    return {
        "ref": one.ref,
        "title": one.title,
        "href": base_url + one.path,
        "detail": f"{when_due(one, day=day)}.{whose}",
        "is_urgent": one.due_on < day,
    }


def when_due(one: Waiting, *, day: date) -> str:
    late = (day - one.due_on).days
    if one.matter is Matter.DECISION:
        return f"Looks like an earlier one; the decision waits since {words.day_text(one.due_on)}"
    if one.matter is Matter.REVIEW:
        return f"You were asked to read it before it is published, by {words.day_text(one.due_on)}"
    if one.matter is Matter.VERIFY:
        return f"Done, and watched until {words.day_text(one.due_on)}"
    if one.matter is Matter.LOOK_AGAIN:
        return f"To be looked at again on {words.day_text(one.due_on)}"
    if one.matter in (Matter.CONTACT, Matter.RUNBOOK):
        return _grown_old(one)
    if late > 0:
        return f"{words.count(late, 'day')} overdue, due on {words.day_text(one.due_on)}"
    if late == 0:
        return "Due today"
    return f"Due in {words.count(-late, 'day')}, on {words.day_text(one.due_on)}"


def _grown_old(one: Waiting) -> str:
    tried, again = ("tried", "Try it") if one.matter is Matter.CONTACT else ("read", "Read it")
    if one.period == NEVER:
        return f"Nobody ever {tried} it. {again}, and say so on its page"
    return f"Last {tried} on {words.day_text(date.fromisoformat(one.period))}. {again} again, and say so on its page"


def headline(found: Sequence[Waiting], *, day: date) -> str:
    """The subject: "2 overdue items and 1 more thing wait for you"."""
    overdue = sum(one.matter is Matter.ITEM and one.due_on < day for one in found)
    others = len(found) - overdue
    if not overdue:
        return f"{words.count(others, 'thing waits', 'things wait')} for you"
    if not others:
        return f"{words.count(overdue, 'overdue item waits', 'overdue items wait')} for you"
    return f"{words.count(overdue, 'overdue item')} and {words.count(others, 'more thing')} wait for you"


def event_sentence(one: Waiting, *, name: str, day: date) -> str:
    """What the item's own history says of a step. Names no incident."""
    to = {Part.OWES: "", Part.LEADS: ", who leads the team", Part.OWNS_SERVICE: ", who owns the service"}[one.part]
    front = " It stands on the front of the weekly report." if one.step is ReminderStep.FRONT else ""
    told = when_due(one, day=day)
    return f"Reminded {name}{to}: {told[:1].lower()}{told[1:]}.{front}"
