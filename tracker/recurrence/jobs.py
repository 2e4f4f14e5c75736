"""In the background: compare what is due with all earlier incidents, and tell by mail what came back."""

from datetime import datetime

from tracker import clock
from tracker.db import session, transaction
from tracker.messages import Writer
from tracker.models import Stage
from tracker.queue import Job, wake
from tracker.recurrence import alerts, calibration, index, operations
from tracker.recurrence.described import described_incidents, is_compared
from tracker.recurrence.families import likenesses_of_all
from tracker.recurrence.known import known_incidents
from tracker.recurrence.operations import Claim, Finding
from tracker.recurrence.similarity import Basis, Match, prepare
from tracker.wiring import settings

BASES = {Stage.DECLARED: Basis.DECLARED, Stage.POSTMORTEM: Basis.POSTMORTEM}
MATCHES = 10


def compare_due(now: datetime) -> int:
    """Do every comparison that is due; how many. The clock is read for each: a round may outlast a lease."""
    read_what_is_marked(now)
    done = 0
    while claim := _claim(clock.utcnow()):
        _compare(claim, now=clock.utcnow())
        done += 1
    if done:
        wake("recurrence.alert")
    return done


def compare_again(now: datetime) -> int:
    """Once a night, ask for what still goes on to be compared again: much may be known now that was not then."""
    with transaction():
        asked = operations.ask_again_for_open(now=now, zone=settings().timezone)
    if asked:
        wake("recurrence.compare")
    return asked


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
    described = next(iter(described_incidents([claim.incident_id])), None)
    if described is None or not is_compared(claim.incident_id):
        return None
    library, asking = known_incidents(), prepare(described)
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


def read_what_is_marked(now: datetime) -> int:
    """Bring the index up to date, a few incidents a transaction; how many marks that settled.

    Whatever people wrote that is compared, wherever they wrote it, has its incident compared again.
    """
    settled = asked = 0
    while True:
        with transaction():
            read = index.read_marked()
            asked += operations.ask_about_changes(read.changed, now=now)
        if not read.marks:
            break
        settled += read.marks
    if asked:
        wake("recurrence.compare")
    return settled


def look_for_differences(now: datetime) -> None:
    """Compare all that the index has read with the rows themselves, so that nothing stays missed for long."""
    after: int | None = 0
    while after is not None:
        with transaction():
            after = index.mark_differing(after)
    read_what_is_marked(now)


def calibrate(now: datetime) -> None:
    """Learn from the decisions how likely *same* is, once there are enough new ones."""
    with transaction():
        calibration.fit_if_due(now=now)


JOBS: tuple[Job, ...] = (
    Job("recurrence.compare", compare_due, minutes=1),
    Job("recurrence.again", compare_again, minutes=60),
    Job("recurrence.index", read_what_is_marked, minutes=1),
    Job("recurrence.check", look_for_differences, minutes=60),
    Job("recurrence.calibrate", calibrate, minutes=60),
    Job("recurrence.alert", alert_due, minutes=5),
)
"""The background jobs of this feature."""
