"""Services and people that an imported document names: found here, added where an export vouches for them, or told."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from tracker.db import session
from tracker.models import Person, Role, Service
from tracker.transfer import queries
from tracker.transfer.drafts import DocumentDraft, ServiceDraft
from tracker.transfer.placing import short

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*$")
_EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,180}$")


def settle(draft: DocumentDraft, *, now: datetime) -> DocumentDraft:
    """Make the services and people of an export known, without access; the names of all others are kept as lines."""
    for person in draft.people:
        email = person.email.strip().lower()
        if _EMAIL.match(email) and person.name.strip() and not queries.find_person(email):
            name, role = short(person.name), Role.VIEWER
            session.add(Person(email=email, name=name, role=role, is_active=False, created_at=now))
            session.flush()
    for service in draft.services:
        if len(service.slug) <= 80 and _SLUG.match(service.slug) and not find_service(service):
            session.add(Service(slug=service.slug, name=short(service.name) or service.slug))
            session.flush()
    return _with_lines(draft, list(_unknown(draft)))


def find_service(draft: ServiceDraft) -> Service | None:
    return queries.find_service(draft.slug or draft.name)


def _unknown(draft: DocumentDraft) -> Iterator[str]:
    for service in draft.services:
        if find_service(service) is None:
            yield f"Service: {service.name or service.slug}"
    for email in draft.named_people:
        if queries.find_person(email) is None:
            yield f"May see it: {email}"
    for role in draft.roles:
        if queries.find_person(role.email) is None:
            yield f"{role.role.value.capitalize()}: {role.email}"
    lead = draft.postmortem.lead if draft.postmortem else ""
    if lead and queries.find_person(lead) is None:
        yield f"Owner of the postmortem: {lead}"


def _with_lines(draft: DocumentDraft, lines: list[str]) -> DocumentDraft:
    """With the left-overs of the postmortem; without one, with the summary."""
    if not lines:
        return draft
    if draft.postmortem is None:
        return replace(draft, summary="\n\n".join(part for part in (draft.summary, "\n".join(lines)) if part))
    left_over = (*draft.postmortem.left_over, *lines)
    return replace(draft, postmortem=replace(draft.postmortem, left_over=left_over))
