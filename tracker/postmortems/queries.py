"""Reads for the guided form, the postmortem page and its exports, of an incident that its reader may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from tracker.db import session
from tracker.documents import documents_of
from tracker.errors import NotFoundError
from tracker.markdown_documents import IncidentDocument
from tracker.models import (
    ActionItem,
    ActionTicket,
    Answer,
    AnswerRevision,
    ContributingFactor,
    Hypothesis,
    HypothesisState,
    Incident,
    IncidentAction,
    Person,
    Postmortem,
    PostmortemTemplate,
    Service,
    Ticket,
    Update,
    Why,
)
from tracker.postmortems.outline import BUILT_IN, Outline
from tracker.postmortems.templates import outline_from, with_strangers

REVISIONS_SHOWN = 50


def find_postmortem(incident: Incident) -> Postmortem | None:
    rows = select(Postmortem).where(Postmortem.incident_id == incident.id)
    beside = joinedload(Postmortem.lead), joinedload(Postmortem.skipped_by), joinedload(Postmortem.template)
    return session.scalars(rows.options(*beside, joinedload(Postmortem.dismissed_hints))).unique().one_or_none()


def get_postmortem(incident: Incident) -> Postmortem:
    """The postmortem of an incident.

    Raises:
        NotFoundError: nobody has started one.
    """
    postmortem = find_postmortem(incident)
    if postmortem is None:
        raise NotFoundError(f"{incident.ref} has no postmortem yet. Start one on its postmortem page.")
    return postmortem


def get_postmortem_to_change(incident: Incident) -> Postmortem:
    """The postmortem, locked until the transaction ends: two people's changes to it come one after the other."""
    postmortem = session.scalar(
        select(Postmortem).where(Postmortem.incident_id == incident.id).with_for_update(of=Postmortem)
    )
    if postmortem is None:
        raise NotFoundError(f"{incident.ref} has no postmortem yet. Start one on its postmortem page.")
    return postmortem


def outline_of(postmortem: Postmortem, *, own: Mapping[str, str] | None = None) -> Outline:
    """What this postmortem asks: the version it was started with, and what only it has answers to.

    ``own`` are the headings of the installation's own questions that it answers; without it they are read.
    """
    if own is None:
        headings = select(Answer.question, Answer.heading)
        headings = headings.where(Answer.postmortem_id == postmortem.id, Answer.heading != "")
        own = {row.question: row.heading for row in session.execute(headings.order_by(Answer.question))}
    return with_strangers(outline_of_template(postmortem.template), own.items())


def outline_of_template(template: PostmortemTemplate | None) -> Outline:
    """What a version of the template asks."""
    return outline_from(template.questions, number=template.id) if template else BUILT_IN


@dataclass(frozen=True)
class TemplateVersion:
    """One version of the questions: who made it, and how many postmortems were started with it."""

    number: int
    made_at: datetime
    made_by: str
    postmortems: int


def template_versions() -> list[TemplateVersion]:
    """All versions, the one in use first."""
    used = select(func.count(Postmortem.id)).where(Postmortem.template_id == PostmortemTemplate.id).scalar_subquery()
    rows = (
        select(PostmortemTemplate.id, PostmortemTemplate.made_at, Person.name, used)
        .outerjoin(Person, Person.id == PostmortemTemplate.made_by_id)
        .order_by(PostmortemTemplate.id.desc())
    )
    return [TemplateVersion(number, at, name or "Somebody", count) for number, at, name, count in session.execute(rows)]


def find_template(number: int) -> PostmortemTemplate | None:
    return session.get(PostmortemTemplate, number)


def services() -> list[Service]:
    """The services in use, to say for which of them an answer is needed."""
    return list(session.scalars(select(Service).where(Service.is_archived.is_(False)).order_by(Service.name)))


def lock_incident(incident: Incident) -> None:
    """Nobody else starts or skips a postmortem of this incident until the transaction ends."""
    session.execute(select(Incident.id).where(Incident.id == incident.id).with_for_update())


def document_of(incident: Incident) -> IncidentDocument:
    return documents_of([incident])[0]


def answers_of(postmortem: Postmortem) -> dict[str, Answer]:
    """The answers by question, with who saved them last."""
    rows = select(Answer).where(Answer.postmortem_id == postmortem.id).options(joinedload(Answer.saved_by))
    return {row.question: row for row in session.scalars(rows)}


def find_answer(postmortem: Postmortem, question: str) -> Answer | None:
    return session.scalar(
        select(Answer)
        .where(Answer.postmortem_id == postmortem.id, Answer.question == question)
        .options(joinedload(Answer.saved_by))
    )


