"""Where the parts of a document went, in the order in which the postmortem is read: for the preview of an import."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracker import words
from tracker.markdown_documents import HEADINGS
from tracker.transfer.drafts import DocumentDraft

TIMELINE, ITEMS, LEFT_OVER = "Timeline", "Action items", "Kept below the postmortem, for it fits no question"


@dataclass(frozen=True)
class Part:
    """One place, and the texts that went there."""

    heading: str
    texts: tuple[str, ...]

    @property
    def lines(self) -> int:
        return sum(text.count("\n") + 1 for text in self.texts)

    @property
    def told(self) -> str:
        """How much it is: "Root causes: 3 lines"."""
        return f"{self.heading}: {words.count(self.lines, 'line')}"


def parts_of(draft: DocumentDraft) -> tuple[Part, ...]:
    return tuple(part for part in _parts(draft) if part.texts)


def _parts(draft: DocumentDraft) -> Iterator[Part]:
    postmortem = draft.postmortem
    yield Part("As it was declared", (draft.summary,) if draft.summary else ())
    yield Part(TIMELINE, tuple(f"{entry.at_text or 'no time'}: {entry.text}" for entry in draft.timeline))
    if postmortem is not None:
        headings = {**HEADINGS, **postmortem.own_headings}
        for question in sorted(postmortem.answers, key=list(headings).index):
            yield Part(headings[question], (postmortem.answers[question],))
        yield Part("The tree of whys", tuple(f"{'  ' * why.depth}{why.claim}" for why in postmortem.whys))
        yield Part("Contributing factors, one by one", tuple(factor.text for factor in postmortem.factors))
    yield Part(ITEMS, tuple(item.title + (f"\n{item.detail}" if item.detail else "") for item in draft.items))
    if postmortem is not None:
        yield Part(LEFT_OVER, postmortem.left_over)
