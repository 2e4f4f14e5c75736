"""Who is at work and on what, and what the database holds of it afterwards."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from flask import Flask
from sqlalchemy import Engine, select

from bench.load.people import QUESTION, Kind, Mark, Noted, Work
from bench.pages import seeded
from bench.pages.__main__ import visible_numbers
from bench.pages.filled import filled, settings_for
from bench.pages.server import cookie_of
from tracker import clock
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import ActionItem, ActionState, Answer, Incident, Person, Postmortem, PostmortemState, Role

PEOPLE, ITEMS, DRAFTS = 50, 200, 80
"""So few that the 50 meet on some of them."""


@dataclass(frozen=True)
class Scene:
    """A filled database, what is to be done on it, and the sessions of the people."""

    settings: Settings
    work: Work
    cookies: list[str]


def prepare(url: str, folder: str, incidents: int) -> Scene:
    now = clock.utcnow()
    settings = settings_for(Path(folder), url)
    app = filled(settings, incidents=incidents, now=now)
    with app.app_context():
        scene = Scene(settings, work_on(now), cookies_of(app, PEOPLE))
        session.remove()
        database.engine.dispose()
    return scene


def cookies_of(app: Flask, count: int) -> list[str]:
    """Of responders who have just signed in."""
    people = session.scalars(
        select(Person).where(Person.role == Role.RESPONDER, Person.is_active).order_by(Person.id).limit(count)
    ).all()
    return [cookie_of(app, person) for person in people]


def work_on(now: datetime) -> Work:
    items = session.scalars(
        select(ActionItem)
        .where(ActionItem.counts_for_all, ActionItem.state.in_([ActionState.OPEN, ActionState.IN_PROGRESS]))
        .order_by(ActionItem.number)
    ).all()
    drafts = session.scalars(
        select(Incident.number)
        .join(Postmortem, Postmortem.incident_id == Incident.id)
        .where(Postmortem.state == PostmortemState.DRAFT, Incident.is_private.is_(False))
        .order_by(Incident.number)
    ).all()
    week = now.isocalendar()
    return Work(
        week=f"{week.year}-W{week.week:02}",
        services=seeded.SERVICES,
        incidents=visible_numbers(),
        items={item.number: form_of(item) for item in Random(seeded.SEED).sample(items, k=min(ITEMS, len(items)))},
        drafts=Random(seeded.SEED).sample(drafts, k=min(DRAFTS, len(drafts))),
    )


def form_of(item: ActionItem) -> dict[str, str]:
    """What the form of an item sends beside the detail, as it stands."""
    values = {
        "title": item.title,
        "done_when": item.done_when,
        "owner_id": item.owner_id or "",
        "team_id": item.team_id or "",
        "kind": item.kind.value if item.kind else "",
        "lever": item.lever.value if item.lever else "",
        "priority": item.priority.value,
        "due_on": item.due_on.isoformat() if item.due_on else "",
    }
    return {name: str(value) for name, value in values.items()}


def texts_of(engine: Engine) -> dict[tuple[Kind, int], str]:
    """What is written in every item and every postmortem, read past the product."""
    with engine.connect() as connection:
        items = connection.execute(select(ActionItem.number, ActionItem.detail)).all()
        answers = connection.execute(
            select(Incident.number, Answer.text)
            .join(Postmortem, Postmortem.incident_id == Incident.id)
            .join(Answer, Answer.postmortem_id == Postmortem.id)
            .where(Answer.question == QUESTION)
        ).all()
    found = {(Kind.ITEM, number): detail for number, detail in items}
    return found | {(Kind.POSTMORTEM, number): text for number, text in answers}


def lost_writes(engine: Engine, notes: Sequence[Noted]) -> Iterator[str]:
    """Every write that the database does not hold as its author was told."""
    texts: defaultdict[tuple[Kind, int], str] = defaultdict(str, texts_of(engine))

    def times_there(mark: Mark) -> int:
        return texts[mark.kind, mark.number].count(mark.text)

    for noted in notes:
        for mark in noted.acknowledged:
            if times_there(mark) != 1:
                yield f"{mark} was acknowledged and is there {times_there(mark)} times."
        for mark in noted.refused:
            if times_there(mark):
                yield f"{mark} was refused and is there."
        for mark in noted.unanswered:
            if times_there(mark) > 1:
                yield f"{mark} was written more than once."
