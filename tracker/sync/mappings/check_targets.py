"""Where a tracker's tickets go by themselves, and what they are filled with there: what has to be checked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from tracker.clients.check_report import CheckReport
from tracker.clients.tickets import TicketClient
from tracker.db import session
from tracker.models import FieldMapping, Service, Tracker

MOST_TARGETS = 20


@dataclass(frozen=True)
class CheckTarget:
    """A repository or project with what the mapping of its fields fills, if it has one."""

    target: str
    kind: str = ""
    filled: tuple[str, ...] = ()
    is_mapped: bool = False


def targets_to_check(tracker: Tracker) -> list[CheckTarget]:
    """The tracker's own target and those of the services whose tickets go there."""
    of_services = select(Service.ticket_target).where(Service.tracker_id == tracker.id, Service.ticket_target != "")
    rows = session.scalars(of_services.distinct().order_by(Service.ticket_target).limit(MOST_TARGETS))
    names = dict.fromkeys(filter(None, (tracker.default_target, *rows)))
    mappings = session.scalars(select(FieldMapping).where(FieldMapping.tracker_id == tracker.id))
    mapped = {one.target: one for one in mappings}
    return [_as_mapped(name, mapped.get(name)) for name in names]


def check_all(client: TicketClient, targets: Sequence[CheckTarget]) -> CheckReport:
    """Who we are there, and what is missing in any of these."""
    found = [client.check(targets=[one.target], filled=one.filled, kind=one.kind) for one in targets]
    reports = found or [client.check()]
    problems = tuple(problem for report in reports for problem in report.problems)
    return CheckReport(account=reports[0].account, problems=tuple(dict.fromkeys(problems)))


def _as_mapped(target: str, mapping: FieldMapping | None) -> CheckTarget:
    if mapping is None:
        return CheckTarget(target)
    filled = [row["name"] for row in mapping.fields] + ["priority"] * bool(mapping.priorities)
    return CheckTarget(target, mapping.kind, tuple(filled), is_mapped=True)
