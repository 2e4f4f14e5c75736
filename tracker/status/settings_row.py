"""The settings of the status page, which an administrator changes in the browser; off until somebody switches it on."""

from dataclasses import asdict, dataclass
from datetime import datetime

from tracker.db import session
from tracker.models import Setting

NAME = "status page"


@dataclass(frozen=True)
class StatusSettings:
    is_on: bool = False
    title: str = "Status"
    intro: str = ""


def read_settings() -> StatusSettings:
    row = session.get(Setting, NAME)
    return StatusSettings(**row.value) if row else StatusSettings()


def write_settings(chosen: StatusSettings, *, now: datetime) -> None:
    row = session.get(Setting, NAME)
    if row is None:
        session.add(Setting(name=NAME, value=asdict(chosen), changed_at=now))
    else:
        row.value, row.changed_at = asdict(chosen), now
