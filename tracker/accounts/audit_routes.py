"""The audit log as administrators search it and take it out."""

from collections.abc import Iterator
from datetime import UTC, date

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tracker import audit as audit_log
from tracker import clock
from tracker.accounts import audit_queries, audit_words, queries
from tracker.accounts.audit_queries import AuditFilter
from tracker.accounts.blueprint import blueprint
from tracker.accounts.forms import ButtonForm
from tracker.db import transaction
from tracker.forms import LINE
from tracker.models import Role
from tracker.pages import page, page_number, viewer
from tracker.references import LARGEST
from tracker.security import allow
from tracker.spreadsheets import csv_file, csv_line

HEADER = ("at", "who", "e-mail", "what", "action", "to what", "details")


@blueprint.get("/settings/audit")
@allow(Role.ADMIN)
def audit() -> str:
    wanted = chosen(request.args)
    part = audit_queries.audit_entries(wanted, number=page_number())
    return page(
        "accounts/audit.html",
        part=part,
        names=queries.names_of(audit_words.people_in(part.rows)),
        actions=sorted(audit_queries.audited_actions(), key=audit_words.done),
        words=audit_words,
        people=audit_queries.audited_people(),
        chosen=as_query(wanted),
    )


@blueprint.post("/settings/audit.csv")
@allow(Role.ADMIN)
def export_audit() -> ResponseReturnValue:
    """A button and not a link: that somebody takes the log out stands in the log."""
    ButtonForm().check()
    wanted, now = chosen(request.form), clock.utcnow()
    with transaction():
        audit_log.note("export_audit", "as CSV", by=viewer(), now=now)
    headers = {"Content-Disposition": f'attachment; filename="audit-log-{now:%Y-%m-%d}.csv"'}
    return Response(csv_file(csv_lines(wanted)), mimetype="text/csv", headers=headers)


def csv_lines(wanted: AuditFilter) -> Iterator[str]:
    names = queries.every_name()
    yield csv_line(HEADER)
    for entry in audit_queries.every_audit_entry(wanted):
        who = (entry.person.name, entry.person.email) if entry.person else ("command line or clock", "")
        at = entry.at.astimezone(UTC).isoformat(timespec="seconds")
        told = audit_words.detail(entry, names=names)
        yield csv_line((at, *who, audit_words.done(entry.action), entry.action, entry.subject, told))


def chosen(sent: "MultiDict[str, str]") -> AuditFilter:
    """What the filter form asks for; what makes no sense asks for nothing."""
    return AuditFilter(
        action=sent.get("action", "")[:80],
        person_id=sent.get("person", type=row_number),
        text=sent.get("q", "").strip()[:LINE],
        since=sent.get("since", type=date.fromisoformat),
        until=sent.get("until", type=date.fromisoformat),
    )


def as_query(wanted: AuditFilter) -> dict[str, str | int | None]:
    """The same as the parts of an address."""
    return {
        "action": wanted.action or None,
        "person": wanted.person_id,
        "q": wanted.text or None,
        "since": wanted.since.isoformat() if wanted.since else None,
        "until": wanted.until.isoformat() if wanted.until else None,
    }


def row_number(text: str) -> int:
    """The number of a row as an address gives it.

    Raises:
        ValueError: no row can have it.
    """
    number = int(text)
    if not 0 < number <= LARGEST:
        raise ValueError(text)
    return number
