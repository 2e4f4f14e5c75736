"""What is done while nothing is broken: runbooks and where they were followed, drills and what they showed."""

import tomllib
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tracker.db import session
from tracker.demo.cast import Cast
from tracker.demo.dates import offset
from tracker.demo.happening import ROLES
from tracker.demo.lines import unwrapped
from tracker.demo.texts import CONTENT
from tracker.models import (
    ActionItem,
    Drill,
    DrillGap,
    DrillInject,
    DrillPerson,
    Incident,
    Runbook,
    RunbookRun,
    RunbookStepDone,
    Severity,
)


def write_readiness(*, cast: Cast) -> None:
    """After the incidents and their items, which it speaks of."""
    table = tomllib.loads((CONTENT / "readiness.toml").read_text("utf-8"))
    for text in table["runbooks"]:
        _write_runbook(text, cast=cast)
    for text in table["drills"]:
        _write_drill(text, cast=cast)


def _write_runbook(text: dict[str, Any], *, cast: Cast) -> None:
    owner = cast.people[text["owner"]]
    runbook = Runbook(title=text["title"], text=text["text"].strip(), owner_id=owner.id, reviewed_by_id=owner.id)
    runbook.saved_at, runbook.saved_by_id = cast.calendar.moment(text["written"]), owner.id
    runbook.reviewed_on = cast.calendar.day(text["reviewed"])
    runbook.services = [cast.services[slug] for slug in text["services"]]
    session.add(runbook)
    session.flush()
    for run in text["runs"]:
        _write_run(run, runbook=runbook, cast=cast)


def _write_run(text: dict[str, Any], *, runbook: Runbook, cast: Cast) -> None:
    incident, by = cast.incidents[text["incident"]], cast.people[text["by"]]
    numbered = [line.partition(". ")[2] for line in runbook.text.splitlines() if line[:1].isdigit()]
    run = RunbookRun(incident_id=incident.id, runbook_id=runbook.id, steps=numbered, started_by_id=by.id)
    midnight = _midnight(incident, cast=cast)
    run.started_at = midnight + offset(text["begun"])
    for position, (at, note) in enumerate(text["done"]):
        done_at = midnight + offset(at)
        run.done.append(RunbookStepDone(position=position, note=note, done_by_id=by.id, done_at=done_at))
    session.add(run)


def _midnight(incident: Incident, *, cast: Cast) -> Any:
    return cast.calendar.midnight(cast.calendar.day_of(incident.declared_at))


def _write_drill(text: dict[str, Any], *, cast: Cast) -> None:
    incident = cast.incidents[text["incident"]] if "incident" in text else None
    drill = Drill(
        title=text["title"],
        severity=Severity(text["severity"]),
        scenario=text["scenario"],
        aim=text["aim"],
        lead_id=cast.people[text["lead"]].id,
        replays_id=cast.incidents[text["replays"]].id,
        showed=unwrapped(text.get("showed", "")),
        created_at=(incident.declared_at if incident else cast.calendar.now) - timedelta(days=2),
    )
    drill.services = [cast.services[slug] for slug in text["services"]]
    people = [(key, ROLES[role]) for role, key in text["people"].items()]
    drill.people = [DrillPerson(person_id=cast.people[key].id, role=role) for key, role in people]
    drill.people += [DrillPerson(person_id=cast.people[key].id) for key in text["others"]]
    drill.injects = [_inject(row, incident=incident, cast=cast) for row in text["injects"]]
    if incident is None:
        drill.planned_on = cast.calendar.day(text["planned"])
    else:
        _write_outcome(drill, text, incident=incident, cast=cast)
    session.add(drill)
    session.flush()


def _inject(text: dict[str, Any], *, incident: Incident | None, cast: Cast) -> DrillInject:
    told = {name: text[name] for name in ("minute", "text", "expected", "held_back", "note") if name in text}
    inject = DrillInject(**told)
    if incident is not None and "done" in text:
        inject.done_at = _midnight(incident, cast=cast) + offset(text["done"])
        inject.done_by_id = cast.people[text["by"]].id
    return inject


def _write_outcome(drill: Drill, text: dict[str, Any], *, incident: Incident, cast: Cast) -> None:
    drill.incident_id = incident.id
    drill.started_at, drill.ended_at = incident.started_at, incident.resolved_at
    if drill.ended_at is None:
        raise ValueError(f"{drill.title} has an incident that is not over.")
    drill.planned_on = cast.calendar.day_of(incident.declared_at)
    item = session.scalars(select(ActionItem).where(ActionItem.title == text["item"])).one()
    gap = DrillGap(text=text["gap"], noted_at=drill.ended_at, noted_by_id=drill.lead_id, action_id=item.id)
    drill.gaps.append(gap)
