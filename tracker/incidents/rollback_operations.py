"""The decision whether to roll back, recorded with the advice it followed or not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.incidents.operations import write_entry
from tracker.incidents.rollback import Reply, advise
from tracker.models import EntryKind, Incident, Person


class Choice(StrEnum):
    ROLL_BACK = "we roll back"
    DO_NOT = "we do not roll back"
    OTHER = "we take another step that can be undone"


@dataclass(frozen=True)
class DecisionDraft:
    chosen: Choice
    replies: dict[str, Reply]
    note: str = ""


def decide_rollback(incident: Incident, draft: DecisionDraft, *, by: Person, now: datetime) -> None:
    """Note the decision on the timeline: what was decided, why, and what the advice was."""
    decided = f"{draft.chosen.value[0].upper()}{draft.chosen.value[1:]}"
    note = f": {draft.note.rstrip('.')}" if draft.note else ""
    advice = advise(draft.replies).sentence
    words = f"{decided}{note}. The answers said: {advice[0].lower()}{advice[1:]}"
    write_entry(incident, words, by=by, now=now, kind=EntryKind.DECISION)
