"""What the parts of the sample data know of each other while they are written down."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker import audit
from tracker.demo.dates import Calendar
from tracker.models import ActionItem, Incident, Person, Service, Team


@dataclass(frozen=True)
class Deed:
    """A change that belongs into the audit log."""

    at: datetime
    action: str
    subject: str
    by: Person | None
    detail: dict[str, Any]


@dataclass
class Cast:
    """Everybody and everything by the names the content has for them."""

    calendar: Calendar
    people: dict[str, Person] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    items: dict[str, ActionItem] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)

    def note(self, action: str, subject: str, *, by: Person | None, at: datetime, **detail: Any) -> None:
        """Remember for the audit log, which is written in the order of time."""
        self.deeds.append(Deed(at, action, subject, by, detail))

    def write_audit_log(self) -> None:
        for deed in sorted(self.deeds, key=lambda deed: deed.at):
            audit.note(deed.action, deed.subject, by=deed.by, now=deed.at, **deed.detail)
