"""Reading before and after publishing: who is asked, what they say, whether they agree, and the editions there were."""

from datetime import datetime

from tracker.db import session
from tracker.errors import RuleError
from tracker.lookup import may_read_incident
from tracker.markdown_documents import to_markdown
from tracker.models import Edition, Incident, Person, Postmortem, PostmortemState, ReviewComment, Reviewer
from tracker.postmortems import queries, review_queries

UNWRITTEN = (PostmortemState.DRAFT, PostmortemState.IN_REVIEW)


def ask_reviewer(postmortem: Postmortem, person: Person, *, now: datetime) -> None:
    """Ask somebody to read it; asked again, they are to read it anew. A draft goes into review."""
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


def keep_edition(postmortem: Postmortem, *, incident: Incident, by: Person, now: datetime) -> None:
    """Keep what is published now, as the export would write it."""
    session.flush()
    last = review_queries.find_last_edition(postmortem)
    session.add(
        Edition(
            postmortem_id=postmortem.id,
            number=last.number + 1 if last else 1,
            document=to_markdown(queries.document_of(incident)),
            published_at=now,
            published_by_id=by.id,
        )
    )


def withdraw_edition(postmortem: Postmortem, *, reason: str, by: Person, now: datetime) -> None:
    """Say of the last edition that it was taken back, and why. An imported one was never kept."""
    last = review_queries.find_last_edition(postmortem)
    if last is not None and last.withdrawn_at is None:
        last.withdrawn_at, last.withdrawn_by_id, last.withdrawn_reason = now, by.id, reason