def has_revision(answer: Answer) -> bool:
    """Whether the history holds the present text; a text that came by import may not be in it yet."""
    rows = select(AnswerRevision.id).where(
        AnswerRevision.answer_id == answer.id, AnswerRevision.version == answer.version
    )
    return session.scalar(rows) is not None


def revisions_of(answer: Answer) -> list[AnswerRevision]:
    """The latest texts of an answer, newest first, and one more than is shown, to compare the last with."""
    rows = (
        select(AnswerRevision)
        .where(AnswerRevision.answer_id == answer.id)
        .options(joinedload(AnswerRevision.saved_by))
        .order_by(AnswerRevision.version.desc())
        .limit(REVISIONS_SHOWN + 1)
    )
    return list(session.scalars(rows))


def get_revision(answer: Answer, *, version: int) -> AnswerRevision:
    revision = session.scalar(
        select(AnswerRevision).where(AnswerRevision.answer_id == answer.id, AnswerRevision.version == version)
    )
    if revision is None:
        raise NotFoundError("There is no such version of this answer.")
    return revision


def whys_of(postmortem: Postmortem) -> list[Why]:
    rows = select(Why).where(Why.postmortem_id == postmortem.id).options(joinedload(Why.items))
    return list(session.scalars(rows.order_by(Why.position, Why.id)).unique())


def get_why(postmortem: Postmortem, why_id: int) -> Why:
    why = session.scalar(select(Why).where(Why.id == why_id, Why.postmortem_id == postmortem.id))
    if why is None:
        raise NotFoundError("This why is no longer here. Reload the page to see what changed.")
    return why


def factors_of(postmortem: Postmortem) -> list[ContributingFactor]:
    rows = (
        select(ContributingFactor)
        .where(ContributingFactor.postmortem_id == postmortem.id)
        .order_by(ContributingFactor.position, ContributingFactor.id)
    )
    return list(session.scalars(rows))


def tickets_of(incident: Incident) -> dict[int, list[Ticket]]:
    """The tickets of the items that this incident asks for, by the item's id."""
    rows = (
        select(ActionTicket.action_id, Ticket)
        .join(Ticket, Ticket.id == ActionTicket.ticket_id)
        .join(IncidentAction, IncidentAction.action_id == ActionTicket.action_id)
        .where(IncidentAction.incident_id == incident.id)
        .order_by(Ticket.id)
    )
    found: dict[int, list[Ticket]] = {}
    for action_id, ticket in session.execute(rows):
        found.setdefault(action_id, []).append(ticket)
    return found


def get_factor(postmortem: Postmortem, factor_id: int) -> ContributingFactor:
    factor = session.scalar(
        select(ContributingFactor).where(
            ContributingFactor.id == factor_id, ContributingFactor.postmortem_id == postmortem.id
        )
    )
    if factor is None:
        raise NotFoundError("This factor is no longer here. Reload the page to see what changed.")
    return factor


def items_of(postmortem: Postmortem) -> list[ActionItem]:
    """The action items that its incident asks for."""
    rows = (
        select(ActionItem)
        .join(IncidentAction, IncidentAction.action_id == ActionItem.id)
        .where(IncidentAction.incident_id == postmortem.incident_id)
        .order_by(ActionItem.number)
    )
    return list(session.scalars(rows))


def count_items(incident: Incident) -> int:
    count = select(func.count()).select_from(IncidentAction).where(IncidentAction.incident_id == incident.id)
    return session.scalar(count) or 0


def updates_of(incident: Incident) -> list[Update]:
    rows = (
        select(Update)
        .where(Update.incident_id == incident.id)
        .options(joinedload(Update.author))
        .order_by(Update.sent_at, Update.id)
    )
    return list(session.scalars(rows))


def confirmed_hypotheses(incident_id: int) -> list[Hypothesis]:
    """What was confirmed while the incident went on, with its evidence."""
    rows = select(Hypothesis).where(
        Hypothesis.incident_id == incident_id, Hypothesis.state == HypothesisState.CONFIRMED
    )
    return list(session.scalars(rows.options(selectinload(Hypothesis.evidence)).order_by(Hypothesis.id)))


def names_of_people() -> list[str]:
    """The names of everybody here, to notice when a why points at one of them."""
    return list(session.scalars(select(Person.name).where(Person.is_active).order_by(Person.name)))


def people_who_can_lead() -> list[Person]:
    rows = select(Person).where(Person.is_active).options(load_only(Person.id, Person.name, Person.role))
    return [person for person in session.scalars(rows.order_by(Person.name)) if person.can_respond]
