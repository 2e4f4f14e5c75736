"""What we ask GitHub in GraphQL, and its answers as our values. Pure: no network, no PyGithub.

Only reads, and only what the plain interface cannot: many issues by their ids, and what a duplicate duplicates.
"""

from __future__ import annotations

from typing import Any

from tracker.clients import github_answers
from tracker.clients.answers import Answer, tracker_words
from tracker.clients.failures import RateLimited, Refused, StrangeAnswer, Unavailable
from tracker.clients.tickets import TicketSnapshot

_ISSUE = """
fragment ticket on Issue {
  id number title url state stateReason updatedAt
  repository { nameWithOwner }
  assignees(first: 20) { nodes { login } }
  labels(first: 100) { nodes { name } }
}
"""
BY_IDS = "query($ids: [ID!]!) { nodes(ids: $ids) { ...ticket } }" + _ISSUE
ORIGINAL = (
    """query($id: ID!) { node(id: $id) { ... on Issue {
  timelineItems(itemTypes: [MARKED_AS_DUPLICATE_EVENT], last: 1) {
    nodes { ... on MarkedAsDuplicateEvent { canonical { ...ticket } } }
  }
} } }"""
    + _ISSUE
)


def snapshots(value: object, *, host: str) -> list[TicketSnapshot]:
    """The issues that were found; of the others, also of those we cannot read, nothing is said here."""
    nodes = _answered(value, host=host).items("nodes")
    return [found for node in nodes if isinstance(node, dict) and (found := _readable(node))]


def original(value: object, *, host: str) -> TicketSnapshot | None:
    """The issue that a duplicate was said to repeat, if somebody said it."""
    node = _answered(value, host=host).optional_inner("node")
    timeline = node.optional_inner("timelineItems") if node else None
    for event in timeline.items("nodes") if timeline else []:
        canonical = Answer(event, where="an event").get("canonical")
        if isinstance(canonical, dict) and canonical.get("id"):
            return _snapshot(canonical)
    return None


def _answered(value: object, *, host: str) -> Answer:
    """The data of an answer that may hold errors beside it: one missing issue does not spoil the others."""
    answer = Answer(value, where="the answer")
    data = answer.optional_inner("data")
    if data is not None:
        return data
    kinds = {error.get("type") for error in answer.items("errors") if isinstance(error, dict)}
    if "RATE_LIMITED" in kinds:
        raise RateLimited(f"{host} asks us to slow down.")
    said = tracker_words(value)
    if said:
        raise Unavailable(f'{host} could not answer. It says: "{said}"')
    raise StrangeAnswer(f"{host} answered with something we cannot read.")


def _readable(node: dict[str, Any]) -> TicketSnapshot | None:
    try:
        return _snapshot(node) if node.get("id") else None
    except (StrangeAnswer, Refused):  # it is asked for singly, and its fault is told there
        return None


def _snapshot(node: dict[str, Any]) -> TicketSnapshot:
    """An issue in the words of GraphQL, told in the words of the plain interface, which are read in one place."""
    issue = Answer(node, where="the issue")
    reason = issue.optional_text("stateReason")
    return github_answers.snapshot(
        {
            "node_id": issue.text("id"),
            "number": issue.number("number"),
            "title": issue.text("title"),
            "html_url": issue.text("url"),
            "state": issue.text("state").lower(),
            "state_reason": reason.lower() if reason else None,
            "updated_at": issue.text("updatedAt"),
            "repository_url": f"/repos/{issue.inner('repository').text('nameWithOwner')}",
            "assignees": issue.inner("assignees").items("nodes"),
            "labels": issue.inner("labels").items("nodes"),
        }
    )
