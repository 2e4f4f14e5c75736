"""When an imported incident started, was detected and was resolved: only where the document says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, tzinfo

from tracker.transfer.times import read_time
from tracker.transfer.values import ReadPostmortem
from tracker.zones import AMBIGUOUS, zone_named

_THING = r"(?:the )?(?:incident|outage|issue|problem|impact|downtime|disruption)"
_LEAD = r"[\s*_>#\[(-]{0,8}"
_SAYS = {
    "started_at": re.compile(
        rf"{_LEAD}(?:{_THING} (?:start(?:s|ed)?|begins|began)\b|(?:start|beginning) of {_THING}\b)", re.IGNORECASE
    ),
    "detected_at": re.compile(
        rf"{_LEAD}(?:{_THING} (?:is |was )?(?:first )?(?:detected|discovered|noticed)\b|detection of {_THING}\b)",
        re.IGNORECASE,
    ),
    "resolved_at": re.compile(
        rf"{_LEAD}(?:{_THING} (?:is |was |has been )?(?:now )?(?:fully )?(?:resolved|over|ends|ended)\b"
        rf"|end of {_THING}\b|resolved[\s.!*_]*$|all clear\b)",
        re.IGNORECASE,
    ),
}
_NOT_PLACED = {"approximate", "range", "unknown parts", "impossible", "out of order", "odd am or pm"}


def known_moments(read: ReadPostmortem, *, zone: str | None) -> dict[str, datetime]:
    """Facts that the document states come first, then timeline rows that say so and agree with what is known."""
    found: dict[str, datetime] = {}
    stated = {"started_at": read.started_text, "detected_at": read.detected_text, "resolved_at": read.resolved_text}
    own = read.zone if read.zone and read.zone.upper() not in AMBIGUOUS else None
    for name, text in stated.items():
        moment = stated_moment(text, zone=zone_named(own or zone or ""))
        if moment:
            found[name] = moment
    for name, moment in _said_in_rows(read):
        if name not in found and _agrees(name, moment, known=found):
            found[name] = moment
    return found


def stated_moment(text: str, *, zone: tzinfo | None) -> datetime | None:
    """The moment a fact states; ``None`` unless day, time of day and zone are all known."""
    stated = read_time(text) if text else None
    if stated is None or stated.on is None or stated.at is None or set(stated.flags) & _NOT_PLACED:
        return None
    if stated.zone_name:
        zone = None if stated.zone_name.upper() in AMBIGUOUS else zone_named(stated.zone_name)
    if zone is None or stated.on.year < 1970:
        return None
    try:
        return datetime.combine(stated.on, stated.at).replace(tzinfo=zone).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _said_in_rows(read: ReadPostmortem) -> Iterator[tuple[str, datetime]]:
    for row in read.timeline:
        if row.at is None or set(row.flags) & _NOT_PLACED:
            continue
        for name, says in _SAYS.items():
            if says.match(row.text[:300]):
                yield name, row.at


def _agrees(name: str, moment: datetime, *, known: Mapping[str, datetime]) -> bool:
    order = ("started_at", "detected_at", "resolved_at")
    place = order.index(name)
    return all(known.get(earlier, moment) <= moment for earlier in order[:place]) and all(
        known.get(later, moment) >= moment for later in order[place + 1 :]
    )


def first_known(read: ReadPostmortem, moments: Mapping[str, datetime]) -> datetime | None:
    """The earliest time that the document places, for ordering incidents."""
    placed = [row.at for row in read.timeline if row.at is not None and row.at.year >= 1970]
    return min([*placed, *moments.values()], default=None)


def stated_day(read: ReadPostmortem) -> date | None:
    """The day of a document without any full time: what it states, or from its file name, facts or timeline."""
    if read.on:
        return read.on
    name = read.name.rsplit("/", 1)[-1]
    for text in (read.front.get("date", ""), read.title, name, read.started_text, read.detected_text):
        beginning = read_time(text) if text else None
        if beginning and beginning.on and beginning.on.year >= 1970:
            return beginning.on
    found = re.search(r"(?:19[7-9]|20)\d\d-\d\d-\d\d", f"{read.title[:300]} {name[:300]}")
    if found and (beginning := read_time(found[0])) and beginning.on:
        return beginning.on
    return next((row.on for row in read.timeline if row.on and row.on.year >= 1970), None)


def published_day(read: ReadPostmortem) -> date | None:
    """The day of the document itself: that of its front matter."""
    beginning = read_time(read.front.get("date", "").strip("\"' \n"))
    return beginning.on if beginning and beginning.on and beginning.on.year >= 1970 else None


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
