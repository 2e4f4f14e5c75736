"""The guided form: nine steps, one page each, with the questions each step asks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tracker.models import ActionKind, Severity
from tracker.postmortems import questions as q
from tracker.postmortems.questions import Question


@dataclass(frozen=True)
class Step:
    key: str
    label: str
    lead: str
    questions: tuple[Question, ...] = ()
    kind: ActionKind | None = None
    """The kind of action item that this step leads to."""


STEPS: tuple[Step, ...] = (
    Step(
        "what-happened",
        "What happened?",
        "Tell the story first. What is known already stands below; you can add to it later.",
        (q.SUMMARY, q.WHAT_BROKE, q.WHO_WAS_AFFECTED, q.RESOLUTION, q.BACKGROUND),
    ),
    Step(
        "why",
        "Why did it happen?",
        "Look for conditions, not for culprits: everybody did what made sense to them at the time.",
        (q.ROOT_CAUSES, q.CONTRIBUTING_FACTORS),
    ),
    Step(
        "detection",
        "How did we detect it?",
        "The sooner we know, the less it hurts.",
        (q.WHAT_ALERTED_US, q.TIME_TO_KNOW, q.RIGHT_PEOPLE),
    ),
    Step(
        "response",
        "How did we respond?",
        "Keep what helped, and name what got in the way.",
        (q.WORKED_WELL, q.SLOW_OR_CONFUSING, q.INFORMATION, q.LUCKY),
    ),
    Step(
        "prevent",
        "What can we do to prevent it?",
        "Ideas first. What we promise to do becomes an action item.",
        (q.PREVENT_CODE, q.PREVENT_ARCHITECTURE, q.PREVENT_PROCESS),
        ActionKind.PREVENT,
    ),
    Step(
        "detect-faster",
        "What can we do to detect it faster?",
        "Suppose it happens again tomorrow: what should tell us within a minute?",
        (q.DETECT_MONITORING, q.DETECT_ALERTING, q.DETECT_ON_CALL),
        ActionKind.DETECT,
    ),
    Step(
        "recover-faster",
        "What can we do to recover faster?",
        "Suppose it happens again tomorrow: what should be at hand?",
        (q.RECOVER_RUNBOOKS, q.RECOVER_TOOLS, q.RECOVER_COMMUNICATION),
        ActionKind.RECOVER,
    ),
    Step(
        "follow-through",
        "Follow-through",
        "What we promise to do, by whom and until when. Few and certain is better than many.",
        (q.NO_ITEMS, q.NOTES),
    ),
    Step("review-and-publish", "Review and publish", "Let somebody read it who was not there, then publish it."),
)


SHORT_FORM = Step(
    "short-form",
    "Short form",
    "One page for a small incident. Whatever you write here stands in the long form too, so it can grow at any time.",
)
REVIEW = "review-and-publish"


@dataclass(frozen=True)
class Outline:
    """What one postmortem asks: its steps with their questions, in the version it was started with."""

    steps: tuple[Step, ...]
    number: int | None = None
    """Of the version; ``None``: the questions that Followthrough comes with."""

    @cached_property
    def questions(self) -> dict[str, Question]:
        return {question.key: question for step in self.steps for question in step.questions}

    @cached_property
    def short_form(self) -> Step:
        """The questions of a small incident on one page; the same answers as in the steps."""
        return replace(SHORT_FORM, questions=tuple(one for one in self.questions.values() if one.is_short))

    def find_step(self, key: str) -> Step | None:
        return next((step for step in (*self.steps, self.short_form) if step.key == key), None)

    def step_of(self, question: str) -> Step:
        """The step that asks a question."""
        return next(step for step in self.steps if any(one.key == question for one in step.questions))

    def neighbours(self, step: Step) -> tuple[Step | None, Step | None]:
        """The steps before and after one; after the short form comes publishing."""
        if step not in self.steps:
            return None, self.find_step(REVIEW)
        place = self.steps.index(step)
        before = self.steps[place - 1] if place else None
        return before, self.steps[place + 1] if place + 1 < len(self.steps) else None


BUILT_IN = Outline(STEPS)


@dataclass(frozen=True)
class StepState:
    """How far a step is: ``empty``, ``partly`` or ``done``, with what that means in words."""

    state: str
    detail: str


def state_of(step: Step, texts: Mapping[str, str], *, whys: int, items: int, is_published: bool) -> StepState:
    """How far a step is. Nothing is required to save; extra questions do not count."""
    if step.key == REVIEW:
        return StepState("done", "Published") if is_published else StepState("empty", "Not published yet")
    if step.key == "follow-through":
        return _promises_state(items, has_reason=bool(texts.get("no_items")))
    asked = [question for question in step.questions if question.is_asked and not question.is_extra]
    answered = sum(1 for question in asked if texts.get(question.key) or (question.key == "root_causes" and whys))
    begun = answered or any(texts.get(question.key) for question in step.questions)
    if answered == len(asked) and (asked or begun):
        return StepState("done", "Answered")
    if not begun:
        return StepState("empty", "Not answered yet")
    return StepState("partly", f"{answered} of {len(asked)} answered")


def _promises_state(items: int, *, has_reason: bool) -> StepState:
    if items:
        return StepState("done", f"{items} action item{'' if items == 1 else 's'}")
    return StepState("done", "None, with a reason") if has_reason else StepState("empty", "No action items yet")


@dataclass(frozen=True)
class OpenQuestion:
    """Something that publishing needs, and the step where it is answered."""

    sentence: str
    step: Step
    anchor: str


ASKING = {
    "summary": "Tell in a few sentences what happened.",
    "root_causes": "Say why it happened: write down a root cause, or say for one why how it ends.",
    "what_alerted_us": "Say what alerted us.",
    "no_items": "Add an action item, or say why there is none.",
}


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What is there already of one postmortem, and whose it is."""

    texts: Mapping[str, str]
    has_why_ending: bool
    items: int
    severity: Severity
    services: frozenset[str] = frozenset()

    def has(self, question: str) -> bool:
        """Whether a question is answered, be it by a why or an action item."""
        other_ways = {"root_causes": self.has_why_ending, "no_items": self.items > 0}
        return bool(self.texts.get(question)) or other_ways.get(question, False)


def open_questions(outline: Outline, answered: Answered) -> tuple[OpenQuestion, ...]:
    """What is still needed before publishing, in the order of the steps."""
    return tuple(
        OpenQuestion(ASKING.get(question.key, f"Answer “{question.heading}”."), step, question.key)
        for step in outline.steps
        for question in step.questions
        if question.is_needed(answered.severity, answered.services) and not answered.has(question.key)
    )
