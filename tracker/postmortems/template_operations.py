"""Administrators change what postmortems ask. A version that a postmortem was started with stays as it is."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from tracker import audit
from tracker.db import session
from tracker.errors import NotFoundError, RuleError
from tracker.markdown_documents import HEADINGS
from tracker.models import Person, Postmortem, PostmortemTemplate, Severity
from tracker.postmortems.outline import BUILT_IN
from tracker.postmortems.templates import OWN, Kept, kept_questions

MOST_QUESTIONS = 80
LONGEST_KEY = 40


@dataclass(frozen=True, kw_only=True)
class QuestionDraft:
    """A question as it was typed."""

    step: str
    heading: str
    guidance: str
    prompts: tuple[str, ...]
    example: str
    is_extra: bool
    is_asked: bool
    is_short: bool
    severities: tuple[Severity, ...]
    services: tuple[str, ...]

    def kept(self, key: str) -> Kept:
        heading = "" if self.heading == HEADINGS.get(key) else self.heading
        lists = {
            "prompts": list(self.prompts),
            "severities": sorted(self.severities),
            "services": sorted(self.services),
        }
        flags = {"is_extra": self.is_extra, "is_asked": self.is_asked, "is_short": self.is_short}
        texts = {"step": self.step, "heading": heading, "guidance": self.guidance, "example": self.example}
        return {"key": key, **texts, **lists, **flags}


def latest_template() -> PostmortemTemplate | None:
    """The version that postmortems are started with now; ``None``: the questions Followthrough comes with."""
    return session.scalar(select(PostmortemTemplate).order_by(PostmortemTemplate.id.desc()).limit(1))


def questions_now() -> list[Kept]:
    template = latest_template()
    return list(template.questions) if template else kept_questions(BUILT_IN)


def find_question(questions: list[Kept], key: str) -> Kept:
    """The question of this key.

    Raises:
        NotFoundError: there is none.
    """
    found = next((row for row in questions if row["key"] == key), None)
    if found is None:
        raise NotFoundError("Postmortems do not ask this question.")
    return found


def fingerprint(row: Mapping[str, Any]) -> str:
    """What tells whether somebody changed a question since a page showed it."""
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


def change_question(key: str, draft: QuestionDraft, *, seen: str, by: Person, now: datetime) -> None:
    """Put another wording, place or weight in use for the postmortems that are started from now on."""
    template = _to_change(by=by, now=now)
    before = find_question(template.questions, key)
    after = draft.kept(key)
    if fingerprint(before) not in (seen, fingerprint(after)):
        raise RuleError("Somebody changed this question meanwhile. See below how it reads now, then save yours or not.")
    template.questions = [after if row["key"] == key else row for row in template.questions]
    _note(draft.heading, template=template, by=by, now=now)


def add_question(draft: QuestionDraft, *, by: Person, now: datetime) -> str:
    """A question of the installation's own, last in its step; its key."""
    template = _to_change(by=by, now=now)
    if len(template.questions) >= MOST_QUESTIONS:
        raise RuleError(f"{MOST_QUESTIONS} questions are enough for anybody. Stop asking one before you add another.")
    key = own_key(draft.heading, taken={row["key"] for row in template.questions})
    template.questions = [*template.questions, draft.kept(key)]
    _note(draft.heading, template=template, by=by, now=now)
    return key


def move_question(key: str, *, by_places: int, by: Person, now: datetime) -> None:
    """Up (-1) or down (1) among the questions of its step; the first and the last stay where they are."""
    template = _to_change(by=by, now=now)
    questions = list(template.questions)
    moved = find_question(questions, key)
    places = [place for place, row in enumerate(questions) if row["step"] == moved["step"]]
    at = places.index(questions.index(moved))
    if 0 <= at + by_places < len(places):
        here, there = places[at], places[at + by_places]
        questions[here], questions[there] = questions[there], questions[here]
        template.questions = questions
        _note(moved["heading"] or HEADINGS.get(key, key), template=template, by=by, now=now)


def own_key(heading: str, *, taken: set[str]) -> str:
    """A key that an export may carry, made of the heading, and not taken yet."""
    base = OWN + (re.sub(r"[^a-z0-9]+", "_", heading.lower()).strip("_")[: LONGEST_KEY - 10].strip("_") or "question")
    candidates = (base, *(f"{base}_{number}" for number in range(2, MOST_QUESTIONS + 2)))
    return next(key for key in candidates if key not in taken)


def _to_change(*, by: Person, now: datetime) -> PostmortemTemplate:
    """The version to write into: the latest if no postmortem was started with it, else the one after it.

    It is locked first: a postmortem that is started meanwhile waits, and has what was changed.
    """
    latest = session.scalar(
        select(PostmortemTemplate).order_by(PostmortemTemplate.id.desc()).limit(1).with_for_update()
    )
    questions = list(latest.questions) if latest else kept_questions(BUILT_IN)
    if latest is None or session.scalar(select(exists().where(Postmortem.template_id == latest.id))):
        latest = PostmortemTemplate(id=latest.id + 1 if latest else 1, questions=questions, made_at=now)
        session.add(latest)
    latest.made_by_id, latest.made_at = by.id, now
    session.flush()
    return latest


def _note(heading: str, *, template: PostmortemTemplate, by: Person, now: datetime) -> None:
    audit.note("change_postmortem_questions", heading, by=by, now=now, version=template.id)
