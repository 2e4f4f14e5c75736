"""What one page of the guided form shows beside its questions: how far each step is, and the facts known already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from tracker import documents
from tracker.forms import choice
from tracker.models import (
    ActionItem,
    Answer,
    EntryKind,
    Incident,
    Person,
    Postmortem,
    PostmortemState,
    Reviewer,
    RoleAssignment,
    Ticket,
    TimelineEntry,
    Update,
    Why,
)
from tracker.postmortems import queries, review_queries, wordings
from tracker.postmortems.forms import CauseForm, FactorForm, LeadForm, ReasonForm, WhyForm
from tracker.postmortems.operations import slugs_of
from tracker.postmortems.outline import (
    REVIEW,
    Answered,
    OpenQuestion,
    Outline,
    Step,
    StepState,
    open_questions,
    state_of,
)
from tracker.postmortems.questions import NO_ITEMS, Question
from tracker.postmortems.reading import MomentFact, moments_of
from tracker.postmortems.suggestions import Known, suggestion_for
from tracker.postmortems.whys import has_ending, open_ends, tree_of

CHOSEN_ENTRIES = {
    "what-happened": tuple(EntryKind),
    "short-form": tuple(EntryKind),
    "detection": (EntryKind.DETECTION,),
    "response": (EntryKind.ACTION, EntryKind.DECISION, EntryKind.COMMUNICATION),
}
"""The kinds of timeline entries that help to answer a step."""
WITH_ROLES = ("what-happened", "detection", "response", "short-form")


def _helps(entry: TimelineEntry, *, step_key: str) -> bool:
    """Whether it stands beside a step: by its kind, or because somebody starred it for the postmortem."""
    kinds = CHOSEN_ENTRIES.get(step_key, ())
    return entry.kind in kinds or (bool(kinds) and entry.is_starred)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    step: Step
    answers: Mapping[str, Answer]
    states: Sequence[tuple[Step, StepState]]
    whys: Sequence[Why]
    items: Sequence[ActionItem]
    tickets: Mapping[int, Sequence[Ticket]]
    entries: Sequence[TimelineEntry]
    roles: Sequence[RoleAssignment]
    updates: Sequence[Update]
    moments: Sequence[MomentFact]
    suggestions: dict[str, str]
    missing: Sequence[OpenQuestion]
    lead_form: LeadForm | None
    reason_form: ReasonForm
    readers: Sequence[Reviewer]
    open_comments: int

    @property
    def questions(self) -> list[Question]:
        """What the step asks or once asked; why there are no items only where there are none, or somebody said so."""
        return [
            question
            for question in self.step.questions
            if question.key in self.answers or (question.is_asked and (question.key != NO_ITEMS.key or not self.items))
        ]

    @property
    def items_of_step(self) -> list[ActionItem]:
        return [item for item in self.items if item.kind is self.step.kind]

    @property
    def ideas(self) -> list[Why]:
        """Whys that end with something we can act on."""
        return [why for why in self.whys if why.ending is not None and why.ending.name == "CAN_ACT"]


def sheet_of(
    incident: Incident,
    postmortem: Postmortem,
    step: Step,
    *,
    outline: Outline,
    answers: Mapping[str, Answer],
    zone: tzinfo,
) -> Sheet:
    texts = {key: answer.text for key, answer in answers.items()}
    whys = queries.whys_of(postmortem)
    items_of, tickets = documents.items_and_tickets_of([incident.id])
    items = items_of.get(incident.id, [])
    entries = _entries(incident) if step.key in CHOSEN_ENTRIES else []
    roles = documents.roles_of([incident.id]).get(incident.id, []) if step.key in WITH_ROLES else []
    is_published = postmortem.state is PostmortemState.PUBLISHED
    answered = _answered(texts, whys=whys, items=len(items), incident=incident)
    confirmed = queries.confirmed_hypotheses(incident.id) if step.key == "why" else []
    known = Known(incident, entries, roles, zone, confirmed)
    return Sheet(
        step=step,
        answers=answers,
        states=[
            (one, state_of(one, texts, whys=len(whys), items=len(items), is_published=is_published))
            for one in outline.steps
        ],
        whys=whys,
        items=items,
        tickets=tickets,
        entries=[entry for entry in entries if _helps(entry, step_key=step.key)],
        roles=roles,
        updates=queries.updates_of(incident) if step.key == "response" else [],
        moments=moments_of(incident),
        suggestions={question.key: suggestion_for(question.key, known) for question in step.questions},
        missing=open_questions(outline, answered),
        lead_form=lead_form(postmortem) if step.key == REVIEW else None,
        reason_form=ReasonForm(formdata=None),
        readers=review_queries.reviewers_of(postmortem) if step.key == REVIEW else [],
        open_comments=review_queries.count_open_comments(postmortem) if step.key == REVIEW else 0,
    )


def _answered(texts: Mapping[str, str], *, whys: Sequence[Why], items: int, incident: Incident) -> Answered:
    severity, services = incident.severity, slugs_of(incident)
    return Answered(texts=texts, has_why_ending=has_ending(whys), items=items, severity=severity, services=services)


def _entries(incident: Incident) -> list[TimelineEntry]:
    return documents.entries_of([incident.id]).get(incident.id, [])


def lead_form(postmortem: Postmortem) -> LeadForm:
    people: list[Person] = queries.people_who_can_lead()
    form = LeadForm(formdata=None, data={"lead": postmortem.lead_id})
    form.lead.choices = [choice(person.id, person.name) for person in people]
    if postmortem.lead_id not in {person.id for person in people}:
        form.lead.choices.insert(0, choice(0, "Nobody yet"))
    return form


def why_panel(
    postmortem: Postmortem, wanted: Mapping[str, str], *, sheet: Sheet | None = None, **forms: Any
) -> dict[str, Any]:
    """The tree and the factors, with the one form that is open: ``?change=7``, ``?below=7``, ``?beside=7``,
    ``?factor=3``."""
    rows = sheet.whys if sheet else queries.whys_of(postmortem)
    items = sheet.items if sheet else queries.items_of(postmortem)
    factors = queries.factors_of(postmortem)
    people, dismissed = queries.names_of_people(), wordings.dismissed_of(postmortem)
    roots = tree_of(rows, hints=wordings.hints_of_whys(rows, dismissed=dismissed, people=people))
    change, below, beside, factor, focus = (
        number_of_row(wanted.get(name)) for name in ("change", "below", "beside", "factor", "focus")
    )
    why_form = forms.get("why_form") or _why_form(next((why for why in rows if why.id == change), None))
    why_form.offer_items(items)
    return {
        "roots": roots,
        "open_ends": open_ends(roots),
        "factors": factors,
        "factor_hints": wordings.hints_of_factors(factors, dismissed=dismissed),
        "change": change,
        "below": below,
        "beside": beside,
        "focus": focus,
        "change_factor": factor,
        "another_factor": bool(wanted.get("another")),
        "why_form": why_form,
        "factor_form": forms.get("factor_form")
        or _factor_form(next((one for one in factors if one.id == factor), None)),
        "cause_form": CauseForm(formdata=None, data={"cause_category": postmortem.cause_category or ""}),
        "confirmed": queries.confirmed_hypotheses(postmortem.incident_id),
        "theirs": forms.get("theirs"),
    }


def number_of_row(text: str | None) -> int | None:
    """The id that somebody sent; ``None`` when it cannot be one."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _why_form(why: Why | None) -> WhyForm:
    if why is None:
        return WhyForm(formdata=None)
    said = {"claim": why.claim, "evidence": why.evidence, "is_root_cause": why.is_root_cause, "version": why.version}
    chosen = {"kind": why.kind or "", "confidence": why.confidence or "", "ending": why.ending or ""}
    return WhyForm(formdata=None, data={**said, **chosen, "items": [item.id for item in why.items]})


def _factor_form(factor: Any) -> FactorForm:
    if factor is None:
        return FactorForm(formdata=None)
    values = {"factor": factor.text, "category": factor.category or "", "version": factor.version}
    return FactorForm(formdata=None, data=values)
