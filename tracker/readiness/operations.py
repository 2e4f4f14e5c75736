"""Writing runbooks, saying that they are right, and following one in an incident."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from tracker.db import session
from tracker.errors import RuleError, StaleWriteError
from tracker.models import EntryKind, Incident, Person, Runbook, RunbookRun, RunbookStepDone, Service, TimelineEntry
from tracker.readiness.steps import steps_of


@dataclass(frozen=True)
class RunbookDraft:
    title: str
    text: str
    services: tuple[str, ...] = ()
    """Slugs."""
    owner_id: int | None = None


def write_runbook(draft: RunbookDraft, *, by: Person, now: datetime, today: date) -> Runbook:
    """A new one; who writes it says that it is right today, and keeps it so unless somebody else is to."""
    runbook = Runbook(
        title=draft.title,
        text=draft.text,
        owner_id=draft.owner_id or by.id,
        saved_at=now,
        saved_by_id=by.id,
        reviewed_on=today,
        reviewed_by_id=by.id,
    )
    runbook.services = _services(draft.services)
    session.add(runbook)
    session.flush()
    return runbook


def edit_runbook(runbook: Runbook, draft: RunbookDraft, *, version: int, by: Person, now: datetime) -> None:
    """Say it better.

    Raises:
        StaleWriteError: somebody saved another text in between; both are kept.
    """
    if runbook.version != version and runbook.text != draft.text:
        saved_by = runbook.saved_by.name if runbook.saved_by else "somebody else"
        raise StaleWriteError(yours=draft.text, theirs=runbook.text, their_version=runbook.version, saved_by=saved_by)
    runbook.title, runbook.text = draft.title, draft.text
    runbook.services, runbook.owner_id = _services(draft.services), draft.owner_id
    runbook.saved_at, runbook.saved_by_id = now, by.id
    flag_modified(runbook, "title")  # services are rows of their own: count the version up for them too


def review(runbook: Runbook, *, by: Person, today: date) -> None:
    """Somebody read it and says that it is right."""
    runbook.reviewed_on, runbook.reviewed_by_id = today, by.id


def archive(runbook: Runbook) -> None:
    """It is offered no more; where it was followed it can still be read."""
    runbook.is_archived = True


def restore(runbook: Runbook) -> None:
    runbook.is_archived = False


def start_run(incident: Incident, runbook: Runbook, *, by: Person, now: datetime) -> RunbookRun:
    """Follow it in an incident, with the steps that it has now. A second click changes nothing."""
    present = select(RunbookRun).where(RunbookRun.incident_id == incident.id, RunbookRun.runbook_id == runbook.id)
    run = session.scalar(present.order_by(RunbookRun.id.desc()).limit(1))
    if run is not None:
        return run
    steps = steps_of(runbook.text)
    if not steps:
        raise RuleError(f"“{runbook.title}” has no steps to follow. Number its lines: “1. Look at the graph”.")
    run = RunbookRun(incident_id=incident.id, runbook_id=runbook.id, steps=steps, started_by_id=by.id, started_at=now)
    session.add(run)
    _note(incident, f"Runbook begun: {runbook.title}.", by=by, now=now)
    return run


def do_step(incident: Incident, run: RunbookRun, position: int, *, note: str, by: Person, now: datetime) -> None:
    """Tick a step, with who and when; in any order, and once."""
    if not 0 <= position < len(run.steps):
        raise RuleError("This runbook has no such step. Reload the page, then choose one of the list.")
    if any(one.position == position for one in run.done):
        return
    run.done.append(RunbookStepDone(position=position, note=note, done_by_id=by.id, done_at=now))
    said = f" {note}" if note else ""
    _note(incident, f"{run.runbook.title}, step {position + 1}: {run.steps[position]}{said}", by=by, now=now)


def _note(incident: Incident, text: str, *, by: Person, now: datetime) -> None:
    entry = {"incident_id": incident.id, "text": text, "author_id": by.id}
    session.add(TimelineEntry(at=now, created_at=now, kind=EntryKind.ACTION, is_automatic=True, **entry))


def _services(slugs: tuple[str, ...]) -> list[Service]:
    found = list(session.scalars(select(Service).where(Service.slug.in_(slugs)).order_by(Service.name)))
    missing = sorted(set(slugs) - {service.slug for service in found})
    if missing:
        raise RuleError(f"There is no service {', '.join(missing)}. Choose from the list.")
    return found
