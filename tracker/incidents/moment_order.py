"""Whether the moments of an incident stand in their order, in words. Values in, values out."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from itertools import pairwise

from tracker import words

HAPPENED = {
    "started_at": "it started",
    "detected_at": "it was noticed",
    "triaged_at": "the impact was assessed",
    "stabilised_at": "users were safe",
    "resolved_at": "it was resolved",
    "verified_at": "it was verified",
    "closed_at": "it was closed",
}
"""The moments in their natural order. Declaring may come before or after noticing, so it is left out."""


def odd_orders(moments: Mapping[str, datetime | None], *, zone: tzinfo, now: datetime) -> list[str]:
    """A sentence for each two neighbours that are both known and stand the wrong way round."""
    known = [(name, at) for name in HAPPENED if (at := moments.get(name)) is not None]
    sentences = [
        f"{_said(later, after, zone=zone, now=now)} before {_said(earlier, before, zone=zone, now=now)}."
        for (earlier, before), (later, after) in pairwise(known)
        if after < before
    ]
    return [sentence[:1].upper() + sentence[1:] for sentence in sentences]


def _said(name: str, at: datetime, *, zone: tzinfo, now: datetime) -> str:
    return f"{HAPPENED[name]} ({words.hour_text(at, zone, now=now)})"
