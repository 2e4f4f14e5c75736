"""How many tickets may be asked for by themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Singly:
    """Used up where only a call of its own tells why a question about many left a ticket out."""

    left: int = 100
    """No fewer than are read with one call, so that every round gets on."""
    has_run_out: bool = False
    """Whether one more was wanted."""

    def take(self) -> bool:
        self.has_run_out |= self.left == 0
        self.left = max(self.left - 1, 0)
        return not self.has_run_out
