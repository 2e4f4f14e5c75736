"""Writes an imported incident with its postmortem, timeline and items. No mail is written."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from tracker.comparisons import ask_for_comparison
from tracker.db import session
from tracker.editions import keep_edition
from tracker.models import (
    INCIDENTS,
    ActionItem,
    Answer,
    ContributingFactor,
    Incident,
    Person,
    Phase,
    Picture,
    Postmortem,
    PostmortemState,
    RoleAssignment,
    Service,
    Stage,
    TimelineEntry,
    Update,
    Why,
)
from tracker.pictures import Drawn
from tracker.transfer import queries
from tracker.transfer.drafts import DocumentDraft, PostmortemDraft, WhyDraft
from tracker.transfer.finding_operations import add_findings
from tracker.transfer.item_operations import add_items
from tracker.transfer.naming import find_service, settle
from tracker.transfer.numbering import number_for
from tracker.transfer.picture_files import keys_for, moved
from tracker.transfer.storing import with_texts

NONE: Mapping[str, Drawn] = {}
REST_OF_THE_IMPORT = timedelta(minutes=2)
"""How long a comparison waits, so that the other documents of the same import stand beside this one by then."""


def import_document(
    draft: DocumentDraft,
    *,
    origin: queries.Origin,
    pictures: Mapping[str, Drawn] = NONE,
    service: Service | None,
    keep_numbers: bool = False,
    by: Person | None,
    now: datetime,
) -> Incident:
    """The incident that a document describes; with ``keep_numbers`` INC-42 stays INC-42 (for an empty installation)."""
    draft = settle(draft, now=now)
    incident = _incident(draft, origin=origin, keep_number=keep_numbers)
    incident.services = _services(draft, service=service)
    incident.named_people = [person for name in draft.named_people if (person := queries.find_person(name))]
    session.add(incident)
    session.flush()
    draft = _with_pictures(draft, pictures=pictures, incident=incident, by=by, now=now)
    _add_timeline(draft, incident=incident, now=now)
    _add_roles(draft, incident=incident)
    _add_updates(draft, incident=incident)
    add_findings(draft, incident=incident)
    items = add_items(draft, incident=incident, keep_numbers=keep_numbers, by=by, now=now)
    if draft.postmortem is not None:
        postmortem = _add_postmortem(draft.postmortem, incident=incident, by=by, now=now)
        _add_whys(draft.postmortem.whys, postmortem=postmortem, items=items)
        if postmortem.published_at is not None:
            keep_edition(postmortem, incident=incident, by=None, at=postmortem.published_at)
    ask_for_comparison(incident, stage=Stage.POSTMORTEM, now=now, after=REST_OF_THE_IMPORT)
    session.flush()
    return incident


def _with_pictures(
    draft: DocumentDraft, *, pictures: Mapping[str, Drawn], incident: Incident, by: Person | None, now: datetime
) -> DocumentDraft:
    """Keep the pictures that came along, and let every text show them where they are now."""
    if not pictures:
        return draft
    keys = keys_for(pictures, taken=queries.picture_keys(pictures), new_key=lambda: secrets.token_hex(16))
    for key, drawn in pictures.items():
        session.add(
            Picture(
                incident_id=incident.id,
                key=keys[key],
                added_by_id=by.id if by else None,
                added_at=now,
                **asdict(drawn),
            )
        )
    draft = with_texts(draft, moved(keys, ref=incident.ref))
    incident.summary = draft.summary
    return draft


def _incident(draft: DocumentDraft, *, origin: queries.Origin, keep_number: bool) -> Incident:
    return Incident(
        number=number_for(INCIDENTS, draft.number if keep_number else None),
        title=draft.title,
        summary=draft.summary,
        severity=draft.severity,
        phase=draft.phase,
        is_drill=draft.is_drill,
        is_private=draft.is_private,
        alert_name=draft.alert_name,
        declared_at=draft.declared_at,
        is_undated=draft.is_undated,
        imported_name=origin.name,
        imported_text=origin.text,
        **_moments(draft),
    )


def _moments(draft: DocumentDraft) -> dict[str, datetime]:
    return {name: moment for name, moment in draft.moments.items() if name != "declared_at"}


def _services(draft: DocumentDraft, *, service: Service | None) -> list[Service]:
    found = [one for named in draft.services if (one := find_service(named))]
    return list(dict.fromkeys([*found, *([service] if service else [])]))


def _add_timeline(draft: DocumentDraft, *, incident: Incident, now: datetime) -> None:
    session.add_all(
        TimelineEntry(
            incident_id=incident.id,
            at=entry.at,
            at_text=entry.at_text,
            position=position,
            kind=entry.kind,
            text=entry.text,
            is_starred=entry.is_starred,
            created_at=now,
        )
        for position, entry in enumerate(draft.timeline)
    )


def _add_roles(draft: DocumentDraft, *, incident: Incident) -> None:
    for role in draft.roles:
        person = queries.find_person(role.email)
        if person is not None:
            session.add(
                RoleAssignment(
                    incident_id=incident.id, role=role.role, person_id=person.id, since=role.since, until=role.until
                )
            )


def _add_updates(draft: DocumentDraft, *, incident: Incident) -> None:
    for update in draft.updates:
        author = queries.find_person(update.author_email)
        session.add(
            Update(
                incident_id=incident.id,
                audience=update.audience,
                text=update.text,
                author_id=author.id if author else None,
                sent_at=update.sent_at,
                next_due_at=update.next_due_at if incident.phase is not Phase.CLOSED else None,
            )
        )


def _add_postmortem(draft: PostmortemDraft, *, incident: Incident, by: Person | None, now: datetime) -> Postmortem:
    lead = queries.find_person(draft.lead)
    is_published = draft.state is PostmortemState.PUBLISHED
    postmortem = Postmortem(
        incident_id=incident.id,
        state=draft.state,
        lead_id=lead.id if lead else None,
        is_required=draft.is_required,
        due_on=draft.due_on,
        cause_category=draft.category,
        started_at=incident.declared_at,
        published_at=(draft.published_at or incident.declared_at) if is_published else None,
        skipped_at=now if draft.state is PostmortemState.SKIPPED else None,
        skipped_reason=draft.skipped_reason,
        left_over=list(draft.left_over),
    )
    session.add(postmortem)
    session.flush()
    session.add_all(
        Answer(
            postmortem_id=postmortem.id,
            question=question,
            heading=draft.own_headings.get(question, ""),
            text=text,
            saved_at=now,
            saved_by_id=by.id if by else None,
        )
        for question, text in draft.answers.items()
    )
    session.add_all(
        ContributingFactor(postmortem_id=postmortem.id, position=position, text=factor.text, category=factor.category)
        for position, factor in enumerate(draft.factors)
    )
    return postmortem


def _add_whys(whys: Sequence[WhyDraft], *, postmortem: Postmortem, items: Mapping[str, ActionItem]) -> None:
    """A node hangs below the last one before it that is less deep; ``items`` by the references of the document."""
    above: list[tuple[int, Why]] = []
    for position, draft in enumerate(whys):
        while above and above[-1][0] >= draft.depth:
            above.pop()
        row = Why(
            postmortem_id=postmortem.id,
            parent_id=above[-1][1].id if above else None,
            position=position,
            claim=draft.claim,
            evidence=draft.evidence,
            kind=draft.kind,
            confidence=draft.confidence,
            is_root_cause=draft.is_root_cause,
            items=[items[ref] for ref in dict.fromkeys(draft.items) if ref in items],
            ending=draft.ending,
        )
        session.add(row)
        session.flush()
        above.append((draft.depth, row))
