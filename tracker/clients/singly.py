"""How many tickets may be asked for by themselves in a round, and what need not be asked twice in it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Singly:
    """Used up where only a call of its own tells why a question about many left a ticket out."""

    left: int = 100
    """No fewer than are read with one call, so that every round gets on."""
    has_run_out: bool = False
    """Whether one more was wanted."""
    hidden: set[str] = field(default_factory=set)
    """Repositories and projects that could not be read: one call each, however many of their tickets are left out."""

    def take(self) -> bool:
        self.has_run_out |= self.left == 0
        self.left = max(self.left - 1, 0)
        return not self.has_run_out
