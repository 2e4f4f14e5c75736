"""Two incidents beside each other with their shared words marked, and what the card shows while somebody declares."""

from dataclasses import dataclass
from datetime import date, timedelta

from tracker.models import HeldVerdict, Incident, Person, Recurrence, RecurrenceState, Verdict
from tracker.recurrence import queries
from tracker.recurrence.explaining import explain
from tracker.recurrence.family_queries import causes_of, family_sizes, find_family_id, history_of
from tracker.recurrence.operations import as_written
from tracker.recurrence.similarity import Band, Described, Match, band_of
from tracker.recurrence.terms import marked, terms_of_word, words_of
from tracker.recurrence.unfinished import Line, Stock, cut, take_stock

SHOWN = 900
"""Characters of each text; the whole stands on the incident's own pages."""
QUESTIONS = {"summary": "Summary", "what_broke": "What broke", "root_causes": "Root cause"}
CARD_SHOWN = 3
USEFUL_FROM = 0.1
"""Under this likelihood the best match is a guess that would only distract while somebody declares."""
NEXT_FROM = 0.5
"""Beside a useful one, others that are at least so close to it are shown too."""

Pieces = list[tuple[str, bool]]


@dataclass(frozen=True)
class Side:
    """One of the two incidents: its title and texts in pieces, each with whether it is a shared word."""

    incident: Incident
    title: Pieces
    texts: list[tuple[str, Pieces]]


@dataclass(frozen=True)
class PairView:
    """All that the decision page shows."""

    pair: Recurrence
    later: Side
    earlier: Side
    stock: Stock
    linked: set[int]
    """Items that the later incident asks for already."""
    family_id: int | None
    explanation: list[str]
    """At most five lines of facts."""

    @property
    def is_likely(self) -> bool:
        return band_of(self.pair.score) is Band.RECURRENCE

    @property
    def is_same(self) -> bool:
        return self.pair.state is RecurrenceState.SAME

    @property
    def days_apart(self) -> int:
        return (self.pair.later.declared_at - self.pair.earlier.declared_at).days

    @property
    def to_judge(self) -> list[Line]:
        """The done items of which nobody has said yet whether they should have held."""
        given = {verdict.action_id for verdict in self.pair.verdicts}
        return [line for line in self.stock.done if line.promise.id not in given]

    @property
    def judged(self) -> list[tuple[Line, Verdict]]:
        lines = {line.promise.id: line for line in self.stock.lines}
        return [(lines[one.action_id], one) for one in self.pair.verdicts if one.action_id in lines]


VERDICT_WORDS = {
    HeldVerdict.FAILED: "Should have prevented it, but failed",
    HeldVerdict.BYPASSED: "Was bypassed",
    HeldVerdict.NOT_RELEVANT: "Not relevant this time",
}


def pair_view(recurrence_id: int, *, viewer: Person, today: date) -> PairView:
    pair = queries.get_pair(recurrence_id, viewer=viewer)
    shared = frozenset(term for word, _ in pair.shared_terms for term in _terms(str(word)))
    both = [pair.later_id, pair.earlier_id]
    answers = queries.answers_of(both, *QUESTIONS)
    history = history_of(both, viewer=viewer)
    return PairView(
        pair,
        _side(pair.later, answers.get(pair.later_id, {}), shared),
        _side(pair.earlier, answers.get(pair.earlier_id, {}), shared),
        queries.whole_stock(
            pair, cause=answers.get(pair.later_id, {}).get("root_causes", ""), viewer=viewer, today=today
        ),
        queries.linked_action_ids(pair.later_id),
        find_family_id(pair.later_id, viewer=viewer) if pair.state is RecurrenceState.SAME else None,
        explain(pair, history=history, causes=causes_of(both)),
    )


def _terms(word: str) -> list[str]:
    return [term for found in words_of(word) for term in terms_of_word(found[0])]


def _side(incident: Incident, answers: dict[str, str], shared: frozenset[str]) -> Side:
    texts = [("", incident.summary), *((label, answers.get(key, "")) for key, label in QUESTIONS.items())]
    return Side(
        incident,
        marked(incident.title, shared=shared),
        [(label, marked(cut(" ".join(text.split()), SHOWN), shared=shared)) for label, text in texts if text.strip()],
    )


@dataclass(frozen=True)
class Seen:
    """One earlier incident on the seen-before card, for its whole family."""

    incident: Incident
    reasons: list[str]
    times: int
    fix: str
    took: timedelta | None
    stock: Stock


def seen_before(
    described: Described, matches: list[Match], *, families: dict[int, int], viewer: Person, today: date
) -> list[Seen]:
    """The best three of what this reader may see, one a family; empty when nothing is worth interrupting for."""
    useful = _useful(matches)
    visible = queries.visible_incidents([match.incident_id for match in useful], viewer=viewer)
    best: dict[int, Match] = {}
    for match in useful:
        if match.incident_id in visible:
            best.setdefault(families.get(match.incident_id, -match.incident_id), match)
    chosen = list(best.items())[:CARD_SHOWN]
    ids = [match.incident_id for _, match in chosen]
    promises, answers = queries.promises_of(ids), queries.answers_of(ids, "resolution")
    times = family_sizes([family for family, _ in chosen if family > 0], viewer=viewer)
    seen = []
    for family, match in chosen:
        incident = visible[match.incident_id]
        stock = take_stock(promises.get(incident.id, []), came_back=None, today=today)
        fix = cut(" ".join(answers.get(incident.id, {}).get("resolution", "").split()), 240)
        shared = ", ".join(word for word, _ in as_written(match, described))
        reasons = [*match.reasons, *([f"shared words: {shared}"] if shared else [])]
        seen.append(Seen(incident, reasons, times.get(family, 1), fix, incident.time_to_resolve, stock))
    return seen


def _useful(matches: list[Match]) -> list[Match]:
    if not any(match.score >= USEFUL_FROM for match in matches):
        return []
    return [
        match
        for match in matches
        if (match.score >= USEFUL_FROM or match.closeness >= NEXT_FROM) and (match.shared_terms or match.reasons)
    ]
