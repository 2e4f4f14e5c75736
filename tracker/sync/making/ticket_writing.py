"""The title and text of the tickets we make, from ``templates/tickets/``."""

import re
from dataclasses import dataclass
from functools import cache

import jinja2
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.clients.tickets import BackLink, NewTicket
from tracker.db import session
from tracker.lookup import is_private
from tracker.models import ActionItem, Incident, IncidentAction, Push, TrackerKind, may_see
from tracker.paths import TEMPLATES
from tracker.sync.following.agreements import keeps_due_dates
from tracker.sync.mappings.queries import fill_for

LABEL = "followthrough"
_WIKI_SIGNS = re.compile(r"([{}\[\]!|])")


@dataclass(frozen=True)
class _Source:
    """One incident that asks for the item, as the ticket names it."""

    ref: str
    title: str
    url: str


def write_ticket(push_id: int, *, base_url: str) -> NewTicket:
    """What to ask the tracker for. An item that only private incidents ask for is named, and nothing else is told."""
    push = session.get_one(Push, push_id, options=[joinedload(Push.action), joinedload(Push.tracker)])
    action, kind = push.action, push.tracker.kind
    private = is_private(action)
    url = f"{base_url}/actions/{action.ref}"
    body = (
        _environment()
        .get_template("body.md" if kind is TrackerKind.GITHUB else "body.wiki")
        .render(
            action=action,
            is_private=private,
            incidents=_public_incidents(action, base_url=base_url),
            url=url,
        )
    )
    fill = fill_for(action, tracker=push.tracker, target=push.target, is_private=private)
    return NewTicket(
        target=push.target,
        title=_environment().get_template("title.txt").render(action=action, is_private=private).strip(),
        body=body.strip() + "\n",
        marker=push.marker,
        labels=(LABEL, *fill.labels),
        assignee=fill.assignee,
        kind=fill.kind,
        extra=fill.extra,
        due_on=action.due_on if keeps_due_dates(push.tracker) or not private else None,
        back_link=BackLink(global_id=url, url=url, title=f"{action.ref} in Followthrough"),
    )


def wiki(text: str) -> str:
    """Plain words for Jira: signs that its markup would act on are taken as they stand."""
    return _WIKI_SIGNS.sub(r"\\\1", text)


def _public_incidents(action: ActionItem, *, base_url: str) -> list[_Source]:
    query = (
        select(Incident.number, Incident.title)
        .join(IncidentAction, IncidentAction.incident_id == Incident.id)
        .where(IncidentAction.action_id == action.id, may_see(None))
        .order_by(Incident.declared_at, Incident.id)
    )
    rows = session.execute(query)
    return [_Source(f"INC-{row.number}", row.title, f"{base_url}/incidents/INC-{row.number}") for row in rows]


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(  # noqa: S701  Markdown and wiki text for trackers, which clean what they show
        loader=jinja2.FileSystemLoader(TEMPLATES / "tickets"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(wiki=wiki)
    return environment
