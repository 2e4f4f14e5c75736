"""Reading before and after publishing: who is asked, what they say, whether they agree, and the editions there were."""

from datetime import datetime

from tracker.db import session
from tracker.errors import RuleError
from tracker.lookup import may_read_incident
from tracker.messages import Writer
from tracker.models import MessageKind, Person, Postmortem, PostmortemState, ReviewComment, Reviewer
from tracker.postmortems import queries, review_queries
from tracker.stopped_mails import is_stopped

UNWRITTEN = (PostmortemState.DRAFT, PostmortemState.IN_REVIEW)


def ask_reviewer(postmortem: Postmortem, person: Person, *, by: Person, writer: Writer, now: datetime) -> None:
    """Ask somebody to read it, also by mail; asked again, they are to read it anew. A draft goes into review."""
    if postmortem.state not in UNWRITTEN:
        raise RuleError(f"This postmortem is {postmortem.state.value}. Reload the page to see what changed.")
    if not may_read_incident(postmortem.incident, person=person):
        raise RuleError(
            f"{person.name} may not see this private incident. Choose somebody who is named on it, "
            f"or name {person.name} there first."
        )
    reviewer = session.get(Reviewer, (postmortem.id, person.id))
    if reviewer is None:
        reviewer = Reviewer(postmortem_id=postmortem.id, person_id=person.id)
        session.add(reviewer)
    reviewer.asked_at, reviewer.approved_at = now, None
    postmortem.state = PostmortemState.IN_REVIEW
    if person.id != by.id:
        _write_to(person, postmortem, by=by, writer=writer, now=now)


def _write_to(person: Person, postmortem: Postmortem, *, by: Person, writer: Writer, now: datetime) -> None:
    """One mail each time somebody is asked; two who ask in the same minute mean the same."""
    if is_stopped(person, MessageKind.REMINDER):
        return
    writer.write(
        "review_asked",
        kind=MessageKind.REMINDER,
        to=person,
        about=f"review:{postmortem.id}",
        period=f"asked {now:%Y-%m-%d %H:%M}",
        now=now,
        incident=postmortem.incident,
        asked_by=by.name,
        due_on=postmortem.due_on,
    )


def approve(postmortem: Postmortem, *, by: Person, now: datetime) -> None:
    """Say that it can be published as it stands. Whoever was not asked may say so too."""
    if postmortem.state is not PostmortemState.IN_REVIEW:
        raise RuleError(f"This postmortem is {postmortem.state.value}. Only one in review is approved.")
    reviewer = session.get(Reviewer, (postmortem.id, by.id))
    if reviewer is None:
        reviewer = Reviewer(postmortem_id=postmortem.id, person_id=by.id, asked_at=now)
        session.add(reviewer)
    reviewer.approved_at = now


def comment(postmortem: Postmortem, text: str, *, question: str, by: Person, now: datetime) -> ReviewComment:
    """Say something to one answer, or to the whole if ``question`` is empty."""
    if question and question not in queries.outline_of(postmortem).questions:
        raise RuleError("The postmortem does not ask this question.")
    row = ReviewComment(postmortem_id=postmortem.id, question=question, text=text, author_id=by.id, made_at=now)
    session.add(row)
    return row


def resolve(row: ReviewComment, *, by: Person, now: datetime) -> None:
    """Nothing is left to do about it. Who resolved it first stays."""
    if row.resolved_at is None:
        row.resolved_at, row.resolved_by_id = now, by.id


def reopen(row: ReviewComment) -> None:
    row.resolved_at, row.resolved_by_id = None, None


def withdraw_edition(postmortem: Postmortem, *, reason: str, by: Person, now: datetime) -> None:
    """Say of the last edition that it was taken back, and why."""
    last = review_queries.find_last_edition(postmortem)
    if last is not None and last.withdrawn_at is None:
        last.withdrawn_at, last.withdrawn_by_id, last.withdrawn_reason = now, by.id, reason
