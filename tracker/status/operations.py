"""Switching the public status page on and off, and choosing what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker import audit
from tracker.db import session
from tracker.models import Person, StatusComponent
from tracker.status.settings_row import StatusSettings, write_settings


@dataclass(frozen=True)
class StatusDraft:
    settings: StatusSettings
    components: Mapping[int, str]
    """The public name of each service that is shown."""


def choose_status_page(draft: StatusDraft, *, by: Person, now: datetime) -> None:
    """What the public sees from now on; who decided that stands in the audit log."""
    write_settings(draft.settings, now=now)
    there = {row.service_id: row for row in session.scalars(select(StatusComponent))}
    for service_id, row in there.items():
        if service_id not in draft.components:
            session.delete(row)
    for service_id, name in draft.components.items():
        if service_id in there:
            there[service_id].name = name
        else:
            session.add(StatusComponent(service_id=service_id, name=name))
    audit.note("change_status_page", "status page", by=by, now=now, is_on=draft.settings.is_on)
