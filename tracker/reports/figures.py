"""The figures of the product: what each means, and the shares they come down to. Pure: numbers in, values out."""

from dataclasses import dataclass

from tracker import words
from tracker.deadlines import WATCH_WINDOW


@dataclass(frozen=True)
class Definition:
    """What a figure means, as it stands on the definitions page."""

    key: str
    name: str
    numerator: str
    denominator: str
    window: str


COHORT_STARTS = 120
COHORT_ENDS = 30
"""Days before the week's end between which an item was made to be counted; it had time to be done."""
LONG_OVERDUE = 30
"""Days past due from which an item stands on the report's front."""
SO_FAR = "the week of the report; while it lasts, its days that are over"
DONE_LONG_AGO = f"items done {WATCH_WINDOW.days} to {COHORT_STARTS} days before the end of the week"

DEFINITIONS = (
    Definition(
        "completion",
        "Completion on time",
        "items done or verified by their due date",
        "items due in the week, declined ones counted apart",
        SO_FAR,
    ),
    Definition(
        "follow-through",
        "Follow-through rate",
        "items done, verified, or declined with a reason",
        f"items created {COHORT_ENDS} to {COHORT_STARTS} days before the end of the week",
        "90 days",
    ),
    Definition(
        "verified",
        "Verified rate",
        "items verified",
        f"items done for longer than the watch window of {WATCH_WINDOW.days} days; one that was done again counts "
        "from then",
        DONE_LONG_AGO,
    ),
    Definition(
        "held",
        "Fix-held rate",
        "verified items that have not failed since they were last verified",
        "items that were verified; one that failed stays among them until it is done again",
        DONE_LONG_AGO,
    ),
    Definition(
        "recurrence",
        "Recurrence rate",
        "incidents that are the same as an earlier one",
        "incidents declared in the week",
        "the week of the report",
    ),
    Definition(
        "coverage",
        "Postmortem coverage",
        "required postmortems published by their due date",
        "required postmortems due in the week, skipped ones included",
        SO_FAR,
    ),
    Definition(
        "overdue-age",
        "Overdue age",
        "the median number of days past due",
        "open items past their due date",
        "at the end of the week, or now while it lasts; one that was opened again since counts as open all the time",
    ),
)


@dataclass(frozen=True)
class Share:
    """A part of a whole: ``part`` of ``whole`` cases."""

    part: int
    whole: int

    def __post_init__(self) -> None:
        if not 0 <= self.part <= self.whole:
            raise ValueError(f"{self.part} of {self.whole} is not a share.")

    @property
    def rate(self) -> float | None:
        """0 to 1; ``None`` when there is no case to count."""
        return self.part / self.whole if self.whole else None

    @property
    def is_percentage(self) -> bool:
        """Whether there are cases enough for a percentage not to pretend."""
        return self.whole >= words.SHARE_BASE

    @property
    def words(self) -> str:
        if self.is_percentage:
            return f"{100 * self.part / self.whole:.0f} %"
        return f"{self.part} of {self.whole}" if self.whole else "none yet"

    @property
    def base(self) -> str:
        """The cases behind a percentage; nothing when the cases are shown already."""
        return f"{self.part} of {self.whole}" if self.is_percentage else ""


@dataclass(frozen=True)
class Compared:
    """A share and the same share a week before."""

    definition: Definition
    this: Share
    before: Share
    more_is_better: bool = True

    @property
    def change(self) -> str:
        """The change in words; points of a percentage only between two percentages."""
        if not self.before.whole:
            return "no week before to compare with"
        if self.this.is_percentage and self.before.is_percentage:
            points = round(100 * self.this.part / self.this.whole) - round(100 * self.before.part / self.before.whole)
            if points == 0:
                return "as the week before"
            return f"{words.count(abs(points), 'point')} {'up' if points > 0 else 'down'}"
        return f"the week before: {self.before.part} of {self.before.whole}"

    @property
    def is_better(self) -> bool | None:
        """``None`` when nothing changed or there is nothing to compare."""
        this, before = self.this.rate, self.before.rate
        if this is None or before is None or this == before:
            return None
        return (this > before) is self.more_is_better


def definition(key: str) -> Definition:
    return next(one for one in DEFINITIONS if one.key == key)


def median_days(ages: list[int]) -> int | None:
    """The median of whole days in order, rounded down; ``None`` of nothing."""
    middle = len(ages) // 2
    return (ages[middle] + ages[-1 - middle]) // 2 if ages else None


@dataclass(frozen=True)
class HeadlineFacts:
    """What the headline is chosen from."""

    came_back: int
    """Incidents of the week that are the same as an earlier one."""
    undecided: int
    long_overdue: int
    """Open items at least ``LONG_OVERDUE`` days past due."""
    overdue: int
    late_postmortems: int
    incidents: int
    verified: int


HEADLINE_RULES = (
    "An incident of the week is the same as an earlier one.",
    f"An action item is overdue by {LONG_OVERDUE} days or more.",
    "A required postmortem is not published by its due date.",
    "A possible recurrence waits for somebody to decide.",
    "An action item is overdue.",
    "A fix was shown to work in the week, and nothing slipped.",
    "There were incidents, and nothing slipped.",
    "There was none, and nothing slipped: a calm week.",
)
"""What ``headline`` looks for, the worst first, as the page of definitions tells it."""


def headline(facts: HeadlineFacts) -> str:
    """The one sentence on top: of the first of ``HEADLINE_RULES`` that applies."""
    if facts.came_back:
        came = words.count(facts.came_back, "incident")
        return f"{came} came back this week: an earlier one was not followed through."
    if facts.long_overdue:
        verb = "is" if facts.long_overdue == 1 else "are"
        return f"{words.count(facts.long_overdue, 'action item')} {verb} overdue by {LONG_OVERDUE} days or more."
    if facts.late_postmortems:
        return f"{words.count(facts.late_postmortems, 'required postmortem')} not published by the due date."
    if facts.undecided:
        return f"{words.count(facts.undecided, 'possible recurrence')} waiting for somebody to decide."
    if facts.overdue:
        verb = "is" if facts.overdue == 1 else "are"
        return f"{words.count(facts.overdue, 'action item')} {verb} overdue, none of them for long."
    if facts.verified:
        return f"Nothing slipped, and {words.count(facts.verified, 'fix', 'fixes')} shown to work this week."
    if facts.incidents:
        return f"{words.count(facts.incidents, 'incident')} this week, and nothing slipped."
    return "A calm week: no incident, and nothing slipped."
