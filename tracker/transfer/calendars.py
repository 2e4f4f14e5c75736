"""Put dates and zones to timeline entries: only what the document states, or the caller gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from tracker.transfer.timelines import Entry
from tracker.transfer.times import ShortDate, TimeText, order_short, possible_date
from tracker.transfer.values import TimelineRow
from tracker.zones import AMBIGUOUS, zone_named

_EVENING, _MORNING = 18, 9


@dataclass
class Calendar:
    """What is known when an entry is reached: the date above it, the year, the zone of all times."""

    zone: tzinfo | None = None
    year: int | None = None
    today: date | None = None
    source: str = ""
    """Where a day came from that stands neither on a row nor above it: "the title", "the document"."""
    day_first: bool | None = None
    before: datetime | None = None


def rows_of(entries: Sequence[Entry], *, calendar: Calendar) -> tuple[TimelineRow, ...]:
    """Timeline rows in the order of the document."""
    if calendar.day_first is None:
        calendar.day_first = settled_order(entries)
    rows = []
    for entry in entries:
        if entry.is_date_above:
            _move_to(entry, calendar=calendar)
        else:
            rows.append(_row(entry, calendar=calendar))
    return tuple(rows)


def settled_order(entries: Sequence[Entry]) -> bool | None:
    """Whether the document writes the day first, where other dates of it can be read one way only; else None."""
    seen = set()
    for entry in entries:
        short = entry.time.short if entry.time else None
        if short and short.first != short.second:
            year = short.year or 2000
            month_first, day_first = (
                possible_date(year, short.first, short.second),
                possible_date(year, short.second, short.first),
            )
            if bool(month_first) != bool(day_first):
                seen.add(bool(day_first))
    return seen.pop() if len(seen) == 1 else None


def _move_to(entry: Entry, *, calendar: Calendar) -> None:
    calendar.year = entry.year_above or calendar.year
    if entry.time is None:
        return
    on, flags = _date_of(entry.time, calendar=calendar)
    if on and not flags:
        calendar.today, calendar.before, calendar.year, calendar.source = on, None, on.year, ""
    elif entry.at_text:
        calendar.today, calendar.before = None, None


def _row(entry: Entry, *, calendar: Calendar) -> TimelineRow:
    text = _text_of(entry.lines)
    time = entry.time
    if time is None:
        flags: tuple[str, ...] = ("no time",) if not entry.at_text else ("not a time",)
        return TimelineRow(text=text, at_text=entry.at_text, flags=flags)
    flags = time.flags
    if not time.has_clock and not time.has_date:
        return TimelineRow(text=text, at_text=entry.at_text, flags=flags)
    if time.has_date:
        on, more = _date_of(time, calendar=calendar)
        calendar.today, calendar.source = on, ""
        calendar.year = on.year if on and not more else calendar.year
    else:
        on, more = _inherited(time, calendar=calendar)
    local = datetime.combine(on, time.at) if on and time.at and "impossible" not in flags else None
    calendar.before = local or calendar.before
    at, zone_flags = _in_utc(local, time=time, calendar=calendar)
    no_time = () if time.has_clock else ("no time",)
    return TimelineRow(
        text=text,
        at_text=entry.at_text,
        at=at,
        local_at=local,
        on=on,
        flags=_unique((*flags, *more, *no_time, *zone_flags)),
    )


def _unique(flags: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flags))


def _text_of(lines: Sequence[str]) -> str:
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    first, newline, rest = text.partition("\n")
    return (first.strip() + newline + _dedented(rest)).strip() if first else ""


def _dedented(text: str) -> str:
    lines = text.split("\n")
    depth = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return "\n".join(line[min(depth, len(line) - len(line.lstrip(" "))) :] for line in lines)


def _date_of(time: TimeText, *, calendar: Calendar) -> tuple[date | None, tuple[str, ...]]:
    if time.on:
        return time.on, ()
    if time.month_day:
        if calendar.year is None:
            return None, ("no year",)
        on = possible_date(calendar.year, *time.month_day)
        return (on, ()) if on else (None, ("impossible",))
    if time.short:
        return _ordered(time.short, calendar=calendar)
    return None, ()


def _ordered(short: ShortDate, *, calendar: Calendar) -> tuple[date | None, tuple[str, ...]]:
    year = short.year or calendar.year
    if year is None:
        return None, ("no year",)
    on = order_short(short, day_first=calendar.day_first, year=year)
    if on:
        return on, ()
    could_be = possible_date(year, short.first, short.second) or possible_date(year, short.second, short.first)
    return None, ("day or month first",) if could_be else ("impossible",)


def _inherited(time: TimeText, *, calendar: Calendar) -> tuple[date | None, tuple[str, ...]]:
    """The date above; one day on where the hours pass midnight from evening to morning."""
    if calendar.today is None:
        return None, ("no date",)
    flags = (f"date from {calendar.source}",) if calendar.source else ()
    before = calendar.before
    if time.at is None or before is None or before.date() != calendar.today or time.at >= before.time():
        return calendar.today, flags
    if before.hour >= _EVENING and time.at.hour < _MORNING and calendar.today < date.max:
        calendar.today += timedelta(days=1)
        return calendar.today, (*flags, "after midnight")
    return calendar.today, (*flags, "out of order")


def _in_utc(local: datetime | None, *, time: TimeText, calendar: Calendar) -> tuple[datetime | None, tuple[str, ...]]:
    if time.zone_name.upper() in AMBIGUOUS:
        return None, ("which zone",)
    zone = zone_named(time.zone_name) if time.zone_name else calendar.zone
    if zone is None:
        return None, ("no zone",) if time.at else ()
    if local is None:
        return None, ()
    return local.replace(tzinfo=zone).astimezone(UTC), ()
