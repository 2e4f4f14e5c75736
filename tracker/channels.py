"""Which chat channels are told of what: the one place that decides, and it never names one for a private incident."""

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select

from tracker.db import session
from tracker.models import Channel, Incident, IncidentService, MessageKind, Service

CHANNEL_KINDS = (
    MessageKind.RECURRENCE_ALERT,
    MessageKind.WEEKLY_REPORT,
    MessageKind.REMINDER,
    MessageKind.INCIDENT_UPDATE,
)
"""What a channel may be told. A sign-in link is for one person."""


def channels_for(kind: MessageKind) -> Sequence[Channel]:
    """The channels that get this kind of message, whichever team they are of."""
    found = session.scalars(select(Channel).where(Channel.is_active).order_by(Channel.id))
    return [channel for channel in found if kind in channel.kinds]


def channels_about(kind: MessageKind, *, incidents: Collection[Incident]) -> Sequence[Channel]:
    """The channels that are told of something about these incidents: everybody's, and those of their services' teams.

    None at all when one of the incidents is private or a drill.
    """
    if any(incident.is_private or incident.is_drill for incident in incidents):
        return []
    teams = (
        select(Service.team_id)
        .join(IncidentService, IncidentService.service_id == Service.id)
        .where(IncidentService.incident_id.in_([incident.id for incident in incidents]), Service.team_id.is_not(None))
    )
    query = select(Channel).where(Channel.is_active, or_(Channel.team_id.is_(None), Channel.team_id.in_(teams)))
    return [channel for channel in session.scalars(query.order_by(Channel.id)) if kind in channel.kinds]
