"""When things are due, by the defaults of the product: working days for postmortems, days for action items."""

from datetime import date, datetime, timedelta

from tracker.models import Priority, Severity
from tracker.working_days import WorkCalendar

POSTMORTEM_WORKING_DAYS = {Severity.SEV1: 3, Severity.SEV2: 5, Severity.SEV3: 10, Severity.SEV4: 10}
ACTION_DAYS = {Priority.P1: 14, Priority.P2: 28, Priority.P3: 56}
UPDATE_CADENCE = {Severity.SEV1: timedelta(minutes=15), Severity.SEV2: timedelta(minutes=30)}
"""How often people hear from us while an incident is live."""
WATCH_WINDOW = timedelta(days=30)
"""How long a done item is watched before it may count as shown to work."""
REMINDER_DAYS = {"before": 3, "lead": 7, "owner": 14}
"""Reminders of an item: days before it is due, and days past it for the team's lead and the service's owner."""
MOST_BEFORE = 30
"""So early may a team ask to be reminded."""
SNOOZE = timedelta(days=14)
"""So long at most may an owner ask not to be reminded."""

CONTACT_GOOD_FOR = timedelta(days=90)
"""So long a person who tried an escalation contact is believed."""
RUNBOOK_GOOD_FOR = timedelta(days=180)
"""So long a person who read a runbook and found it right is believed."""


def is_postmortem_required(severity: Severity) -> bool:
    return severity in (Severity.SEV1, Severity.SEV2)


def postmortem_due_on(severity: Severity, resolved_at: datetime, *, calendar: WorkCalendar) -> date:
    """The last day to publish, counted in working days after the incident was resolved."""
    return calendar.later(calendar.day_of(resolved_at), working_days=POSTMORTEM_WORKING_DAYS[severity])


def action_due_on(priority: Priority, today: date) -> date:
    return today + timedelta(days=ACTION_DAYS[priority])
