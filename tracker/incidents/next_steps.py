"""What to do now: the order of priorities in an incident, and when the next update is due. Values in, values out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.deadlines import UPDATE_CADENCE
from tracker.models import Phase, Severity

ORDER = tuple(Phase)
SETTLED = timedelta(days=1)
"""So long after it was resolved an incident is worked on, even if nobody says that it stayed quiet."""
RESOLVED_MEANS = (
    "the immediate problem is fixed",
    "users can work normally",
    "metrics are back to baseline",
    "no further intervention is needed",
)


@dataclass(frozen=True)
class Step:
    name: str
    sentence: str
    state: str
    """``done``, ``now`` or ``later``."""


SENTENCES = (
    ("Assess the impact", "Who is affected, how many, since when? Check recent deploys, changes, upstream services."),
    (
        "Stabilise",
        "Stabilise before you diagnose: roll back, switch off, scale up. The fastest step that can be undone.",
    ),
    ("Communicate", "Tell the team, the stakeholders and the users what you know, and when they hear again."),
    ("Diagnose", "Users are safe: now look for the cause. What changed? What would prove you wrong?"),
    ("Resolve", "Fix what is left, and check that users can work normally."),
)


def steps(phase: Phase, *, is_told: bool) -> list[Step]:
    """The priority order with the step that is due. ``is_told``: an update went out and the next is not due yet."""
    done = {
        "Assess the impact": phase is not Phase.DECLARED,
        "Stabilise": has_passed(phase, Phase.STABILISED),
        "Communicate": is_told or not phase.is_live,
        "Diagnose": not phase.is_live,
        "Resolve": not phase.is_live,
    }
    due = next((name for name, _ in SENTENCES if not done[name]), None)
    return [
        Step(name, sentence, "done" if done[name] else "now" if name == due else "later")
        for name, sentence in SENTENCES
    ]


def has_passed(phase: Phase, target: Phase) -> bool:
    """Whether ``target`` is reached in ``phase``."""
    return ORDER.index(phase) >= ORDER.index(target)


def is_over(phase: Phase, *, resolved_at: datetime | None, now: datetime) -> bool:
    """Whether people read of it rather than work in it: verified, closed, or resolved for a day."""
    if phase.is_live:
        return False
    return has_passed(phase, Phase.VERIFIED) or resolved_at is None or now - resolved_at > SETTLED


def following(phase: Phase) -> Phase | None:
    """The phase that comes next; ``None`` after the last."""
    position = ORDER.index(phase) + 1
    return ORDER[position] if position < len(ORDER) else None


def update_due_at(
    severity: Severity, *, phase: Phase, declared_at: datetime, last_sent_at: datetime | None
) -> datetime | None:
    """When people are due to hear from us again; ``None`` when nothing is promised."""
    if not phase.is_live or severity not in UPDATE_CADENCE:
        return None
    return (last_sent_at or declared_at) + UPDATE_CADENCE[severity]


def announcement(title: str) -> str:
    """What to tell the team first."""
    end = "" if title.endswith((".", "!", "?")) else "."
    return f"We have an incident. {title}{end} I'm investigating."
