"""The postmortems: answers with their revisions, whys, contributing factors, published or skipped."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.db import session
from tracker.demo.cast import Cast
from tracker.demo.lines import read_whys, unwrapped
from tracker.demo.texts import IncidentText, PostmortemText
from tracker.editions import keep_edition
from tracker.models import (
    Answer,
    AnswerRevision,
    CauseCategory,
    ContributingFactor,
    Incident,
    Person,
    Phase,
    Postmortem,
    PostmortemState,
    Why,
)
from tracker.postmortem_dates import new_postmortem
from tracker.working_days import WorkCalendar

WRITING = timedelta(minutes=11)
"""Between one answer and the next."""


def write_postmortem(text: IncidentText, *, cast: Cast) -> None:
    """The postmortem of an incident that is over; a practice and a live incident have none."""
    incident, told = cast.incidents[text.key], text.postmortem
    if told is None or incident.resolved_at is None:
        return
    lead = cast.people[told.lead]
    calendar = WorkCalendar(cast.calendar.zone)
    postmortem = new_postmortem(incident, lead_id=lead.id, now=incident.resolved_at, calendar=calendar)
    postmortem.cause_category = CauseCategory(told.cause) if told.cause else None
    _skip(postmortem, told, incident=incident, cast=cast)
    postmortem.published_at = cast.calendar.moment(told.published) if told.published else None
    postmortem.state = PostmortemState(told.state)
    session.flush()
    _write_answers(postmortem, told, by=lead, cast=cast)
    _write_whys(postmortem, told.whys)
    for position, (category, words) in enumerate(told.factors):
        session.add(
            ContributingFactor(
                postmortem_id=postmortem.id, position=position, text=words, category=CauseCategory(category)
            )
        )
    if postmortem.published_at is not None:
        cast.note("publish_postmortem", incident.ref, by=lead, at=postmortem.published_at)
    _close(incident, at=postmortem.published_at or postmortem.skipped_at)


def keep_editions() -> None:
    """What was published, as it stands when everything else is written."""
    rows = select(Postmortem).where(Postmortem.published_at.is_not(None)).options(joinedload(Postmortem.incident))
    for postmortem in session.scalars(rows.options(joinedload(Postmortem.lead)).order_by(Postmortem.id)):
        if postmortem.published_at is not None:
            keep_edition(postmortem, incident=postmortem.incident, by=postmortem.lead, at=postmortem.published_at)


def _skip(postmortem: Postmortem, told: PostmortemText, *, incident: Incident, cast: Cast) -> None:
    if told.skipped:
        by = cast.people[told.skipped_by or told.lead]
        postmortem.skipped_at = cast.calendar.moment(told.skipped)
        postmortem.skipped_by_id = by.id
        postmortem.skipped_reason = unwrapped(told.reason)
        cast.note("skip_postmortem", incident.ref, by=by, at=postmortem.skipped_at)


def _close(incident: Incident, *, at: datetime | None) -> None:
    """What was learned is written down, or will not be: the incident is over."""
    if at is not None and incident.phase is Phase.VERIFIED and incident.verified_at is not None:
        incident.closed_at = max(at, incident.verified_at + timedelta(hours=1))
        incident.phase = Phase.CLOSED


def _write_answers(postmortem: Postmortem, told: PostmortemText, *, by: Person, cast: Cast) -> None:
    last = postmortem.published_at or postmortem.started_at + timedelta(hours=20)
    at = min(last, cast.calendar.now) - WRITING * (len(told.answers) + 1)
    for question, words in told.answers.items():
        at += WRITING
        first = told.first_words.get(question)
        answer = Answer(postmortem_id=postmortem.id, question=question)
        if first is not None:
            _save(answer, first, by=by, at=at - WRITING / 2)
        _save(answer, words, by=by, at=at)


def _save(answer: Answer, words: str, *, by: Person, at: datetime) -> None:
    """One version of an answer, with its revision."""
    answer.text, answer.saved_by_id, answer.saved_at = unwrapped(words), by.id, at
    session.add(answer)
    session.flush()
    session.add(
        AnswerRevision(answer_id=answer.id, version=answer.version, text=answer.text, saved_by_id=by.id, saved_at=at)
    )


def _write_whys(postmortem: Postmortem, text: str) -> None:
    above: list[Why] = []
    for position, line in enumerate(read_whys(text)):
        del above[line.depth :]
        why = Why(
            postmortem_id=postmortem.id,
            parent_id=above[-1].id if above else None,
            position=position,
            claim=line.claim,
            evidence=line.evidence,
            ending=line.ending,
        )
        session.add(why)
        session.flush()
        above.append(why)
