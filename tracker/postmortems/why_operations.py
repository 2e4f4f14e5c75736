"""The rules of the tree of whys and of contributing factors. The caller holds the postmortem's lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import update

from tracker.db import session
from tracker.errors import RuleError, StaleWriteError
from tracker.models import CauseCategory, ContributingFactor, Postmortem, Why, WhyEnding
from tracker.postmortems import queries
from tracker.postmortems.operations import expect_writable
from tracker.postmortems.whys import DEEPEST, depth_of, siblings_of


@dataclass(frozen=True)
class WhyDraft:
    claim: str
    evidence: str = ""
    ending: WhyEnding | None = None


@dataclass(frozen=True)
class FactorDraft:
    text: str
    category: CauseCategory | None = None


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


def add_why(postmortem: Postmortem, draft: WhyDraft, *, below: Why | None) -> Why:
    """A new why under another one, or a new root, behind those that are there."""
    expect_writable(postmortem)
    rows = queries.whys_of(postmortem)
    if depth_of(below, rows) >= DEEPEST:
        raise RuleError(f"The tree is {DEEPEST} levels deep here. Begin another branch instead.")
    parent_id = below.id if below else None
    position = 1 + max((row.position for row in rows if row.parent_id == parent_id), default=-1)
    why = Why(
        postmortem_id=postmortem.id,
        parent_id=parent_id,
        position=position,
        claim=draft.claim,
        evidence=draft.evidence,
        ending=draft.ending,
    )
    session.add(why)
    session.flush()
    return why


def change_why(postmortem: Postmortem, why: Why, draft: WhyDraft, *, version: int) -> None:
    """Change what a why says.

    Raises:
        StaleWriteError: somebody changed it since; both texts are kept.
    """
    expect_writable(postmortem)
    if why.version != version and (why.claim, why.evidence, why.ending) != (draft.claim, draft.evidence, draft.ending):
        raise StaleWriteError(
            yours=_words(draft.claim, draft.evidence, draft.ending),
            theirs=_words(why.claim, why.evidence, why.ending),
            their_version=why.version,
            saved_by="Somebody",
        )
    why.claim = draft.claim
    why.evidence = draft.evidence
    why.ending = draft.ending


def _words(claim: str, evidence: str, ending: WhyEnding | None) -> str:
    return "\n".join(part for part in (claim, evidence, f"It ends here: {ending.value}." if ending else "") if part)


def move_why(postmortem: Postmortem, why: Why, *, direction: Direction) -> None:
    """One place up or down among the whys beside it; at the end nothing happens.

    Order is not text: it does not count the version up, so it refuses nobody's words.
    """
    expect_writable(postmortem)
    beside = siblings_of(why, queries.whys_of(postmortem))
    place = beside.index(why)
    target = place + (-1 if direction is Direction.UP else 1)
    if 0 <= target < len(beside):
        beside[place], beside[target] = beside[target], beside[place]
        _number(beside)


def _number(rows: Sequence[Why]) -> None:
    for position, row in enumerate(rows):
        if row.position != position:
            session.execute(update(Why).where(Why.id == row.id).values(position=position))


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
    _number([*beside[:place], *below, *beside[place + 1 :]])


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
        raise StaleWriteError(yours=draft.text, theirs=factor.text, their_version=factor.version, saved_by="Somebody")
    factor.text = draft.text
    factor.category = draft.category


def remove_factor(postmortem: Postmortem, factor: ContributingFactor, *, version: int) -> None:
    expect_writable(postmortem)
    _expect_read(factor.version, version)
    session.delete(factor)
    session.flush()
