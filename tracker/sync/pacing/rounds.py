"""What a round of sync did, for the command line and the log."""

from dataclasses import dataclass, field

from tracker.clients.failures import AnswerLost, ClientError, Redirected, StrangeAnswer, Unavailable


@dataclass
class Round:
    """Counted up while a tracker is written to and read."""

    tracker: str
    made: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """The items whose tickets were told what changed here."""
    targets: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    """The targets that the tracker does not show us."""
    read: int = 0
    changed: int = 0
    is_full: bool = False
    problems: list[str] = field(default_factory=list)
    is_broken: bool = False
    """Whether something that nobody foresaw ended it."""


def may_have_happened(error: ClientError) -> bool:
    """Whether a write may have come through although the call failed. What is not clearly a no counts as perhaps."""
    if isinstance(error, Redirected):
        return False
    return isinstance(error, (AnswerLost, Unavailable, StrangeAnswer))
