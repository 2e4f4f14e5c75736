"""What a process of its own does: read everything once, in one of the ways that are compared, and tell what it took."""

import json
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select

from bench.sync.rows import open_in
from tracker import clock
from tracker.clients.tickets import TicketClient
from tracker.db import session, transaction
from tracker.models import Tracker
from tracker.sync.access import client_of
from tracker.sync.pacing.rounds import Round
from tracker.sync.reading import operations as pull_operations
from tracker.sync.reading.pulling import pull_from


class Way(StrEnum):
    NOTHING = "nothing at all"
    ROUND = "a round"
    FULL = "a nightly round"
    SINGLY = "one call a ticket"


@dataclass(frozen=True)
class Took:
    """``megabytes`` is the most that the process held, the whole program included."""

    seconds: float
    processor: float
    megabytes: float
    read: int
    changed: int


def run(folder: Path, way: Way) -> str:
    """What it took, as JSON: it is told to the process that started this one."""
    open_in(folder)
    tracker_id = session.scalars(select(Tracker.id)).one()
    began, processor = time.perf_counter(), time.process_time()
    round_ = Round("Tracker")
    if way in (Way.ROUND, Way.FULL):
        if not pull_from(tracker_id, round_, is_full=way is Way.FULL) or round_.problems:
            raise RuntimeError(f"The round did not end well: {round_.problems[:3]}")
    else:
        with client_of(session.get_one(Tracker, tracker_id)) as client:
            if way is Way.SINGLY:
                _read_singly(tracker_id, client, round_)
    took = Took(
        seconds=time.perf_counter() - began,
        processor=time.process_time() - processor,
        megabytes=_peak_megabytes(),
        read=round_.read,
        changed=round_.changed,
    )
    return json.dumps(asdict(took))


def _read_singly(tracker_id: int, client: TicketClient, round_: Round) -> None:
    """What others do: ask for every ticket by itself. Writing down is done by the hundred all the same."""
    last = 0
    while handles := pull_operations.handles_after(tracker_id, last):
        session.rollback()
        seen = [client.fetch(handle.key) for _row_id, handle in handles]
        with transaction():
            taken = pull_operations.take_snapshots(tracker_id, seen, now=clock.utcnow())
        round_.read += len(seen)
        round_.changed += taken.changed
        last = handles[-1][0]


def _peak_megabytes() -> float:
    """Of this process alone; what ``getrusage`` says would include the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
