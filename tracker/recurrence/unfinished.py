"""What became of an earlier incident's items by the time it came back: values in, lines and one sentence out."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tracker import words
from tracker.models import ActionKind, ActionState, Incident, PostmortemState
from tracker.recurrence.repeated import NOTHING, Beside


class Standing(StrEnum):
    """How a promise stands, the least kept first."""

    OVERDUE = "overdue"
    DID_NOT_HOLD = "did not hold"
    OPEN = "open"
    DECLINED = "declined"
    DONE_NOT_VERIFIED = "done but not verified"
    DONE_SINCE = "done since"
    VERIFIED_SINCE = "verified since"
    VERIFIED = "verified"


KIND_ORDER = {ActionKind.PREVENT: 0, ActionKind.DETECT: 1, ActionKind.RECOVER: 2, None: 3}
STANDING_ORDER = {standing: number for number, standing in enumerate(Standing)}
KEPT = (Standing.VERIFIED,)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One action item of the earlier incident, as far as it matters here."""

    id: int
    number: int
    title: str
    state: ActionState
    kind: ActionKind | None = None
    owner: str = ""
    due_on: date | None = None
    done_at: datetime | None = None
    verified_at: datetime | None = None
    declined_at: datetime | None = None
    declined_reason: str = ""
    declined_by: str = ""

    @property
    def ref(self) -> str:
        return f"AI-{self.number}"


@dataclass(frozen=True)
class Line:
    """A promise and how it stands."""

    promise: Promise
    standing: Standing
    days_overdue: int
    nearness: float = 0.0
    """Which share of its words stands in the new cause, 0 to 1; only for ordering."""
    same_as: tuple[str, ...] = ()
    """The items of the family that promise the same."""
    was_done_before: bool = False
    """Whether it was done when the incident came back, so that it should have held."""

    @property
    def is_unfinished(self) -> bool:
        """Whether it was not yet shown to work when the later incident began."""
        return self.standing not in KEPT

    @property
    def is_owed(self) -> bool:
        return self.standing in (Standing.OVERDUE, Standing.DID_NOT_HOLD, Standing.OPEN)

    @property
    def words(self) -> str:
        """How it stands, in full: "overdue by 33 days, Ana (the same promise as AI-31)"."""
        return f"{self._stands} (the same promise as {', '.join(self.same_as)})" if self.same_as else self._stands

    @property
    def _stands(self) -> str:
        one = self.promise
        owner = one.owner or "nobody owns it"
        match self.standing:
            case Standing.OVERDUE:
                return f"overdue by {words.count(self.days_overdue, 'day')}, {owner}"
            case Standing.OPEN:
                due = f"due {words.day_text(one.due_on)}" if one.due_on else "without a date"
                return f"{one.state.value}, {due}, {owner}"
            case Standing.DID_NOT_HOLD:
                return f"was done and did not hold, {owner}"
            case Standing.DECLINED:
                return declined_words(one)
            case Standing.DONE_SINCE:
                return f"done since, on {_day(one.done_at)}; not verified"
            case Standing.DONE_NOT_VERIFIED:
                return f"done on {_day(one.done_at)}, but not verified"
            case Standing.VERIFIED_SINCE:
                return f"verified since, on {_day(one.verified_at)}"
        return f"verified on {_day(one.verified_at)}"


@dataclass(frozen=True)
class Stock:
    """All promises of the earlier incident: the unfinished first, by kind, lateness and nearness to the new cause."""

    lines: list[Line]
    postmortem: str = ""
    """What is unfinished about its postmortem, as a sentence; empty when nothing is."""

    @property
    def unfinished(self) -> list[Line]:
        return [line for line in self.lines if line.is_unfinished]

    @property
    def owed(self) -> list[Line]:
        return [line for line in self.lines if line.is_owed]

    @property
    def done(self) -> list[Line]:
        """Items that were done when it came back, and still count as done: the ones to ask a verdict of."""
        return [line for line in self.lines if line.was_done_before]

    @property
    def digest(self) -> str:
        """Changes when an item is added, taken away or changes its state; not with the passing of days."""
        state = ";".join(
            f"{line.promise.number}={line.promise.state.value}" for line in sorted(self.lines, key=_number)
        )
        return hashlib.sha256(state.encode()).hexdigest()[:32]

    @property
    def sentence(self) -> str:
        """All in a sentence with its base: "Of its 5 items: 2 verified, 1 overdue by 33 days (Ana).", and one more
        if its postmortem was not finished."""
        return f"{self._of_items} {self.postmortem}".strip()

    @property
    def _of_items(self) -> str:
        if not self.lines:
            return "No action items came of it."
        if len(self.lines) == 1:
            return f"Its one item is {_group_words(self.lines[0].standing, self.lines)[2:]}."
        parts = [
            _group_words(standing, found)
            for standing in reversed(Standing)
            if (found := [line for line in self.lines if line.standing is standing])
        ]
        return f"Of its {len(self.lines)} items: {', '.join(parts)}."


