"""Why two incidents look alike, in at most five lines of facts that a person can check. Values in, lines out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker import words
from tracker.models import Incident, Recurrence

MOST_LINES = 5
DIFFERENCES_SHOWN = 3
TIMES_SHOWN = 4
WORDS_REASON = "shared rare words"


@dataclass(frozen=True)
class Time:
    """One occurrence of the family, as far as its history needs it."""

    ref: str
    declared_at: datetime
    is_undated: bool


def explain(pair: Recurrence, *, history: Sequence[Time], causes: dict[int, str]) -> list[str]:
    """The lines about one pair: what is the same, the shared words, what differs, and the family's history.

    ``causes`` has the cause category of an incident, where one is known.
    """
    equal = " · ".join(_equal_facts(pair))
    unlike = " · ".join(differences(pair.later, pair.earlier, causes=causes))
    told = family_history(history, before=pair.later)
    lines = [
        equal[:1].upper() + equal[1:],
        shared_words(pair.shared_terms, compared_with=pair.compared_with),
        f"Different: {unlike}" if unlike else "",
        f"In this family: {told}" if told else "",
    ]
    return [line for line in lines if line][:MOST_LINES]


def _equal_facts(pair: Recurrence) -> list[str]:
    return [str(one) for one in pair.reasons if not str(one).startswith(WORDS_REASON)]


def shared_words(shared_terms: Sequence[Sequence[object]], *, compared_with: int) -> str:
    """Each word with how many of the earlier incidents have it: "... migration (in 1), lock (in 3) of 801 ..."."""
    if not shared_terms:
        return ""
    named = ", ".join(f"{word} (in {number})" for word, number in shared_terms)
    return f"Shared rare words: {named} of {words.count(compared_with, 'earlier incident')}"


def differences(later: Incident, earlier: Incident, *, causes: dict[int, str]) -> list[str]:
    """What is known of both and not equal, the weightiest first."""
    found = [
        *_service_difference(later, earlier),
        *_unlike("cause", causes.get(earlier.id, ""), causes.get(later.id, "")),
        *_unlike("alert", earlier.alert_name, later.alert_name),
        *_unlike("", earlier.severity.value, later.severity.value),
    ]
    return found[:DIFFERENCES_SHOWN]


def _unlike(what: str, then: str, now: str) -> Iterator[str]:
    if then and now and then.casefold() != now.casefold():
        yield " ".join(f"{what} then {then}, now {now}".split())


def _service_difference(later: Incident, earlier: Incident) -> Iterator[str]:
    then, now = ({service.name for service in one.services} for one in (earlier, later))
    if not then or not now or then == now:
        return
    if then < now:
        yield f"now {', '.join(sorted(now - then))} too"
    elif now < then:
        yield f"then {', '.join(sorted(then - now))} too"
    else:
        yield f"then {', '.join(sorted(then - now))}, now {', '.join(sorted(now - then))}"


def family_history(history: Sequence[Time], *, before: Incident) -> str:
    """How often the family happened before: "this would be the 3rd time: INC-1 (12 Mar 2026), INC-3 (9 Apr 2026)"."""
    earlier = [one for one in history if one.ref != before.ref and one.declared_at <= before.declared_at]
    if len(earlier) < 2:
        return ""
    shown = [f"{one.ref} ({_day(one)})" for one in earlier[-TIMES_SHOWN:]]
    left_out = f"{len(earlier) - TIMES_SHOWN} more, " if len(earlier) > TIMES_SHOWN else ""
    return f"the {ordinal(len(earlier) + 1)} time, after {left_out}{', '.join(shown)}"


def _day(one: Time) -> str:
    return "day not known" if one.is_undated else words.day_text(one.declared_at.date())


def ordinal(number: int) -> str:
    """A number in its order: "2nd", "11th"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
