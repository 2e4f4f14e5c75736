"""Whether the states that an administrator gave a meaning are there: asked when they are saved, and each night."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tracker import clock
from tracker.clients.failures import ClientError
from tracker.clients.tickets import TicketClient
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import Tracker
from tracker.sync.checking import ask
from tracker.sync.field_values import named
from tracker.sync.following_forms import StateNames
from tracker.sync.pauses import full_reading_is_due
from tracker.sync.rounds import Round
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


def trackers_with_states(*, now: datetime) -> list[tuple[int, str]]:
    """The trackers whose own states were not looked for since last night, by id and name."""
    zone = settings().timezone
    return [
        (one.id, one.name)
        for one in session.scalars(select(Tracker).where(Tracker.is_active).order_by(Tracker.id))
        if one.state_names and full_reading_is_due(one.states_checked_at or one.created_at, now=now, zone=zone)
    ]


def check_states(tracker_id: int, names: Mapping[str, Any], *, client: TicketClient, round_: Round) -> None:
    """Note what is not there any more. When a project did not answer, what was known stays."""
    problems = []
    for project, typed in sorted(names.items()):
        try:
            problems += unknown_states(project, typed, client.states(project))
        except ClientError as error:
            if not error.permanent:
                round_.problems.append(f"{project}: {error.message}")
                return
            problems.append(f"{project}: {error.message}")
    with transaction():
        tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
        tracker.state_problems, tracker.states_checked_at = "\n".join(problems), clock.utcnow()


def check_typed(tracker: Tracker, names: StateNames) -> None:
    """
    Raises:
        RuleError: a name is none of the project's, or nobody could be asked.
    """
    if names and names != tracker.state_names and (problems := problems_with(tracker, names)):
        raise RuleError(" ".join(problems))
