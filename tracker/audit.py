"""The record of who changed rights, trackers, decisions and exports. Rows are only ever added."""

from datetime import datetime
from typing import Any

from tracker.db import session
from tracker.models import AuditEntry, Person


def note(action: str, subject: str, *, by: Person | None, now: datetime, **detail: Any) -> None:
    """Note a change in the same transaction. Never put a secret or a private text into ``detail``."""
    session.add(
        AuditEntry(at=now, person_id=by.id if by else None, action=action, subject=subject[:300], detail=detail)
    )
