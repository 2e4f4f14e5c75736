"""Whether a Jira still has the states that were given a meaning, and asks for nothing that no mapping fills."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from tracker import clock
from tracker.clients.failures import ClientError
from tracker.clients.tickets import TicketClient, TicketField
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import Tracker, TrackerKind
from tracker.sync.checking import ask
from tracker.sync.following.forms import StateNames
from tracker.sync.mappings.check_targets import targets_to_check
from tracker.sync.mappings.field_values import named
from tracker.sync.pacing.pauses import full_reading_is_due
from tracker.sync.pacing.rounds import Round
from tracker.wiring import settings


def problems_with(tracker: Tracker, names: StateNames) -> list[str]:
    """What the projects of a tracker have against these names, asked while a person waits.

    Raises:
        RuleError: the tracker could not be asked.
    """
    found = ask(tracker, lambda client: {project: client.states(project) for project in names})
    return [sentence for project, known in found.items() for sentence in unknown_states(project, names[project], known)]


def unknown_states(project: str, typed: Iterable[str], known: Iterable[str]) -> list[str]:
    there = list(known)
    small = {name.lower() for name in there}
    unknown = [name for name in typed if name.partition(":")[0] not in small]
    shown = ", ".join(f"“{name}”" for name in unknown)
    return [f"{project} has no state {shown}. It has: {named(there)}."] if unknown else []


def trackers_to_ask(*, now: datetime) -> list[tuple[int, str]]:
    """The Jiras whose own states and required fields were not asked for since last night, by id and name."""
    zone = settings().timezone
    query = select(Tracker).where(Tracker.is_active, Tracker.kind == TrackerKind.JIRA).order_by(Tracker.id)
    return [
        (one.id, one.name)
        for one in session.scalars(query)
        if full_reading_is_due(one.setup_checked_at or one.created_at, now=now, zone=zone)
    ]


def check_setup(tracker: Tracker, *, client: TicketClient, round_: Round) -> None:
    """Note what does not fit any more. When a project did not answer, what was known stays."""
    tracker_id, names, problems = tracker.id, dict(tracker.state_names), list[str]()
    unmapped = [one.target for one in targets_to_check(tracker) if not one.is_mapped]
    session.rollback()
    for project in sorted({*names, *unmapped}):
        try:
            problems += unknown_states(project, names[project], client.states(project)) if project in names else []
            problems += _lacking(project, client.fields(project)) if project in unmapped else []
        except ClientError as error:
            if not error.permanent:
                round_.problems.append(f"{project}: {error.message}")
                return
            problems.append(f"{project}: {error.message}")
    with transaction():
        tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
        tracker.setup_problems, tracker.setup_checked_at = "\n".join(problems), clock.utcnow()


def _lacking(project: str, fields: Sequence[TicketField]) -> list[str]:
    left = ", ".join(f"“{one.shown}”" for one in fields if one.is_required)
    return [f"New tickets of {project} need {left}. Make a mapping for {project} that fills it."] if left else []


def check_typed(tracker: Tracker, names: StateNames) -> None:
    """
    Raises:
        RuleError: a name is none of the project's, or nobody could be asked.
    """
    if names and names != tracker.state_names and (problems := problems_with(tracker, names)):
        raise RuleError(" ".join(problems))
