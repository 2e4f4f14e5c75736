"""Two incidents beside each other with their shared words marked, and what was promised then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tracker.models import HeldVerdict, Incident, Person, Recurrence, RecurrenceState, Verdict
from tracker.recurrence import queries
from tracker.recurrence.described import first_entries
from tracker.recurrence.explaining import explain
from tracker.recurrence.family_queries import find_family_id, history_of
from tracker.recurrence.similarity import Band, band_of
from tracker.recurrence.terms import marked, terms_of_word, words_of
from tracker.recurrence.unfinished import Line, Stock, cut

SHOWN = 900
"""Characters of each text; the whole stands on the incident's own pages."""
QUESTIONS = {"summary": "Summary", "what_broke": "What broke", "root_causes": "Root cause"}

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
    answers, causes = queries.answers_and_causes_of(both, *QUESTIONS)
    noted = first_entries(both)
    history = history_of(both, viewer=viewer)
    cause = answers.get(pair.later_id, {}).get("root_causes", "")
    business = queries.business_of(pair, cause=cause, viewer=viewer, today=today)
    return PairView(
        pair,
        _side(pair.later, _texts_of(pair.later, answers, noted), shared),
        _side(pair.earlier, _texts_of(pair.earlier, answers, noted), shared),
        business.stock,
        business.linked,
        find_family_id(pair.later_id, viewer=viewer) if pair.state is RecurrenceState.SAME else None,
        explain(pair, history=history, causes=causes),
    )


def _terms(word: str) -> list[str]:
    return [term for found in words_of(word) for term in terms_of_word(found[0])]


def _texts_of(
    incident: Incident, answers: Mapping[int, Mapping[str, str]], noted: Mapping[int, list[str]]
) -> list[tuple[str, str]]:
    """All that was compared, each text with its label."""
    answered = answers.get(incident.id, {})
    return [
        ("", incident.summary),
        ("Noted first", "\n".join(noted.get(incident.id, ()))),
        *((label, answered.get(key, "")) for key, label in QUESTIONS.items()),
    ]


def _side(incident: Incident, texts: list[tuple[str, str]], shared: frozenset[str]) -> Side:
    return Side(
        incident,
        marked(incident.title, shared=shared),
        [(label, marked(cut(" ".join(text.split()), SHOWN), shared=shared)) for label, text in texts if text.strip()],
    )
