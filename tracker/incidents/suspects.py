"""The usual suspects: what to look at, what it would mean, and what would clear each. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.models import CauseCategory, Hypothesis, HypothesisState


@dataclass(frozen=True)
class Suspect:
    category: CauseCategory
    look_at: str
    claim: str
    disproof: str


USUAL = (
    Suspect(
        CauseCategory.RECENT_DEPLOY,
        "What went out in the hours before, and to which part?",
        "A recent deploy set it off",
        "It began before the deploy, or goes on where the old version runs.",
    ),
    Suspect(
        CauseCategory.CONFIGURATION_CHANGE,
        "Settings, flags, rules, certificates, secrets: what changed?",
        "A configuration change set it off",
        "It began before the change, or goes on with the old value.",
    ),
    Suspect(
        CauseCategory.UPSTREAM_DEPENDENCY,
        "Do the services and providers that we call answer as usual?",
        "Something that we depend on does not work",
        "Our calls to it are answered as fast and as well as on a normal day.",
    ),
    Suspect(
        CauseCategory.RESOURCE_EXHAUSTION,
        "Memory, disk, connections, threads, quotas: is one of them full?",
        "Something has run out",
        "Every limit had room to spare when it began.",
    ),
    Suspect(
        CauseCategory.TRAFFIC_SPIKE,
        "How many requests come, from whom, and is that usual?",
        "More came than we can serve",
        "Traffic is as on any other day at this hour.",
    ),
    Suspect(
        CauseCategory.DATA_ISSUE,
        "Is there a record, a file, a message that nothing can read?",
        "Some data is not what the code expects",
        "It also happens with data that worked yesterday.",
    ),
)


@dataclass(frozen=True)
class SuspectRow:
    suspect: Suspect
    hypotheses: Sequence[Hypothesis]

    @property
    def state(self) -> HypothesisState | None:
        """Confirmed or open when one of its hypotheses is; ``None``: nobody has looked at it yet."""
        states = {one.state for one in self.hypotheses}
        order = (HypothesisState.CONFIRMED, HypothesisState.OPEN, HypothesisState.RULED_OUT)
        return next((state for state in order if state in states), None)

    @property
    def finding(self) -> str:
        """What was said last when one of its hypotheses was settled."""
        return next((one.finding for one in reversed(self.hypotheses) if one.finding), "")


def find_suspect(category: CauseCategory) -> Suspect | None:
    return next((one for one in USUAL if one.category is category), None)


def rows_of(hypotheses: Sequence[Hypothesis]) -> list[SuspectRow]:
    """Every usual suspect with what was said of it."""
    return [SuspectRow(one, [row for row in hypotheses if row.suspect is one.category]) for one in USUAL]
