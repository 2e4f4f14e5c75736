"""The questions as a version of the template keeps them, and back. Takes values, returns values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tracker.models import Severity
from tracker.postmortems.outline import BUILT_IN, REVIEW, STEPS, Outline
from tracker.postmortems.questions import Question

OWN = "own_"
"""How the keys of an installation's own questions begin."""
WITH_QUESTIONS = tuple(step for step in STEPS if step.key != REVIEW)
Kept = dict[str, Any]


def kept(question: Question, *, step: str) -> Kept:
    """One question as a version keeps it."""
    return {
        "key": question.key,
        "step": step,
        "heading": question.own_heading,
        "guidance": question.guidance,
        "prompts": list(question.prompts),
        "example": question.example,
        "is_extra": question.is_extra,
        "is_asked": question.is_asked,
        "is_short": question.is_short,
        "severities": sorted(question.severities),
        "services": sorted(question.services),
    }


def kept_questions(outline: Outline) -> list[Kept]:
    return [kept(question, step=step.key) for step in outline.steps for question in step.questions]


def question_from(row: Mapping[str, Any]) -> Question:
    return Question(
        row["key"],
        row["guidance"],
        tuple(row["prompts"]),
        row["example"],
        is_extra=row["is_extra"],
        is_asked=row["is_asked"],
        is_short=row["is_short"],
        severities=frozenset(Severity(one) for one in row["severities"]),
        services=frozenset(row["services"]),
        own_heading=row["heading"],
    )


def outline_from(rows: Sequence[Mapping[str, Any]], *, number: int | None) -> Outline:
    """The outline of a version. A question that came with Followthrough since then stands where it comes, unasked."""
    known = {row["key"] for row in rows}
    later = [row for row in kept_questions(BUILT_IN) if row["key"] not in known]
    questions = [*rows, *(row | {"is_asked": False} for row in later)]
    return Outline(
        tuple(
            replace(step, questions=tuple(question_from(row) for row in questions if row["step"] == step.key))
            for step in STEPS
        ),
        number,
    )


def with_strangers(outline: Outline, strangers: Iterable[tuple[str, str]]) -> Outline:
    """The outline with questions, as (key, heading), that only this postmortem answers: an import brought them."""
    added = tuple(
        Question(key, "It came with an imported document.", (), "", is_extra=True, is_asked=False, own_heading=heading)
        for key, heading in strangers
        if key not in outline.questions
    )
    if not added:
        return outline
    steps = (
        replace(step, questions=(*step.questions, *added)) if step.key == "follow-through" else step
        for step in outline.steps
    )
    return Outline(tuple(steps), outline.number)
