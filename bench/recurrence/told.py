"""What was measured, in the words of a table."""

from statistics import quantiles

from bench.recurrence.asked import Asked

Timed = tuple[float, float]
"""Seconds on the clock, and of the processor."""


def both(wall: "Timed | list[float]", processor: "Timed | list[float]") -> str:
    clocks, used = quantiles(wall, n=20), quantiles(processor, n=20)
    return f"{1000 * clocks[9]:.0f} / {1000 * clocks[18]:.0f} ms ({1000 * used[9]:.0f} / {1000 * used[18]:.0f})"


def once(one: Timed) -> str:
    return f"{one[0]:.0f} s ({one[1]:.0f})"


def memory(one: Asked) -> str:
    return f"{one.most - one.before:.0f} MB ({one.before:.0f} to {one.most:.0f})"
