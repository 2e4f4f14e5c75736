"""The rules of the tree of whys and of contributing factors. The caller holds the postmortem's lock."""

from dataclasses import dataclass
from typing import Any

from tracker.db import session
from tracker.errors import RuleError, StaleWriteError
from tracker.models import (
    ActionItem,
    CauseCategory,
    Confidence,
    ContributingFactor,
    Postmortem,
    Why,
    WhyEnding,
    WhyKind,
)
from tracker.postmortems import queries
from tracker.postmortems.operations import expect_writable
from tracker.postmortems.why_moves import TOO_DEEP, number_siblings
from tracker.postmortems.whys import DEEPEST, depth_of, siblings_of

COLUMNS = ("claim", "evidence", "kind", "confidence", "is_root_cause", "ending")
ASIDES = {"kind": "Kind", "confidence": "How sure", "ending": "It ends here"}


@dataclass(frozen=True, kw_only=True)
class WhyDraft:
    claim: str
    evidence: str = ""
    kind: WhyKind | None = None
    confidence: Confidence | None = None
    is_root_cause: bool = False
    ending: WhyEnding | None = None
    items: tuple[int, ...] = ()
    """The ids of the action items that it leads to."""


@dataclass(frozen=True)
class FactorDraft:
    text: str
    category: CauseCategory | None = None


def add_why(postmortem: Postmortem, draft: WhyDraft, *, below: Why | None = None, beside: Why | None = None) -> Why:
    """A new why under another one, right after the one ``beside`` it, or a new root behind those that are there."""
    expect_writable(postmortem)
    rows = queries.whys_of(postmortem)
    parent_id = beside.parent_id if beside else below.id if below else None
    above = next((row for row in rows if row.id == parent_id), None)
    if depth_of(above, rows) >= DEEPEST:
        raise RuleError(TOO_DEEP)
    why = Why(postmortem_id=postmortem.id, parent_id=parent_id, position=len(rows), **_columns(draft))
    why.items = _items(postmortem, draft)
    session.add(why)
    session.flush()
    beside_it = [row for row in siblings_of(why, rows) if row is not why]
    beside_it.insert(beside_it.index(beside) + 1 if beside else len(beside_it), why)
    number_siblings(beside_it)
    return why


def _columns(draft: WhyDraft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in COLUMNS}


def _items(postmortem: Postmortem, draft: WhyDraft) -> list[ActionItem]:
    """The chosen items that the incident asks for, and no others: whoever reads the why may read them."""
    return [item for item in queries.items_of(postmortem) if item.id in draft.items]


def change_why(postmortem: Postmortem, why: Why, draft: WhyDraft, *, version: int) -> None:
    """Change what a why says.

    Raises:
        StaleWriteError: somebody changed it since; both texts are kept.
    """
    expect_writable(postmortem)
    present = {name: getattr(why, name) for name in COLUMNS}
    if why.version != version and present != _columns(draft):
        raise StaleWriteError(yours=_words(_columns(draft)), theirs=_words(present), their_version=why.version)
    for name, value in _columns(draft).items():
        setattr(why, name, value)
    why.items = _items(postmortem, draft)


def _words(columns: dict[str, Any]) -> str:
    """What a why says, for two people to compare."""
    told = [columns["claim"], columns["evidence"]]
    told += [f"{label}: {columns[name].value}." for name, label in ASIDES.items() if columns[name]]
    told += ["It is a root cause."] if columns["is_root_cause"] else []
    return "\n".join(part for part in told if part)


def remove_why(postmortem: Postmortem, why: Why, *, version: int) -> None:
    """Take one why out; the whys below it move up into its place, so that no other words go with it."""
    expect_writable(postmortem)
    _expect_read(why.version, version)
    rows = queries.whys_of(postmortem)
    beside = siblings_of(why, rows)
    below = [row for row in rows if row.parent_id == why.id]
    place = beside.index(why)
    for row in below:
        row.parent_id = why.parent_id
    session.flush()
    session.delete(why)
    session.flush()
    number_siblings([*beside[:place], *below, *beside[place + 1 :]])


def _expect_read(present: int, version: int) -> None:
    if present != version:
        raise RuleError("Somebody changed this since you opened it. Read it again before you remove it.")


def add_factor(postmortem: Postmortem, draft: FactorDraft) -> ContributingFactor:
    expect_writable(postmortem)
    position = 1 + max((row.position for row in queries.factors_of(postmortem)), default=-1)
    factor = ContributingFactor(
        postmortem_id=postmortem.id, position=position, text=draft.text, category=draft.category
    )
    session.add(factor)
    session.flush()
    return factor


def change_factor(postmortem: Postmortem, factor: ContributingFactor, draft: FactorDraft, *, version: int) -> None:
    """Change a contributing factor; refuses as ``change_why`` does."""
    expect_writable(postmortem)
    if factor.version != version and (factor.text, factor.category) != (draft.text, draft.category):
        raise StaleWriteError(yours=draft.text, theirs=factor.text, their_version=factor.version)
    factor.text = draft.text
    factor.category = draft.category


def remove_factor(postmortem: Postmortem, factor: ContributingFactor, *, version: int) -> None:
    expect_writable(postmortem)
    _expect_read(factor.version, version)
    session.delete(factor)
    session.flush()
