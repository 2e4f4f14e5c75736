"""What grows old while nothing is wrong: when an escalation contact or a runbook is due to be looked at again."""

from datetime import date

from sqlalchemy import ColumnElement, and_, or_

from tracker.deadlines import CONTACT_GOOD_FOR, RUNBOOK_GOOD_FOR
from tracker.models import Runbook, Service


def is_stale_contact(*, day: date) -> ColumnElement[bool]:
    """Services whose contact nobody tried for too long, or ever."""
    tried = Service.escalation_verified_on
    is_old = or_(tried.is_(None), tried < day - CONTACT_GOOD_FOR)
    return and_(Service.is_archived.is_(False), Service.escalation_contact != "", is_old)


def is_stale_runbook(*, day: date) -> ColumnElement[bool]:
    """Runbooks that nobody read for too long, or ever."""
    is_old = or_(Runbook.reviewed_on.is_(None), Runbook.reviewed_on < day - RUNBOOK_GOOD_FOR)
    return and_(Runbook.is_archived.is_(False), is_old)
