"""The texts of the sample data, read from ``content/`` into values. A name that is not known there is refused."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

CONTENT = files("tracker.demo") / "content"
MOMENTS = ("started", "detected", "declared", "triaged", "stabilised", "resolved")


@dataclass(frozen=True)
class PersonText:
    key: str
    name: str
    email: str
    role: str
    team: str = ""
    joined: str = "-60w Mon 09:00"


@dataclass(frozen=True)
class TeamText:
    slug: str
    name: str
    email: str
    lead: str


@dataclass(frozen=True)
class ServiceText:
    slug: str
    name: str
    team: str
    owner: str
    contact: str
    description: str
    verified: str = ""
    """When the escalation contact was last tried; empty: never."""


@dataclass(frozen=True)
class CompanyText:
    people: list[PersonText]
    teams: list[TeamText]
    services: list[ServiceText]
    subscribers: list[str]


@dataclass(frozen=True)
class ItemText:
    """An action item. Its steps are told in days after it was promised."""

    title: str
    owner: str
    kind: str
    lever: str
    priority: str = "P2"
    key: str = ""
    """A name by which recurrences speak of it."""
    detail: str = ""
    done_when: str = ""
    due: str = ""
    """A day of its own; by default the one of its priority."""
    started: int | None = None
    done: int | None = None
    evidence: str = ""
    verified: int | None = None
    verified_just_now: str = ""
    """A moment instead of a number of days."""
    declined: int | None = None
    reason: str = ""
    accepted_by: str = ""
    look_again: str = ""


@dataclass(frozen=True)
class PostmortemText:
    lead: str
    state: str = "published"
    published: str = ""
    skipped: str = ""
    skipped_by: str = ""
    reason: str = ""
    cause: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    first_words: dict[str, str] = field(default_factory=dict)
    """What an answer said before it was written better."""
    whys: str = ""
    factors: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class SuspectText:
    suspect: str
    claim: str
    raised: str
    disproof: str = ""
    evidence: list[str] = field(default_factory=list)
    confirmed: str = ""
    ruled_out: str = ""
    """How it ended; neither: it is open."""


@dataclass(frozen=True)
class IncidentText:
    key: str
    title: str
    severity: str
    when: str
    services: list[str]
    declared_by: str
    declared: str
    summary: str
    timeline: str
    started: str = ""
    detected: str = ""
    triaged: str = ""
    stabilised: str = ""
    resolved: str = ""
    alert: str = ""
    is_drill: bool = False
    named: list[str] = field(default_factory=list)
    """Who may see it; without names it is for everybody."""
    roles: dict[str, str] = field(default_factory=dict)
    first_minutes: dict[str, str] = field(default_factory=dict)
    """What was found out at once, by check."""
    suspected: list[SuspectText] = field(default_factory=list)
    promised: str = ""
    """When its action items were written down; by default on the next working day."""
    postmortem: PostmortemText | None = None
    items: list[ItemText] = field(default_factory=list)


@dataclass(frozen=True)
class PairText:
    later: str
    earlier: str
    state: str
    stage: str
    score: float
    reasons: list[str]
    shared: list[list[Any]]
    found: str
    decided: str = ""
    by: str = ""
    why: str = ""
    verdicts: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    """Items of the earlier incident that the later one asks for too."""
    done_again: dict[str, str] = field(default_factory=dict)
    """Fixes that did not hold and were done better since, with how we know."""


def read_company() -> CompanyText:
    table = tomllib.loads((CONTENT / "company.toml").read_text("utf-8"))
    return CompanyText(
        people=[PersonText(**row) for row in table["people"]],
        teams=[TeamText(**row) for row in table["teams"]],
        services=[ServiceText(**row) for row in table["services"]],
        subscribers=table["subscribers"],
    )


def read_incidents() -> Iterator[IncidentText]:
    """The incidents, each from a file of its own that gives it its key."""
    found = [path for path in (CONTENT / "incidents").iterdir() if path.name.endswith(".toml")]
    for path in sorted(found, key=lambda path: path.name):
        table = tomllib.loads(path.read_text("utf-8"))
        postmortem = table.pop("postmortem", None)
        items = [ItemText(**row) for row in table.pop("items", [])]
        suspected = [SuspectText(**row) for row in table.pop("suspected", [])]
        yield IncidentText(
            key=path.name.removesuffix(".toml"),
            postmortem=PostmortemText(**postmortem) if postmortem else None,
            items=items,
            suspected=suspected,
            **table,
        )


def read_pairs() -> list[PairText]:
    table = tomllib.loads((CONTENT / "recurrences.toml").read_text("utf-8"))
    return [PairText(**row) for row in table["pairs"]]
