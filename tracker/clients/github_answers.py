"""GitHub's JSON and addresses as our values. Pure: no network, no PyGithub."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from tracker.clients.answers import Answer, storable
from tracker.clients.failures import Refused, StrangeAnswer
from tracker.clients.targets import REPOSITORY
from tracker.clients.tickets import NewTicket, TicketSnapshot, TicketState

_KEY = re.compile(r"([\w.-]+/[\w.-]+)#(\d{1,12})", re.ASCII)
_ISSUE_PAGE = re.compile(r"/([\w.-]+/[\w.-]+)/issues/(\d{1,12})/?", re.ASCII)
_NEXT = re.compile(r'<([^<>]{1,2000})>\s*;\s*rel="next"')
_CLOSED = {
    None: TicketState.DONE,  # closed before GitHub asked for reasons
    "completed": TicketState.DONE,
    "not_planned": TicketState.NOT_PLANNED,
    "duplicate": TicketState.DUPLICATE,
}


def snapshot(value: object) -> TicketSnapshot:
    """An issue from a list, a read or a write."""
    issue = Answer(value, where="the issue")
    place = _repository(issue)
    reason = issue.optional_text("state_reason")
    is_open = issue.text("state") == "open"
    assignees = [Answer(one, where="an assignee").text("login") for one in issue.items("assignees")[:20]]
    return TicketSnapshot(
        remote_id=issue.text("node_id")[:120],
        key=f"{place}#{issue.number('number')}",
        url=_web_address(issue),
        title=issue.text("title"),
        # A reason we do not know is not "done": only GitHub's "completed" is.
        state=TicketState.OPEN if is_open else _CLOSED.get(reason, TicketState.NOT_PLANNED),
        state_text="open" if is_open else f"closed as {(reason or 'completed').replace('_', ' ')}"[:200],
        assignee=assignees[0] if assignees else None,
        due_on=None,
        labels=tuple(_label(one) for one in issue.items("labels")[:100]),
        updated_at=issue.moment("updated_at"),
        target=place,
        helpers=tuple(assignees[1:]),
    )


def made(value: object, *, asked: NewTicket) -> TicketSnapshot:
    """The issue that was made. GitHub leaves out silently what the token may not set; say so."""
    there, notes = snapshot(value), list[str]()
    assigned = [name.lower() for name in (there.assignee or "", *there.helpers)]
    if asked.assignee and asked.assignee.lower() not in assigned:
        notes.append(f"GitHub did not assign {asked.assignee}: they may not be a collaborator there.")
    if missing := sorted(set(asked.labels) - set(there.labels)):
        notes.append(f"GitHub did not set the labels {', '.join(missing)}.")
    kind = Answer(value, where="the issue").optional_inner("type")
    if asked.kind and (kind is None or (kind.optional_text("name") or "").lower() != asked.kind.lower()):
        notes.append(f"GitHub did not set the type {asked.kind}.")
    return replace(there, notes=tuple(notes))


def repository_problems(repo: Answer, *, target: str) -> list[str]:
    problems = []
    if repo.says_no("has_issues"):
        problems.append(f"Issues are switched off in {target}. Switch them on in its settings on GitHub.")
    if repo.says_yes("archived"):
        problems.append(f"{target} is archived, so nothing new can be added there.")
    rights = repo.optional_inner("permissions")
    if rights and not any(rights.says_yes(right) for right in ("admin", "maintain", "push", "triage")):
        problems.append(f"The token may read {target} but not change issues there. Give it write access to issues.")
    return problems


def api_address(url: str) -> str:
    """Where the interface lives for the address a person knows. An Enterprise server is given with its /api/v3."""
    plain = url.rstrip("/")
    return "https://api.github.com" if plain in ("https://github.com", "https://www.github.com") else plain


def next_page(link_header: str) -> str | None:
    match = _NEXT.search(link_header[:20_000])
    return match[1] if match else None


def target(text: str) -> str:
    if not REPOSITORY.fullmatch(text) or ".." in text:
        raise Refused(f'"{text[:100]}" is not a repository. Write it as owner/name.')
    return text


def split(key: str) -> tuple[str, int]:
    """("acme/shop", 12) of "acme/shop#12"."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise Refused(f'"{key[:100]}" is not an issue. Write it as owner/name#12, or paste its address.')
    return target(match[1]), int(match[2])


def issue_path(key: str) -> str:
    place, number = split(key)
    return f"/repos/{place}/issues/{number}"


def place_in(text: str, *, api_url: str) -> tuple[str, int]:
    """Repository and number in a key, or in an issue's web address, which must be on the tracker's own server."""
    if "://" not in text:
        return split(text)
    web_host = urlsplit(api_url).netloc.removeprefix("api.")
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.netloc.lower() != web_host.lower():
        raise Refused(f"That address is not on {web_host}.")
    if "/pull/" in parts.path:
        raise Refused("That is a pull request. Give the address of an issue.")
    match = _ISSUE_PAGE.fullmatch(parts.path)
    if match is None:
        raise Refused("That is not the address of an issue. It should end in /issues/ and a number.")
    return match[1], int(match[2])


def _repository(issue: Answer) -> str:
    """ "owner/repo" from `repository_url`, which every issue carries and which follows renames and transfers."""
    parts = urlsplit(issue.text("repository_url")).path.rstrip("/").split("/")
    place = "/".join(parts[-2:])
    if not REPOSITORY.fullmatch(place) or ".." in place:
        raise StrangeAnswer("We do not understand the tracker's answer: the issue names no repository.")
    return place


def _web_address(issue: Answer) -> str:
    address = issue.text("html_url")
    return address[:1000] if address.startswith(("https://", "http://")) else ""


def _label(value: object) -> str:
    return storable(value)[:200] if isinstance(value, str) else Answer(value, where="a label").text("name")[:200]
