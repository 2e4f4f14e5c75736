"""Pictures of an incident: added, found, listed."""

import secrets
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer

from tracker.db import session
from tracker.errors import NotFoundError, RuleError
from tracker.models import Incident, Person, Picture
from tracker.pictures import Drawn

MOST = 200
"""Pictures of one incident."""


def add_picture(incident: Incident, drawn: Drawn, *, by: Person, now: datetime) -> Picture:
    count = select(func.count()).select_from(Picture).where(Picture.incident_id == incident.id)
    if (session.scalar(count) or 0) >= MOST:
        raise RuleError(f"{incident.ref} has {MOST} pictures already. Link to further ones instead.")
    picture = Picture(
        incident_id=incident.id,
        key=secrets.token_hex(16),
        added_by_id=by.id,
        added_at=now,
        **asdict(drawn),
    )
    session.add(picture)
    session.flush()
    return picture


def get_picture(incident: Incident, key: str) -> Picture:
    """One picture of this incident, with its content.

    Raises:
        NotFoundError: there is none.
    """
    found = select(Picture).where(Picture.incident_id == incident.id, Picture.key == key)
    picture = session.scalar(found.options(undefer(Picture.content)))
    if picture is None:
        raise NotFoundError(f"{incident.ref} has no such picture.")
    return picture


def contents_of(incident: Incident) -> Iterator[tuple[str, str, bytes]]:
    """Key, media type and content of each, one at a time."""
    rows = select(Picture.key, Picture.media_type, Picture.content).where(Picture.incident_id == incident.id)
    yield from session.execute(rows.order_by(Picture.id).execution_options(yield_per=1))


def pictures_of(incident: Incident) -> list[Picture]:
    """Without their content, the latest first."""
    rows = select(Picture).where(Picture.incident_id == incident.id).options(joinedload(Picture.added_by))
    return list(session.scalars(rows.order_by(Picture.id.desc())))
