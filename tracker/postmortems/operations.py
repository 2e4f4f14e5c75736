"""The rules of a postmortem's life and of its answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker import audit
from tracker.comparisons import ask_for_comparison
from tracker.db import session
from tracker.editions import keep_edition
from tracker.errors import RuleError, StaleWriteError
from tracker.lookup import may_read_incident
from tracker.models import (
    Answer,
    AnswerRevision,
    CauseCategory,
    Incident,
    Person,
    Postmortem,
    PostmortemState,
    Stage,
)
from tracker.postmortem_dates import new_postmortem
from tracker.postmortems import queries, review_operations
from tracker.postmortems.outline import Answered, OpenQuestion, open_questions
from tracker.postmortems.templates import OWN
from tracker.postmortems.whys import has_ending
from tracker.working_days import WorkCalendar


@dataclass(frozen=True)
class AnswerDraft:
    """A text as it was typed, and the version it was typed over; 0 when there was no text yet."""

    question: str
    text: str
    version: int


def start_postmortem(incident: Incident, *, by: Person, now: datetime, calendar: WorkCalendar) -> Postmortem:
    """A draft with ``by`` as its owner; a draft that waits for an owner gets this one."""
    queries.lock_incident(incident)
    postmortem = queries.find_postmortem(incident)
    if postmortem is None:
        postmortem = new_postmortem(incident, lead_id=by.id, now=now, calendar=calendar)
    elif postmortem.lead_id is None and postmortem.state is PostmortemState.DRAFT:
        postmortem.lead_id = by.id
    return postmortem


def skip_postmortem(
    incident: Incident, *, reason: str, by: Person, now: datetime, calendar: WorkCalendar
) -> Postmortem:
    """No postmortem will be written, and why. What was written already stays."""
    queries.lock_incident(incident)
    if not reason.strip():
        raise RuleError("Say why it is skipped, so that the next reader understands the decision.")
    postmortem = queries.find_postmortem(incident) or new_postmortem(incident, lead_id=None, now=now, calendar=calendar)
    if postmortem.state is PostmortemState.PUBLISHED:
        raise RuleError("This postmortem is published. Take it back to draft first.")
    postmortem.skipped_reason = reason
    postmortem.skipped_at = now
    postmortem.skipped_by_id = by.id
    postmortem.state = PostmortemState.SKIPPED
    audit.note("skip_postmortem", incident.ref, by=by, now=now)
    return postmortem


def take_up_again(postmortem: Postmortem, *, incident: Incident, by: Person, now: datetime) -> None:
    """A skipped postmortem is written after all; the reason stays in the record of changes only."""
    if postmortem.state is not PostmortemState.SKIPPED:
        raise RuleError("This postmortem is not skipped. Reload the page to see what changed.")
    postmortem.state = PostmortemState.DRAFT
    postmortem.skipped_at = None
    postmortem.skipped_by_id = None
    postmortem.skipped_reason = ""
    postmortem.lead_id = postmortem.lead_id or by.id
    audit.note("take_up_postmortem", incident.ref, by=by, now=now)


def expect_writable(postmortem: Postmortem) -> None:
    """Raise ``RuleError`` when the text is closed: published or skipped."""
    if postmortem.state is PostmortemState.PUBLISHED:
        raise RuleError("This postmortem is published. Take it back to draft to change it.")
    if postmortem.state is PostmortemState.SKIPPED:
        raise RuleError("This postmortem is skipped. Take it up again to write it.")


def save_answer(postmortem: Postmortem, draft: AnswerDraft, *, by: Person, now: datetime) -> Answer | None:
    """Save one answer and keep the text it had. The same text again changes nothing.

    Raises:
        StaleWriteError: somebody saved another text since this one was begun; both are kept.
    """
    expect_writable(postmortem)
    question = queries.outline_of(postmortem).questions.get(draft.question)
    if question is None:
        raise RuleError("The postmortem does not ask this question.")
    answer = queries.find_answer(postmortem, draft.question)
    if (answer.text if answer else "") == draft.text:
        return answer
    if answer is None:
        heading = question.own_heading if question.key.startswith(OWN) else ""
        answer = Answer(postmortem_id=postmortem.id, question=draft.question, heading=heading)
    elif answer.version != draft.version:
        raise StaleWriteError(
            yours=draft.text,
            theirs=answer.text,
            their_version=answer.version,
            saved_by=answer.saved_by.name if answer.saved_by else "somebody else",
        )
    return _write(postmortem, answer, draft.text, by=by, now=now)


def _write(postmortem: Postmortem, answer: Answer, text: str, *, by: Person, now: datetime) -> Answer:
    if answer.id is not None and not queries.has_revision(answer):
        session.add(revision_of(answer))  # an imported text was never saved here, and must not get lost either
    answer.text = text
    answer.saved_by_id = by.id
    answer.saved_at = now
    session.add(answer)
    session.flush()
    session.add(revision_of(answer))
    if answer.question == "root_causes":
        ask_for_comparison(postmortem.incident, stage=Stage.POSTMORTEM, now=now)
    return answer


def revision_of(answer: Answer) -> AnswerRevision:
    """The present text, as the history keeps it."""
    return AnswerRevision(
        answer_id=answer.id,
        version=answer.version,
        text=answer.text,
        saved_by_id=answer.saved_by_id,
        saved_at=answer.saved_at,
    )


def restore_answer(postmortem: Postmortem, answer: Answer, *, version: int, by: Person, now: datetime) -> Answer:
    """An earlier text becomes the present one, as a version of its own: nothing is taken out of the history."""
    expect_writable(postmortem)
    revision = queries.get_revision(answer, version=version)
    if revision.text == answer.text:
        raise RuleError("That is the text it has now.")
    return _write(postmortem, answer, revision.text, by=by, now=now)


def choose_cause(postmortem: Postmortem, category: CauseCategory | None, *, now: datetime) -> None:
    expect_writable(postmortem)
    if postmortem.cause_category is not category:
        postmortem.cause_category = category
        ask_for_comparison(postmortem.incident, stage=Stage.POSTMORTEM, now=now)


def choose_lead(postmortem: Postmortem, lead: Person) -> None:
    """Who sees that the postmortem gets written, and therefore may read what it is about."""
    if not may_read_incident(postmortem.incident, person=lead):
        raise RuleError(
            f"{lead.name} may not see this private incident. "
            f"Choose an owner who is named on it, or name {lead.name} there first."
        )
    postmortem.lead_id = lead.id


def ask_for_review(postmortem: Postmortem) -> None:
    if postmortem.state is not PostmortemState.DRAFT:
        raise RuleError(f"This postmortem is {postmortem.state.value}. Reload the page to see what changed.")
    postmortem.state = PostmortemState.IN_REVIEW


def find_open_questions(postmortem: Postmortem, *, incident: Incident) -> tuple[OpenQuestion, ...]:
    """What publishing still needs, as the rows stand now."""
    answered = Answered(
        texts={question: answer.text for question, answer in queries.answers_of(postmortem).items()},
        has_why_ending=has_ending(queries.whys_of(postmortem)),
        items=queries.count_items(incident),
        severity=incident.severity,
        services=slugs_of(incident),
    )
    return open_questions(queries.outline_of(postmortem), answered)


def slugs_of(incident: Incident) -> frozenset[str]:
    """The services of an incident, as a template names them."""
    return frozenset(service.slug for service in incident.services)


def publish_postmortem(postmortem: Postmortem, *, incident: Incident, by: Person, now: datetime) -> None:
    """Everybody who may see the incident reads it as finished.

    Raises:
        RuleError: questions are open; the sentence lists them.
    """
    if postmortem.state not in (PostmortemState.DRAFT, PostmortemState.IN_REVIEW):
        raise RuleError(f"This postmortem is {postmortem.state.value}. Reload the page to see what changed.")
    missing: Sequence[OpenQuestion] = find_open_questions(postmortem, incident=incident)
    if missing:
        raise RuleError("Before it can be published: " + " ".join(one.sentence for one in missing))
    postmortem.state = PostmortemState.PUBLISHED
    postmortem.published_at = now
    keep_edition(postmortem, incident=incident, by=by, at=now)
    audit.note("publish_postmortem", incident.ref, by=by, now=now)
    ask_for_comparison(incident, stage=Stage.POSTMORTEM, now=now)


def unpublish_postmortem(postmortem: Postmortem, *, incident: Incident, reason: str, by: Person, now: datetime) -> None:
    """Back to draft, to correct it. The reason goes into the record of changes."""
    if postmortem.state is not PostmortemState.PUBLISHED:
        raise RuleError("This postmortem is not published. Reload the page to see what changed.")
    if not reason.strip():
        raise RuleError("Say why it goes back to draft.")
    postmortem.state = PostmortemState.DRAFT
    postmortem.published_at = None
    review_operations.withdraw_edition(postmortem, reason=reason, by=by, now=now)
    detail = {} if incident.is_private else {"reason": reason[:1000]}
    audit.note("unpublish_postmortem", incident.ref, by=by, now=now, **detail)
