"""Jira's JSON and addresses as our values. Pure: no network, no jira package."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from tracker.clients.answers import Answer, storable
from tracker.clients.failures import Refused, StrangeAnswer
from tracker.clients.targets import PROJECT
from tracker.clients.tickets import LONG_AGO, NewTicket, RemotePerson, TicketSnapshot, TicketState

#: What we ask Jira for; its Cloud sends only the id otherwise.
FIELDS = ("summary", "status", "resolution", "assignee", "duedate", "labels", "updated", "project")

_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,20}-\d{1,12}")
_MARKER_LABEL = re.compile(r"followthrough-[0-9a-z]{8,64}")
_UNWANTED = re.compile(r"won.?t|declin|reject|invalid|cancel|obsolete|not a bug|cannot reproduce|incomplete|abandon")


def snapshot(value: object, *, base_url: str) -> TicketSnapshot:
    """An issue from a search or a read."""
    issue = Answer(value, where="the issue")
    fields = issue.inner("fields")
    key = _found_key(issue)
    assignee = fields.optional_inner("assignee")
    resolution = fields.optional_inner("resolution")
    status = fields.inner("status")
    words = " ".join(part.text("name") for part in (status, resolution) if part)
    return TicketSnapshot(
        remote_id=found_id(issue),
        key=key,
        url=f"{base_url}/browse/{key}",
        title=fields.text("summary"),
        state=_state(status, words=words),
        state_text=": ".join(part.text("name") for part in (status, resolution) if part)[:200],
        assignee=(assignee.optional_text("accountId") or assignee.optional_text("name")) if assignee else None,
        due_on=fields.optional_day("duedate"),
        labels=tuple(label for label in labels_of(issue) if not _MARKER_LABEL.fullmatch(label)),
        updated_at=fields.moment("updated"),
        target=fields.inner("project").text("key"),
    )


def labels_of(issue: Answer) -> list[str]:
    """All labels, also those by which we find our tickets again."""
    return [storable(str(label))[:255] for label in issue.inner("fields").items("labels")[:200]]


def marker_labels(value: object) -> list[str]:
    return [label for label in labels_of(Answer(value, where="the issue")) if _MARKER_LABEL.fullmatch(label)]


def as_asked(new: NewTicket, *, remote_id: str, key: str, base_url: str, title: str) -> TicketSnapshot:
    """A ticket we made but could not read yet: as we asked for it, and older than whatever is read later."""
    return TicketSnapshot(
        remote_id=remote_id,
        key=key,
        url=f"{base_url}/browse/{key}",
        title=title,
        state=TicketState.OPEN,
        state_text="",
        assignee=new.assignee,
        due_on=new.due_on,
        labels=new.labels,
        updated_at=LONG_AGO,
        target=new.target,
        notes=("The ticket was made, but could not be read yet.",),
    )


def found_id(issue: Answer) -> str:
    """The numeric id, which survives a move to another project."""
    remote_id = issue.text("id")
    if not (remote_id.isascii() and remote_id.isdigit() and len(remote_id) <= 20):
        raise StrangeAnswer("We do not understand the tracker's answer: the issue's id is not a number.")
    return remote_id


def _found_key(issue: Answer) -> str:
    key = issue.text("key")
    if not _KEY.fullmatch(key):
        raise StrangeAnswer("We do not understand the tracker's answer: the issue's key is not a key.")
    return key


def number_of(value: object) -> int:
    """7 of OPS-7."""
    return int(_found_key(Answer(value, where="the issue")).rpartition("-")[2])


def made_ticket(value: object) -> tuple[str, str]:
    """Id and key from the short answer to a create."""
    issue = Answer(value, where="the new issue")
    return found_id(issue), _found_key(issue)


def original_id(issue: Answer) -> str | None:
    """Of what an issue is a duplicate, by its links. A link that does not name the other issue tells nothing."""
    for value in issue.inner("fields").items("issuelinks")[:200]:
        link = Answer(value, where="a link")
        kind = link.inner("type")
        words = kind.optional_text("outward") or kind.optional_text("name") or ""
        if "duplicate" in words.lower() and link.has("outwardIssue"):
            return found_id(link.inner("outwardIssue"))
    return None


def person(value: object) -> RemotePerson:
    one = Answer(value, where="a person")
    name = one.optional_text("accountId") or one.text("name")
    shown = one.optional_text("displayName") or name
    return RemotePerson(name=name[:200], shown=shown[:200], email=(one.optional_text("emailAddress") or "")[:254])


def _state(status: Answer, *, words: str) -> TicketState:
    """By the category, never by the name of the status; the resolution tells why it was closed."""
    if status.inner("statusCategory").text("key") != "done":
        return TicketState.OPEN
    return closed_as(words)


def closed_as(words: str) -> TicketState:
    """What the names of a closing status and resolution mean."""
    lower = words.lower()
    if "duplicate" in lower:
        return TicketState.DUPLICATE
    return TicketState.NOT_PLANNED if _UNWANTED.search(lower) else TicketState.DONE


def target(text: str) -> str:
    if not PROJECT.fullmatch(text):
        raise Refused(f'"{text[:100]}" is not a project key. It is the part before the number, like OPS in OPS-7.')
    return text


def key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise Refused(f'"{text[:100]}" is not an issue. Write its key, like OPS-7, or paste its address.')
    return text


def key_in(text: str, *, base_url: str) -> str:
    """The issue key in what a person pasted: a key, or an address on the tracker's own site."""
    if "://" not in text:
        return key(text.upper())
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    host = urlsplit(base_url).netloc
    if parts.netloc.lower() != host.lower():
        raise Refused(f"That address is not on {host}.")
    chosen = parse_qs(parts.query).get("selectedIssue", [])
    return key((chosen[0] if chosen else parts.path.rstrip("/").rpartition("/")[2]).upper())


def jql_since(since: datetime, *, time_zone: str | None) -> str:
    """A JQL time. Jira reads it in the zone of the account and counts in minutes, so we start one earlier."""
    start = since.astimezone(UTC) - timedelta(minutes=1)
    try:
        local = start.astimezone(ZoneInfo(time_zone)) if time_zone else start - timedelta(hours=14)
    except (ValueError, KeyError, OSError):  # a zone we do not know: earlier than in any zone on earth
        local = start - timedelta(hours=14)
    return local.strftime("%Y-%m-%d %H:%M")


def jira_label(label: str) -> str:
    """Jira's labels hold no spaces."""
    return "-".join(label.split())[:255]
