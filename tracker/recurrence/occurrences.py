"""Where each occurrence of a family stands on its strip of time."""

from tracker.recurrence.family_queries import Occurrence

LABELLED = 8
"""Beyond this many the labels would run into each other: the rest stand in the list below the strip."""


def strip_points(occurrences: list[Occurrence]) -> list[tuple[float, str, str, str]]:
    """For each occurrence (percent, reference, day, tone), the latest few if there are many."""
    shown = occurrences[-LABELLED:]
    first, last = shown[0].incident.declared_at, shown[-1].incident.declared_at
    whole = (last - first).total_seconds()
    return [
        (
            round(100 * (one.incident.declared_at - first).total_seconds() / whole, 1) if whole else 50.0,
            one.incident.ref,
            f"{one.incident.declared_at.day} {one.incident.declared_at:%b %Y}",
            "bad",
        )
        for one in shown
    ]