def began_at(incident: Incident) -> datetime:
    """When an incident began, as far as anybody knows: never after it was declared."""
    return min(incident.started_at or incident.declared_at, incident.declared_at)


def take_stock(
    promises: Iterable[Promise],
    *,
    came_back: datetime | None,
    today: date,
    postmortem: str = "",
    beside: Beside = NOTHING,
) -> Stock:
    """How each promise stands today, seen from when the incident came back; ``None``: it has not."""
    lines = [_line(promise, came_back=came_back, today=today, beside=beside) for promise in promises]
    return Stock(sorted(lines, key=_order), postmortem)


def postmortem_words(state: PostmortemState, *, is_required: bool, skipped_reason: str) -> str:
    """What is unfinished about a postmortem: it was skipped, or it was required and is not published."""
    if state is PostmortemState.SKIPPED:
        return f"Its postmortem was skipped: “{cut(' '.join(skipped_reason.split()).rstrip('.'))}”."
    if is_required and state is not PostmortemState.PUBLISHED:
        return "Its postmortem was not published."
    return ""


def _line(promise: Promise, *, came_back: datetime | None, today: date, beside: Beside) -> Line:
    late = (today - promise.due_on).days if promise.due_on and promise.due_on < today and promise.state.is_open else 0
    is_done = promise.state in (ActionState.DONE, ActionState.VERIFIED)
    return Line(
        promise,
        _standing(promise, came_back=came_back, is_late=late > 0),
        late,
        nearness=beside.nearness(promise.title),
        same_as=beside.same_as(promise.id, promise.title),
        was_done_before=is_done and not _is_after(promise.done_at, came_back),
    )


def _standing(promise: Promise, *, came_back: datetime | None, is_late: bool) -> Standing:
    match promise.state:
        case ActionState.VERIFIED:
            is_since = _is_after(promise.verified_at, came_back)
            return Standing.VERIFIED_SINCE if is_since else Standing.VERIFIED
        case ActionState.DONE:
            is_since = _is_after(promise.done_at, came_back)
            return Standing.DONE_SINCE if is_since else Standing.DONE_NOT_VERIFIED
        case ActionState.DECLINED:
            return Standing.DECLINED
        case ActionState.DID_NOT_HOLD:
            return Standing.DID_NOT_HOLD
    return Standing.OVERDUE if is_late else Standing.OPEN


def _is_after(moment: datetime | None, came_back: datetime | None) -> bool:
    return moment is not None and came_back is not None and moment > came_back


def _order(line: Line) -> tuple[int, int, int, float, int, int]:
    return (
        line.standing in KEPT,
        KIND_ORDER[line.promise.kind],
        -line.days_overdue,
        -line.nearness,
        STANDING_ORDER[line.standing],
        line.promise.number,
    )


def _number(line: Line) -> int:
    return line.promise.number


def _group_words(standing: Standing, lines: list[Line]) -> str:
    number = len(lines)
    if standing is Standing.OVERDUE:
        days = max(line.days_overdue for line in lines)
        owners = ", ".join(dict.fromkeys(line.promise.owner for line in lines if line.promise.owner))
        most = "up to " if number > 1 else ""
        return f"{number} overdue by {most}{words.count(days, 'day')}" + (f" ({owners})" if owners else "")
    if standing is Standing.DECLINED and number == 1:
        return f"1 {declined_words(lines[0].promise)}"
    return f"{number} {standing.value}"


def declined_words(promise: Promise) -> str:
    """A decision not to do it: when, by whom, and why."""
    when = f" on {_day(promise.declined_at)}" if promise.declined_at else ""
    by = f" by {promise.declined_by}" if promise.declined_by else ""
    reason = " ".join(promise.declined_reason.split()).rstrip(".")
    return f"declined{when}{by} because “{cut(reason)}”"


def cut(text: str, length: int = 160) -> str:
    """The first words of a text, as they were typed."""
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + "…"


def _day(moment: datetime | None) -> str:
    return words.day_text(moment.date()) if moment else "a day not known"
