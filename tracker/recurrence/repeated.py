"""What stands around the promises of an earlier incident: the new cause, and the same promise made another time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import or_, select

from tracker.db import session
from tracker.models import ActionItem, FamilyMember, Incident, IncidentAction, Person, may_see
from tracker.recurrence.terms import terms_of

SAME_FROM = 0.5
"""Two promises are the same when so much of all their words stands in both."""
LEAST_WORDS = 2
"""And at least so many: "Add alerts" is no repeat of "Add tests"."""


@dataclass(frozen=True)
class Promised:
    """An item of another incident of the family, as far as it matters here."""

    id: int
    number: int
    terms: frozenset[str]

    @property
    def ref(self) -> str:
        return f"AI-{self.number}"


@dataclass(frozen=True)
class Beside:
    """What the promises of one incident are held against; empty: nothing is known."""

    cause: frozenset[str] = frozenset()
    """The terms of what caused the later incident, or of how it was declared while nobody has said."""
    promised: tuple[Promised, ...] = field(default=())

    def nearness(self, title: str) -> float:
        """Which share of an item's words stands in the new cause, 0 to 1."""
        terms = frozenset(terms_of(title))
        return len(terms & self.cause) / len(terms) if terms else 0.0

    def same_as(self, action_id: int, title: str) -> tuple[str, ...]:
        """The references of the items that promise the same, the oldest first."""
        terms = frozenset(terms_of(title))
        return tuple(
            dict.fromkeys(one.ref for one in self.promised if one.id != action_id and is_same_promise(terms, one.terms))
        )


NOTHING = Beside()


def is_same_promise(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two promises ask for the same thing, by the words of their titles."""
    shared = len(one & other)
    return shared >= LEAST_WORDS and shared >= SAME_FROM * len(one | other)


def beside(later: Incident, *, earlier_id: int, cause: str, viewer: Person | None) -> Beside:
    """What stands around the promises of a pair, as far as this reader may see it."""
    text = cause if cause.strip() else f"{later.title}\n{later.summary}"
    return Beside(frozenset(terms_of(text)), promised_around([later.id, earlier_id], viewer=viewer))


def promised_around(incident_ids: Iterable[int], *, viewer: Person | None) -> tuple[Promised, ...]:
    """The items of these incidents and of their families that this reader may see, the oldest first."""
    own = list(incident_ids)
    families = select(FamilyMember.family_id).where(FamilyMember.incident_id.in_(own))
    relatives = select(FamilyMember.incident_id).where(FamilyMember.family_id.in_(families))
    rows = session.execute(
        select(ActionItem.id, ActionItem.number, ActionItem.title)
        .join(IncidentAction, IncidentAction.action_id == ActionItem.id)
        .join(Incident, Incident.id == IncidentAction.incident_id)
        .where(or_(Incident.id.in_(own), Incident.id.in_(relatives)), may_see(viewer))
        .order_by(ActionItem.number)
    )
    return tuple(Promised(row.id, row.number, frozenset(terms_of(row.title))) for row in rows)
