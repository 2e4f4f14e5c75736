"""The anti-pattern radar: heroes, blame, skipped postmortems, promises left open. It names nobody."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from tracker.blame import names_a_person
from tracker.remembered import remembered
from tracker.reports import radar_queries, trend_counting
from tracker.reports.figures import Share
from tracker.reports.months import Span, twelve_months
from tracker.reports.radar_queries import Led, Said
from tracker.reports.scope import Scope

QUARTER = 3
LISTED = 10
FEWEST_LED = 3
"""Led incidents from which a service stands among the heroes: of one or two there is always a most frequent lead."""

Case = tuple[int, bool]
"""The month of a case, and whether it is one of those that are counted."""


@dataclass(frozen=True)
class Blip:
    """One pattern: its share over twelve months, and in each of their quarters."""

    share: Share
    quarters: tuple[tuple[str, Share], ...]

    @classmethod
    def of(cls, cases: Iterable[Case], *, span: Span) -> "Blip":
        by_month: defaultdict[int, list[bool]] = defaultdict(list)
        for month, is_one in cases:
            by_month[month].append(is_one)
        return cls.of_months({month: Share(sum(own), len(own)) for month, own in by_month.items()}, span=span)

    @classmethod
    def of_months(cls, shares: Mapping[int, Share], *, span: Span) -> "Blip":
        """Of the share of each month, by its place in the span."""
        starts = range(0, len(span.months), QUARTER)
        quarters = tuple(
            (
                f"{span.months[first].name} to {span.months[first + QUARTER - 1].name}",
                _together(shares[month] for month in range(first, first + QUARTER) if month in shares),
            )
            for first in starts
        )
        return cls(_together(shares.values()), quarters)


def _together(shares: Iterable[Share]) -> Share:
    all_of_them = list(shares)
    return Share(sum(one.part for one in all_of_them), sum(one.whole for one in all_of_them))


@dataclass(frozen=True)
class ServiceLine:
    """How many of a service's led incidents the same person led."""

    slug: str
    name: str
    share: Share


@dataclass(frozen=True)
class LedLine:
    """One led incident of a service, and whether whoever leads there most often led it."""

    incident_id: int
    service: str
    is_by_most_frequent: bool


@dataclass(frozen=True)
class IncidentLine:
    ref: str
    title: str
    detail: str = ""


@dataclass(frozen=True)
class Radar:
    span: Span
    heroes: Blip
    services: tuple[ServiceLine, ...]
    led: tuple[LedLine, ...]
    """The cases of the first figure, the newest first."""
    blame: Blip
    blaming: tuple[IncidentLine, ...]
    """The incidents whose published postmortem points at a person, the newest first."""
    skipped: Blip
    owed: Blip


def radar(scope: Scope, *, now: datetime, zone: ZoneInfo) -> Radar:
    span = twelve_months(now, zone=zone)
    return remembered(("reports.radar", scope.key, span), lambda: _counted(span, scope=scope, now=now))


def _counted(span: Span, *, scope: Scope, now: datetime) -> Radar:
    """A fixed number of statements, whatever there is."""
    services, led, led_cases = _heroes(radar_queries.led(span, scope=scope, now=now))
    blaming, blame_cases = _blame(radar_queries.said(span, scope=scope, now=now), people=radar_queries.names())
    incidents = trend_counting.incident_months(span, scope=scope, now=now)
    made = trend_counting.made_rows(span, scope=scope, now=now)
    return Radar(
        span=span,
        heroes=Blip.of(led_cases, span=span),
        services=services,
        led=led,
        blame=Blip.of(blame_cases, span=span),
        blaming=blaming,
        skipped=Blip.of_months({row.month: Share(row.skipped, row.required) for row in incidents}, span=span),
        owed=Blip.of_months({row.month: Share(row.owed, row.items) for row in made}, span=span),
    )


def _heroes(rows: list[Led]) -> tuple[tuple[ServiceLine, ...], tuple[LedLine, ...], list[Case]]:
    """The services by the share of their most frequent lead, and each led incident of those that have enough."""
    by_service: defaultdict[tuple[str, str], list[Led]] = defaultdict(list)
    for row in rows:
        by_service[row.slug, row.service].append(row)
    lines, all_led, cases = [], [], []
    for (slug, name), own in by_service.items():
        hero, led = Counter(row.person_id for row in own).most_common(1)[0]
        months = {row.incident_id: row.month for row in own}
        if len(months) < FEWEST_LED:
            continue
        lines.append(ServiceLine(slug, name, Share(led, len(months))))
        by_hero = {row.incident_id for row in own if row.person_id == hero}
        all_led += [LedLine(incident_id, name, incident_id in by_hero) for incident_id in months]
        cases += [(month, incident_id in by_hero) for incident_id, month in months.items()]
    newest = sorted(all_led, key=lambda line: (-line.incident_id, line.service))
    ordered = sorted(lines, key=lambda line: (-(line.share.rate or 0), -line.share.whole, line.name))
    return tuple(ordered[:LISTED]), tuple(newest), cases


def led_lines(lines: Sequence[LedLine]) -> list[IncidentLine]:
    """These cases with their references and titles, without anybody's name. One statement."""
    found = radar_queries.incidents_named([line.incident_id for line in lines])
    often, other = "led by whoever leads there most often", "led by somebody else"
    return [
        IncidentLine(*found[line.incident_id], f"{line.service}, {often if line.is_by_most_frequent else other}")
        for line in lines
        if line.incident_id in found
    ]


def _blame(sentences: Iterable[Said], *, people: list[str]) -> tuple[tuple[IncidentLine, ...], list[Case]]:
    """The incidents whose postmortem blames, the newest first, and each published postmortem."""
    points_at = _pointing(tuple(people))
    months: dict[int, int] = {}
    blaming: dict[int, IncidentLine] = {}
    for one in sentences:
        months[one.number] = one.month
        if one.number not in blaming and points_at.somebody(one.text):
            blaming[one.number] = IncidentLine(f"INC-{one.number}", one.title)
    return tuple(blaming.values()), [(month, number in blaming) for number, month in months.items()]


SENTENCES = 32_768
"""So many are remembered with what was found in them: they do not change, and to look takes most of the time."""


@lru_cache(maxsize=1)
def _pointing(people: tuple[str, ...]) -> "_Pointing":
    return _Pointing(people)


class _Pointing:
    """The rule by which the form asks about a why, for many sentences: only names that may stand there are tried."""

    def __init__(self, people: Iterable[str]) -> None:
        self._by_first: defaultdict[str, list[str]] = defaultdict(list)
        for name in people:
            self._by_first[name.split()[0] if name.split() else ""].append(name)
        self.somebody = lru_cache(maxsize=SENTENCES)(self._somebody)

    def _somebody(self, text: str) -> bool:
        maybe = [name for first, names in self._by_first.items() if first and first in text for name in names]
        return names_a_person(text, people=maybe)
