"""What a round of sync did, for the command line and the log."""

from dataclasses import dataclass, field


@dataclass
class Round:
    """Counted up while a tracker is written to and read."""

    tracker: str
    made: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    """The targets that the tracker does not show us."""
    read: int = 0
    changed: int = 0
    is_full: bool = False
    problems: list[str] = field(default_factory=list)
    is_broken: bool = False
    """Whether something that nobody foresaw ended it."""
