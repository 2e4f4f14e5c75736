"""Reads about the review of a postmortem, of an incident that its reader may see."""

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, load_only

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import Edition, Postmortem, ReviewComment, Reviewer


def reviewers_of(postmortem: Postmortem) -> list[Reviewer]:
    rows = select(Reviewer).where(Reviewer.postmortem_id == postmortem.id).options(joinedload(Reviewer.person))
    return list(session.scalars(rows.order_by(Reviewer.asked_at, Reviewer.person_id)))


def comments_of(postmortem: Postmortem) -> dict[str, list[ReviewComment]]:
    """By the question they are about, in the order in which they were made."""
    rows = (
        select(ReviewComment)
        .where(ReviewComment.postmortem_id == postmortem.id)
        .options(joinedload(ReviewComment.author), joinedload(ReviewComment.resolved_by))
        .order_by(ReviewComment.made_at, ReviewComment.id)
    )
    found: dict[str, list[ReviewComment]] = {}
    for row in session.scalars(rows):
        found.setdefault(row.question, []).append(row)
    return found


def count_open_comments(postmortem: Postmortem) -> int:
    rows = select(func.count(ReviewComment.id)).where(
        ReviewComment.postmortem_id == postmortem.id, ReviewComment.resolved_at.is_(None)
    )
    return session.scalar(rows) or 0


def get_comment(postmortem: Postmortem, comment_id: int) -> ReviewComment:
    row = session.scalar(
        select(ReviewComment).where(ReviewComment.id == comment_id, ReviewComment.postmortem_id == postmortem.id)
    )
    if row is None:
        raise NotFoundError("This comment is no longer here. Reload the page to see what changed.")
    return row


def editions_of(postmortem: Postmortem) -> list[Edition]:
    """Who published and took back what, newest first; without the documents."""
    columns = (Edition.number, Edition.published_at, Edition.withdrawn_at, Edition.withdrawn_reason)
    rows = (
        select(Edition)
        .where(Edition.postmortem_id == postmortem.id)
        .options(load_only(*columns), joinedload(Edition.published_by), joinedload(Edition.withdrawn_by))
    )
    return list(session.scalars(rows.order_by(Edition.number.desc())))


def find_last_edition(postmortem: Postmortem) -> Edition | None:
    rows = select(Edition).where(Edition.postmortem_id == postmortem.id)
    return session.scalar(rows.order_by(Edition.number.desc()).limit(1))


def edition_and_the_one_before(postmortem: Postmortem, *, number: int) -> tuple[Edition, str]:
    """An edition, and the document of the one before it; empty for the first."""
    rows = select(Edition).where(Edition.postmortem_id == postmortem.id, Edition.number.in_((number, number - 1)))
    found = {row.number: row for row in session.scalars(rows)}
    if number not in found:
        raise NotFoundError("There is no such edition of this postmortem.")
    return found[number], found[number - 1].document if number - 1 in found else ""
