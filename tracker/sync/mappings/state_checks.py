"""Whether a Jira still has the states that were given a meaning, and asks for nothing that no mapping fills."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from tracker import clock
from tracker.clients.failures import ClientError
from tracker.clients.tickets import TicketClient, TicketField
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import Tracker
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
    found = ask(tracker, lambda client: ({one: client.states(one) for one in names}, _resolutions(names, client)))
    states, resolutions = found
    return [
        sentence
        for project, known in states.items()
        for sentence in unknown_states(project, names[project], states=known, resolutions=resolutions)
    ]


def unknown_states(
    project: str, typed: Iterable[str], *, states: Sequence[str], resolutions: Sequence[str]
) -> list[str]:
    """What is neither a state nor ``state: resolution`` there, a sentence for each of the two kinds."""
    there = _small(states)
    names = {name: name if name in there else name.partition(":")[0] for name in typed}
    reasons = {
        name: name.partition(":")[2].strip() for name, state in names.items() if state in there and state != name
    }
    return [
        *_unknown(f"{project} has no state", [name for name, state in names.items() if state not in there], states),
        *_unknown("Jira has no resolution", sorted(set(reasons.values()) - _small(resolutions)), resolutions),
    ]


def _unknown(sentence: str, names: Sequence[str], there: Sequence[str]) -> list[str]:
    shown = ", ".join(f"“{name}”" for name in names)
    return [f"{sentence} {shown}. It has: {named(there) or 'none'}."] if names else []


def _small(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


def _resolutions(names: StateNames, client: TicketClient) -> Sequence[str]:
    """Asked for only where one is named."""
    return client.resolutions() if any(":" in name for states in names.values() for name in states) else ()


def trackers_to_ask(*, now: datetime) -> list[tuple[int, str]]:
    """The trackers whose settings were not compared with what is there since last night, by id and name."""
    zone = settings().timezone
    query = select(Tracker).where(Tracker.is_active).order_by(Tracker.id)
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
            problems += _unknown_in(project, names, client=client) if project in names else []
            problems += _lacking(project, client.fields(project)) if project in unmapped else []
        except ClientError as error:
            if not error.permanent:
                round_.problems.append(f"{project}: {error.message}")
                return
            problems.append(f"{project}: {error.message}")
    with transaction():
        tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
        tracker.setup_problems, tracker.setup_checked_at = "\n".join(problems), clock.utcnow()


def _unknown_in(project: str, names: StateNames, *, client: TicketClient) -> list[str]:
    of_project = {project: names[project]}
    resolutions = _resolutions(of_project, client)
    return unknown_states(project, names[project], states=client.states(project), resolutions=resolutions)


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
