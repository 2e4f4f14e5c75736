"""The public status as a feed (Atom, RFC 4287) and as JSON. Values in, text out."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from tracker.markdown import to_html
from tracker.status.told import Condition, Problem, PublicStatus

ATOM = "http://www.w3.org/2005/Atom"
register_namespace("", ATOM)


def as_json(status: PublicStatus, *, base_url: str) -> str:
    return json.dumps(
        {
            "page": {"title": status.title, "url": f"{base_url}/status", "updated_at": _stamp(status.looked_at)},
            "status": {"is_ok": not status.current, "description": status.sentence},
            "components": [{"name": one.name, "condition": one.condition.value} for one in status.components],
            "incidents": [_problem(one, base_url=base_url) for one in (*status.current, *status.past)],
        },
        ensure_ascii=False,
        indent=1,
    )


def _problem(problem: Problem, *, base_url: str) -> dict[str, Any]:
    return {
        "url": f"{base_url}/status#problem-{problem.id}",
        "name": problem.name,
        "condition": problem.condition.value,
        "components": list(problem.components),
        "told_at": _stamp(problem.told_at),
        "resolved_at": _stamp(problem.resolved_at) if problem.resolved_at else None,
        "updates": [{"at": _stamp(one.at), "text": one.text} for one in problem.notices],
    }


def as_atom(status: PublicStatus, *, base_url: str) -> str:
    """One entry for each update, so that a reader shows each once; newest first."""
    host = urlsplit(base_url).hostname or "localhost"
    problems = [*status.current, *status.past]
    changed = max((one.changed_at for one in problems), default=datetime(2026, 1, 1, tzinfo=UTC))
    feed = Element(f"{{{ATOM}}}feed")
    _add(feed, "title", status.title)
    _add(feed, "id", f"tag:{host},2026:status")
    _add(feed, "updated", _stamp(changed))
    _add(_add(feed, "author"), "name", status.title)
    _add(feed, "link", href=f"{base_url}/status")
    _add(feed, "link", rel="self", href=f"{base_url}/status/feed.atom")
    told = [(notice, problem) for problem in problems for notice in problem.notices]
    for notice, problem in sorted(told, key=lambda one: (one[0].at, one[0].id), reverse=True):
        entry = _add(feed, "entry")
        solved = " (solved)" if problem.condition is Condition.SOLVED and notice is problem.notices[0] else ""
        _add(entry, "title", problem.name + solved)
        _add(entry, "id", f"tag:{host},2026:update-{notice.id}")
        _add(entry, "updated", _stamp(notice.at))
        _add(entry, "link", href=f"{base_url}/status#problem-{problem.id}")
        _add(entry, "content", str(to_html(notice.text)), type="html")
    return tostring(feed, encoding="unicode", xml_declaration=True)


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    child = SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    child.text = text
    return child


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
