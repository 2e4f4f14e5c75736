"""Whether GitHub's repositories still take our tickets, with the labels, types and people that are named here."""

from dataclasses import dataclass, field

from sqlalchemy import select

from tracker import clock
from tracker.clients.failures import ClientError
from tracker.clients.tickets import TicketClient
from tracker.db import session, transaction
from tracker.models import FieldMapping, Person, RemoteAccount, Tracker
from tracker.sync.mappings.check_targets import targets_to_check
from tracker.sync.mappings.field_values import named
from tracker.sync.pacing.rounds import Round


@dataclass(frozen=True)
class _Named:
    """What is named here of a tracker: its repositories with their labels and issue types, and people by login."""

    labels: dict[str, tuple[str, ...]]
    kinds: dict[str, str]
    mappings: dict[str, int]
    people: dict[str, str]


@dataclass
class _Seen:
    """What the repositories have against it. A login that one of them knows is no problem."""

    problems: dict[str, list[str]] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)
    nowhere: set[str] = field(default_factory=set)


def check_repositories(tracker: Tracker, *, client: TicketClient, round_: Round) -> None:
    """Note what does not fit any more. When a repository did not answer this time, what was known stays."""
    tracker_id, wanted = tracker.id, _named_in(tracker)
    session.rollback()
    seen = _Seen(nowhere=set(wanted.people))
    for target in wanted.labels:
        try:
            seen.problems[target] = _look(target, wanted, seen, client=client)
        except ClientError as error:
            if not error.permanent:
                round_.problems.append(f"{target}: {error.message}")
                return
            seen.problems[target] = [f"{target}: {error.message}"]
    with transaction():
        _keep(session.get_one(Tracker, tracker_id, with_for_update=True), wanted, seen)


def _named_in(tracker: Tracker) -> _Named:
    mappings = session.scalars(select(FieldMapping).where(FieldMapping.tracker_id == tracker.id)).all()
    labels: dict[str, tuple[str, ...]] = {one.target: () for one in targets_to_check(tracker)}
    labels |= {one.target: tuple(dict.fromkeys([*one.labels, *one.priorities.values()])) for one in mappings}
    accounts = select(RemoteAccount.name, Person.name.label("person")).join(
        Person, Person.id == RemoteAccount.person_id
    )
    people = session.execute(accounts.where(RemoteAccount.tracker_id == tracker.id, Person.is_active))
    return _Named(
        labels,
        kinds={one.target: one.kind for one in mappings},
        mappings={one.target: one.id for one in mappings},
        people={row.name: row.person for row in people},
    )


def _look(target: str, wanted: _Named, seen: _Seen, *, client: TicketClient) -> list[str]:
    found = list(client.check(targets=[target], kind=wanted.kinds.get(target, "")).problems)
    if found:
        return found
    lacking = client.lacking(target, labels=wanted.labels[target], people=sorted(seen.nowhere))
    seen.answered.append(target)
    seen.nowhere &= set(lacking.people)
    names = ", ".join(f"“{label}”" for label in lacking.labels)
    return [f"{target} has no label {names}. Make it there, or take it out of the mapping."] if names else []


def _keep(tracker: Tracker, wanted: _Named, seen: _Seen) -> None:
    now = clock.utcnow()
    for target, mapping_id in wanted.mappings.items():
        mapping = session.get(FieldMapping, mapping_id)
        if mapping is not None:
            mapping.problems, mapping.checked_at = "\n".join(seen.problems[target]), now
    rest = [line for target, lines in seen.problems.items() if target not in wanted.mappings for line in lines]
    tracker.setup_problems, tracker.setup_checked_at = "\n".join([*rest, *_unassignable(wanted, seen)]), now


def _unassignable(wanted: _Named, seen: _Seen) -> list[str]:
    """Nothing is said of people where no repository answered."""
    places = named(seen.answered)
    return [
        f"“{login}” ({wanted.people[login]}) cannot be assigned in {places}. Say in People who that is there now."
        for login in sorted(seen.nowhere)
        if seen.answered
    ]
