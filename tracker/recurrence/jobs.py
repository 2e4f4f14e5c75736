"""In the background: compare what is due with all earlier incidents, and tell by mail what came back."""

from datetime import datetime

from tracker import clock
from tracker.db import session, transaction
from tracker.messages import Writer
from tracker.models import Stage
from tracker.queue import Job, wake
from tracker.recurrence import alerts, operations
from tracker.recurrence.families import likenesses_of_all
from tracker.recurrence.known import described_incidents, known_incidents
from tracker.recurrence.operations import Claim, Finding
from tracker.recurrence.similarity import Basis, Match, prepare
from tracker.wiring import settings

BASES = {Stage.DECLARED: Basis.DECLARED, Stage.POSTMORTEM: Basis.POSTMORTEM}
MATCHES = 10


def compare_due(_now: datetime) -> int:
    """Do every comparison that is due; how many. The clock is read for each: a round may outlast a lease."""
    done = 0
    while claim := _claim(clock.utcnow()):
        _compare(claim, now=clock.utcnow())
        done += 1
    if done:
        wake("recurrence.alert")
    return done


def _claim(now: datetime) -> Claim | None:
    with transaction():
        return operations.claim_comparison(now=now)


def _compare(claim: Claim, *, now: datetime) -> None:
    finding = find(claim)
    with transaction():
        operations.record_comparison(claim, finding, now=now)


def find(claim: Claim) -> Finding | None:
    """Compare one incident with all earlier ones; ``None`` when it is gone or a drill. Only reads."""
    session.rollback()
    library = known_incidents().current_library()
    described = next(iter(described_incidents([claim.incident_id])), None)
    if described is None or not library.has(claim.incident_id):
        return None
    asking = prepare(described)
    families = likenesses_of_all()
    matches = library.match(asking, basis=BASES[claim.stage], limit=MATCHES, families=families)
    alarms = [match for match in matches if match.band.is_alarm]
    session.rollback()
    return Finding(described, one_a_family(alarms, families), library.count_before(asking))


def one_a_family(matches: list[Match], families: dict[int, int]) -> list[Match]:
    """The strongest of each family: the others would ask the same question again."""
    best: dict[tuple[str, int], Match] = {}
    for match in matches:
        family = families.get(match.incident_id)
        best.setdefault(("incident", match.incident_id) if family is None else ("family", family), match)
    return list(best.values())


def alert_due(now: datetime) -> int:
    """Write the mails of every pair whose unfinished business is news; how many."""
    today = now.astimezone(settings().timezone).date()
    written = 0
    for recurrence_id in alerts.pairs_with_news(now=now, today=today):
        with transaction():
            written += alerts.alert(recurrence_id, writer=Writer(settings()), now=now, today=today)
    if written:
        wake("mailing.deliver")
    return written


JOBS: tuple[Job, ...] = (
    Job("recurrence.compare", compare_due, minutes=1),
    Job("recurrence.alert", alert_due, minutes=5),
)
"""The background jobs of this feature."""
