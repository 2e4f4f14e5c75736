"""What a past incident proposes for a drill, in words that give nothing away. Takes values, returns values."""

import re

from tracker.drills.operations import DrillDraft
from tracker.drills.replay import Past, given_away, telling_words
from tracker.models import Incident

LONGEST = 300
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|[_-]")
"""Where the words of an alert's name meet: HeartbeatsMissing, heartbeats_missing."""


def proposal(incident: Incident, *, past: Past) -> DrillDraft:
    """A plan to begin with. The title of the past incident says too much: only its services are named."""
    names = [service.name for service in incident.services]
    where = " and ".join(names) or "Something we run"
    signs = [f"You look after {where}." if names else "You are on call.", "It is an ordinary day."]
    alert = incident.alert_name
    if alert and not given_away(HUMP.sub(" ", alert), telling_words(past)):
        signs.append(f"The alert “{alert}” fires.")
    return DrillDraft(
        title=f"Game day: {', '.join(names) or 'a past incident'}"[:LONGEST],
        severity=incident.severity,
        scenario=" ".join(signs),
        services=tuple(service.slug for service in incident.services if not service.is_archived),
        aim="Do we notice, stabilise and tell people faster than the last time?",
    )
