"""The guided form: nine steps, one page each, with the questions each step asks."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.models import ActionKind
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
STEP_BY_KEY: dict[str, Step] = {step.key: step for step in STEPS}
QUESTIONS: dict[str, Question] = {question.key: question for step in STEPS for question in step.questions}
STEP_OF: dict[str, Step] = {question.key: step for step in STEPS for question in step.questions}


def neighbours(step: Step) -> tuple[Step | None, Step | None]:
    """The steps before and after one."""
    place = STEPS.index(step)
    before = STEPS[place - 1] if place else None
    return before, STEPS[place + 1] if place + 1 < len(STEPS) else None


@dataclass(frozen=True)
class StepState:
    """How far a step is: ``empty``, ``partly`` or ``done``, with what that means in words."""

    state: str
    detail: str


def state_of(step: Step, texts: Mapping[str, str], *, whys: int, items: int, is_published: bool) -> StepState:
    """How far a step is. Nothing is required to save; extra questions do not count."""
    if step.key == "review-and-publish":
        return StepState("done", "Published") if is_published else StepState("empty", "Not published yet")
    if step.key == "follow-through":
        return _promises_state(items, has_reason=bool(texts.get("no_items")))
    asked = [question for question in step.questions if not question.is_extra]
    answered = sum(1 for question in asked if texts.get(question.key) or (question.key == "root_causes" and whys))
    begun = answered or any(texts.get(question.key) for question in step.questions)
    if answered == len(asked):
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


def open_questions(texts: Mapping[str, str], *, has_why_ending: bool, items: int) -> tuple[OpenQuestion, ...]:
    """What is still needed before publishing, in the order of the steps."""
    needed = []
    if not texts.get("summary"):
        needed.append(OpenQuestion("Tell in a few sentences what happened.", STEP_OF["summary"], "summary"))
    if not texts.get("root_causes") and not has_why_ending:
        sentence = "Say why it happened: write down a root cause, or say for one why how it ends."
        needed.append(OpenQuestion(sentence, STEP_OF["root_causes"], "root_causes"))
    if not texts.get("what_alerted_us"):
        needed.append(OpenQuestion("Say what alerted us.", STEP_OF["what_alerted_us"], "what_alerted_us"))
    if not items and not texts.get("no_items"):
        sentence = "Add an action item, or say why there is none."
        needed.append(OpenQuestion(sentence, STEP_OF["no_items"], "no_items"))
    return tuple(needed)
