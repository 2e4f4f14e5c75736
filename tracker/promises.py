"""What a careful colleague asks about action items, one by one and together. The questions help; none stops anybody.

How strong a fix is follows the hierarchy of controls (NIOSH) as root cause analyses in health care use it (RCA², 2015):
taking the hazard away holds longer than guarding against it, that longer than an alarm, and that longer than words.
"""

import re
from collections.abc import Sequence
from enum import IntEnum

from tracker.models import ActionItem, ActionKind, ActionState, Lever, Severity

VERB = re.compile(
    r"^(please |we (should|must|need to) |try to )*"
    r"(improve|investigate|look into|be (more )?careful|take (more )?care|pay (more )?attention|train|retrain|document|"
    r"review|reflect on|communicate|ensure|make sure|consider|discuss|monitor|think about|remind|educate)\b",
    re.IGNORECASE,
)
FILLERS = frozenset(
    "a again all an and better cause carefully communication documentation engineers everybody everyone everything "  # noqa: SIM905  a sentence reads better than fifty quotes
    "further happened in incident issue it future monitoring more of on our people problem process processes properly "
    "root situation staff stuff team that the thing things this to us what why with".split()
)
NO_VERB = re.compile(
    r"^(?:better|more|less|fewer|new|proper|improved|additional|no|missing|lack of|the|an?)\b", re.IGNORECASE
)
LARGE = re.compile(
    r"\b(?:rewrite|redesign|rearchitect|re-architect|overhaul|replace (?:all|every|the whole)|everything|everywhere"
    r"|all (?:our )?(?:services|systems|teams|clusters|applications))\b|\band\b.*\band\b|;",
    re.IGNORECASE,
)
NOT_TO_BE_SEEN = re.compile(
    r"^\W*(?:done|ok|yes|n/?a|it works|works|better|improved|when (?:it is )?done|as needed|tbd|finished|complete)\W*$",
    re.IGNORECASE,
)
TITLE_QUESTION = "What exactly will be different when this is done? Name the thing."
VERB_QUESTION = "What will somebody do? A title with a verb is picked up sooner."
SIZE_QUESTION = "Is this one step that fits before its due date? Promise a part."
DONE_QUESTION = "How will somebody else see that it is done? A sentence under “Done when” saves a discussion later."
SEEN_QUESTION = "Could somebody who was not there see that? Name what to look at."
OWNER_QUESTION = "Who will see that it happens? What nobody owns is seldom done."
TELLS_QUESTION = "All of it tells people what to do. That fades: could a tool, a limit or the code itself do it?"


class Strength(IntEnum):
    """How a fix works; the higher, the less it depends on people."""

    TELLS = 1
    DETECTS = 2
    GUARDS = 3
    REMOVES = 4

    @property
    def words(self) -> str:
        return {1: "tells people", 2: "detects it", 3: "guards against it", 4: "removes the hazard"}[self.value]


STRENGTHS: dict[Lever, Strength] = {
    Lever.ARCHITECTURE: Strength.REMOVES,
    Lever.CODE: Strength.REMOVES,
    Lever.TOOLS: Strength.GUARDS,
    Lever.MONITORING: Strength.DETECTS,
    Lever.ALERTING: Strength.DETECTS,
    Lever.PROCESS: Strength.TELLS,
    Lever.ON_CALL: Strength.TELLS,
    Lever.RUNBOOKS: Strength.TELLS,
    Lever.COMMUNICATION: Strength.TELLS,
}
MISSING = {
    ActionKind.PREVENT: "would keep it from happening again. What would?",
    ActionKind.DETECT: "would tell us sooner. What should ring within a minute?",
    ActionKind.RECOVER: "would end it sooner. What should be at hand next time?",
}


def title_questions(title: str) -> list[str]:
    """What to ask about a title: its verb, its object, its size; at most one, the most helpful."""
    words = title.strip()
    if is_vague(words):
        return [TITLE_QUESTION]
    if NO_VERB.match(words):
        return [VERB_QUESTION]
    return [SIZE_QUESTION] if LARGE.search(words) else []


def done_questions(done_when: str) -> list[str]:
    """What to ask about a definition of done that was written."""
    return [SEEN_QUESTION] if done_when.strip() and NOT_TO_BE_SEEN.match(done_when) else []


def questions(title: str, *, done_when: str, has_owner: bool = True) -> list[str]:
    """What to ask about an item as a whole; empty when there is nothing to ask."""
    asked = [*title_questions(title), *done_questions(done_when)]
    asked += [] if done_when.strip() else [DONE_QUESTION]
    return asked if has_owner else [*asked, OWNER_QUESTION]


def is_vague(title: str) -> bool:
    """Whether a title has only the verb of a good intention and nothing that it is about."""
    match = VERB.match(title.strip())
    if match is None:
        return False
    rest = re.findall(r"\w+", title.strip()[match.end() :].lower())
    return all(word in FILLERS for word in rest)


def strength_of(item: ActionItem) -> Strength | None:
    """How an item works; ``None`` when its lever is not said."""
    return STRENGTHS[item.lever] if item.lever else None


def plan_questions(severity: Severity, items: Sequence[ActionItem]) -> list[str]:
    """What to ask about all items of an incident together. No items are no question: a reason may stand for them."""
    promised = [item for item in items if item.state is not ActionState.DECLINED]
    if not promised:
        return []
    kinds = {item.kind for item in promised}
    needed = {Severity.SEV1: tuple(ActionKind), Severity.SEV2: (ActionKind.PREVENT,)}.get(severity, ())
    asked = [f"Nothing here {MISSING[kind]}" for kind in needed if kind not in kinds]
    strengths = [strength_of(item) for item in promised]
    if all(strength is Strength.TELLS for strength in strengths):
        asked.append(TELLS_QUESTION)
    return asked
