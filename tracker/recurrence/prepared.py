"""What is known of one incident; and the same reduced to terms and facts, which is all the comparison reads."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tracker.recurrence import weights
from tracker.recurrence.terms import terms_of, terms_of_word, words_of

EDITION = 3
"""Of the rules in this module and in ``terms``: raise it when they change, and the index reads every incident again."""
MOST_OF_TITLE, MOST_OF_TEXT, MOST_OF_ENTRIES = 80, 1_200, 150
"""Terms of a title, a text and the first entries that are kept, the first ones: bounds the work for any text."""
CAUSE_MARK = "="
"""Stands before a term of the written causes: the index counts it apart from the same word elsewhere."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Described:
    """What is known of one incident."""

    id: int
    moment: datetime
    title: str = ""
    summary: str = ""
    entries: str = ""
    """What was noted on its timeline in the first minutes."""
    services: frozenset[str] = frozenset()
    alert: str = ""
    cause_category: str = ""
    root_cause: str = ""
    factors: str = ""

    @property
    def declared_text(self) -> str:
        return f"{self.title}\n{self.summary}\n{self.entries}"

    @property
    def cause_text(self) -> str:
        return f"{self.root_cause}\n{self.factors}"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """An incident ready to be compared: no text, only facts, and terms in the order of the text."""

    id: int
    moment: datetime
    services: frozenset[str]
    alert: str
    cause: str
    title: tuple[str, ...]
    body: tuple[str, ...]
    causes: tuple[str, ...]

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it stands in time; what is smaller is earlier."""
        return (self.moment, self.id)

    @property
    def day(self) -> int:
        """Days since 1970."""
        return (self.moment - EPOCH).days

    @property
    def has_words(self) -> bool:
        return bool(self.title or self.body or self.causes)


def prepare(described: Described) -> Prepared:
    """Read the texts once. Bounded for any text, and never raises for one."""
    return Prepared(
        id=described.id,
        moment=described.moment.astimezone(UTC),
        services=described.services,
        alert=" ".join(described.alert.casefold().split()),
        cause=described.cause_category,
        title=tuple(terms_of(described.title)[:MOST_OF_TITLE]),
        body=(*terms_of(described.summary)[:MOST_OF_TEXT], *terms_of(described.entries)[:MOST_OF_ENTRIES]),
        causes=tuple(terms_of(described.cause_text)[:MOST_OF_TEXT]),
    )


def impacts_of(prepared: Prepared) -> dict[str, int]:
    """For each term how much it stands for in this incident, 1 to 255; for each fact 0: it only says who has it.

    BM25F: the fields' counts, each by its weight and length, added up and then saturated (Robertson, Zaragoza 2004).
    """
    declared = _weighed({"title": prepared.title, "body": prepared.body})
    causes = _weighed({"causes": tuple(CAUSE_MARK + term for term in prepared.causes)})
    return {**dict.fromkeys(facts_of(prepared), 0), **declared, **causes}


def _weighed(fields: dict[str, tuple[str, ...]]) -> dict[str, int]:
    added: dict[str, float] = {}
    for name, terms in fields.items():
        if not terms:
            continue
        share = weights.LENGTH_SHARE[name]
        one = weights.FIELD_WEIGHTS[name] / (1 - share + share * len(terms) / weights.AVERAGE_TERMS[name])
        for term, count in Counter(terms).items():
            added[term] = added.get(term, 0.0) + one * count
    return {term: max(1, round(255 * value / (weights.SATURATION + value))) for term, value in added.items()}


def service_fact(service: str) -> str:
    return f"@service {service}"


def facts_of(prepared: Prepared) -> Iterator[str]:
    """What makes an incident worth a close look whatever its words: the same alert, service, cause of a service."""
    yield from map(service_fact, sorted(prepared.services))
    if prepared.alert:
        yield f"@alert {prepared.alert}"[:380]
    if prepared.cause:
        for service in sorted(prepared.services):
            yield f"@cause {prepared.cause} of {service}"[:380]


def surface_forms(text: str) -> dict[str, str]:
    """For each term of a text how it is written there, the first time."""
    forms: dict[str, str] = {}
    for word in words_of(text):
        for term in terms_of_word(word[0]):
            forms.setdefault(term, word[0])
    return forms
