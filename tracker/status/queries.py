"""What the public may know. Only updates to users, only of incidents that everybody here may see, and no drill."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select

from tracker.db import session
from tracker.models import (
    Audience,
    Incident,
    IncidentService,
    Phase,
    Service,
    StatusComponent,
    Update,
    may_see,
)
from tracker.status.settings_row import read_settings
from tracker.status.told import Notice, Problem, PublicStatus, components_of

HISTORY = timedelta(days=90)
MOST = 50
"""Problems that the page shows; who wants older ones has read about them already."""


def public_status(now: datetime) -> PublicStatus | None:
    """Everything the page shows; ``None`` while it is switched off."""
    chosen = read_settings()
    if not chosen.is_on:
        return None
    names = {row.service_id: row.name for row in components()}
    problems = _problems(names, since=now - HISTORY)
    current = [one for one in problems if one.phase.is_live]
    return PublicStatus(
        title=chosen.title,
        intro=chosen.intro,
        components=components_of(list(dict.fromkeys(names.values())), current),
        current=current,
        past=[one for one in problems if not one.phase.is_live],
        looked_at=now,
    )


def components() -> Sequence[StatusComponent]:
    """What is shown, in the order of the public names; what was archived is gone."""
    statement = select(StatusComponent).join(Service).where(Service.is_archived.is_(False))
    return session.scalars(statement.order_by(StatusComponent.name, StatusComponent.service_id)).all()


def _problems(names: dict[int, str], *, since: datetime) -> list[Problem]:
    told = exists().where(Update.incident_id == Incident.id, Update.audience == Audience.USERS)
    anywhere = exists().where(IncidentService.incident_id == Incident.id)
    shown = exists().where(IncidentService.incident_id == Incident.id, IncidentService.service_id.in_(list(names)))
    statement = (
        select(Incident.id, Incident.phase, Incident.resolved_at)
        .where(
            may_see(None),
            Incident.is_drill.is_(False),
            Incident.imported_text.is_(None),
            or_(Incident.phase.in_([phase for phase in Phase if phase.is_live]), Incident.declared_at >= since),
            told,
            or_(shown, ~anywhere),
        )
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
        .limit(MOST)
    )
    rows = session.execute(statement).all()
    ids = [row.id for row in rows]
    notices, where = _notices(ids), _components_of(ids, names)
    return [Problem(row.id, row.phase, row.resolved_at, where[row.id], notices[row.id]) for row in rows]


def _notices(ids: list[int]) -> dict[int, list[Notice]]:
    statement = select(Update.incident_id, Update.id, Update.sent_at, Update.text).where(
        Update.incident_id.in_(ids), Update.audience == Audience.USERS
    )
    found: dict[int, list[Notice]] = defaultdict(list)
    for incident_id, update_id, at, text in session.execute(
        statement.order_by(Update.sent_at.desc(), Update.id.desc())
    ):
        found[incident_id].append(Notice(update_id, at, text))
    return found


def _components_of(ids: list[int], names: dict[int, str]) -> dict[int, list[str]]:
    statement = select(IncidentService.incident_id, IncidentService.service_id).where(
        IncidentService.incident_id.in_(ids), IncidentService.service_id.in_(list(names))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for incident_id, service_id in session.execute(statement):
        found[incident_id].append(names[service_id])
    return defaultdict(list, {incident_id: sorted(set(one)) for incident_id, one in found.items()})
