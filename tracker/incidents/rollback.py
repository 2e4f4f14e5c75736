"""Whether to roll back: questions, and the advice that follows from the answers. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reply(StrEnum):
    YES = "yes"
    NO = "no"
    NOT_SURE = "not sure"


class Advice(StrEnum):
    ROLL_BACK = "roll back"
    DO_NOT = "do not roll back"
    REVERSIBLE = "take the fastest step that can be undone"


@dataclass(frozen=True)
class Question:
    key: str
    text: str
    reason: str
    """What it says for the advice when the answer is yes."""
    unsure: str
    """What it says when nobody is sure."""


FOR = (
    Question(
        "likely_cause",
        "A recent change is the likely cause.",
        "a recent change is the likely cause",
        "nobody is sure that a recent change is the cause",
    ),
    Question(
        "low_risk", "Rolling back is low-risk.", "rolling back is low-risk", "the risk of rolling back is not known"
    ),
    Question(
        "can_verify",
        "We can verify that it fixes the issue.",
        "we can verify that it fixes the issue",
        "it is not clear how we would see that it helped",
    ),
)
AGAINST = (
    Question(
        "migrations",
        "Data migrations ran that cannot be undone.",
        "data migrations cannot be undone",
        "nobody has looked whether data migrations can be undone",
    ),
    Question(
        "data_loss",
        "It would lose or corrupt data.",
        "it would lose or corrupt data",
        "nobody has looked whether data would be lost",
    ),
    Question(
        "side_effects",
        "Side effects are irreversible: payments, e-mails, state outside.",
        "side effects are irreversible",
        "nobody has looked at payments, e-mails and state outside",
    ),
    Question(
        "other_outage",
        "It would cause a different outage.",
        "it would cause a different outage",
        "nobody knows whether something else would break",
    ),
)
CHECKED = (
    Question("no_migrations", "No irreversible migrations ran.", "", "that no irreversible migrations ran"),
    Question("no_side_effects", "No side effects happened that cannot be undone.", "", "that no side effect is final"),
    Question("known_good", "The target is a known-good state.", "", "that the target is a known-good state"),
)
QUESTIONS = (*FOR, *AGAINST, *CHECKED)
NEITHER_SURE_NOR_SAFE = "you are not sure that the change is the cause, and rolling back is risky itself"


@dataclass(frozen=True)
class Decision:
    advice: Advice
    reasons: tuple[str, ...]
    check_first: tuple[str, ...] = ()
    """What to verify before rolling back."""

    @property
    def sentence(self) -> str:
        return f"{self.advice.value[0].upper()}{self.advice.value[1:]}: {'; '.join(self.reasons)}."


def advise(replies: Mapping[str, Reply]) -> Decision:
    """What speaks against it counts most, then doubt; only what is known speaks for it.

    An answer that is missing is "not sure". When in doubt: the fastest mitigation that can be undone.
    """
    against = _against(replies)
    if against:
        return Decision(Advice.DO_NOT, against)
    doubts = tuple(one.unsure for one in (*FOR, *AGAINST) if _reply(replies, one) is Reply.NOT_SURE)
    doubts += tuple(f"not so: {one.reason}" for one in FOR if _reply(replies, one) is Reply.NO)
    if doubts:
        return Decision(Advice.REVERSIBLE, doubts)
    unchecked = tuple(one.unsure for one in CHECKED if _reply(replies, one) is Reply.NOT_SURE)
    return Decision(Advice.ROLL_BACK, tuple(one.reason for one in FOR), unchecked)


def _against(replies: Mapping[str, Reply]) -> tuple[str, ...]:
    found = [one.reason for one in AGAINST if _reply(replies, one) is Reply.YES]
    found += [f"it is not so {one.unsure}" for one in CHECKED if _reply(replies, one) is Reply.NO]
    if replies.get("likely_cause") is not Reply.YES and replies.get("low_risk") is Reply.NO:
        found.append(NEITHER_SURE_NOR_SAFE)
    return tuple(found)


def _reply(replies: Mapping[str, Reply], question: Question) -> Reply:
    return replies.get(question.key, Reply.NOT_SURE)
