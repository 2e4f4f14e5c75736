"""What is known of one incident; and the same reduced to weighted terms, which is all the comparison keeps."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from tracker.recurrence import weights
from tracker.recurrence.terms import terms_of, terms_of_word, words_of

MOST_TERMS = 2_000
"""Different terms of one text that are kept, the most frequent first: bounds the work for any text."""


@dataclass(frozen=True, kw_only=True)
class Described:
    """What is known of one incident."""

    id: int
    moment: datetime
    title: str = ""
    summary: str = ""
    services: frozenset[str] = frozenset()
    alert: str = ""
    cause_category: str = ""
    root_cause: str = ""
    factors: str = ""

    @property
    def declared_text(self) -> str:
        return f"{self.title}\n{self.summary}"

    @property
    def cause_text(self) -> str:
        return f"{self.root_cause}\n{self.factors}"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """An incident ready to be compared: no text, only terms and facts."""

    id: int
    moment: datetime
    services: frozenset[str]
    alert: str
    cause: str
    terms: dict[str, float]
    """What was declared: how much each term stands for, 0 to 1."""
    cause_terms: dict[str, float]
    """The same of the written causes."""

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it stands in time; what is smaller is earlier."""
        return (self.moment, self.id)


def prepare(described: Described) -> Prepared:
    """Read the texts once. Bounded for any text, and never raises for one."""
    title, summary = Counter(terms_of(described.title)), Counter(terms_of(described.summary))
    return Prepared(
        id=described.id,
        moment=described.moment.astimezone(UTC),
        services=described.services,
        alert=" ".join(described.alert.casefold().split()),
        cause=described.cause_category,
        terms=_impacts({"title": title, "summary": summary}),
        cause_terms=_impacts({"cause": Counter(terms_of(described.cause_text))}),
    )


def _impacts(fields: dict[str, Counter[str]]) -> dict[str, float]:
    """BM25F: the fields' counts, each by its weight and length, added up and then saturated."""
    added: dict[str, float] = {}
    for name, counts in fields.items():
        length = sum(counts.values())
        if not length:
            continue
        share = weights.LENGTH_SHARE[name]
        one = weights.FIELD_WEIGHTS[name] / (1 - share + share * length / weights.AVERAGE_WORDS[name])
        for term, count in counts.most_common(MOST_TERMS):
            added[term] = added.get(term, 0.0) + one * count
    return {term: value / (weights.SATURATION + value) for term, value in added.items()}


def surface_forms(text: str) -> dict[str, str]:
    """For each term of a text how it is written there, the first time."""
    forms: dict[str, str] = {}
    for word in words_of(text):
        for term in terms_of_word(word[0]):
            forms.setdefault(term, word[0])
    return forms
