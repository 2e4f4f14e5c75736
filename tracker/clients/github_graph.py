"""What we ask GitHub in GraphQL, and its answers as our values. Pure: no network, no PyGithub.

Only reads, and only what the plain interface cannot: many issues by their ids, and what a duplicate duplicates.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tracker.clients import github_answers
from tracker.clients.answers import Answer, tracker_words
from tracker.clients.failures import RateLimited, Refused, StrangeAnswer, Unavailable
from tracker.clients.left_out import Found
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
ORIGINALS = (
    """query($ids: [ID!]!) { nodes(ids: $ids) { ... on Issue {
  id
  timelineItems(itemTypes: [MARKED_AS_DUPLICATE_EVENT], last: 1) {
    nodes { ... on MarkedAsDuplicateEvent { canonical { ...ticket } } }
  }
} } }"""
    + _ISSUE
)


def found(value: object, *, wanted: Collection[str], host: str) -> Found:
    """An id that is in neither part has no issue that we could see."""
    nodes = [node for node in _answered(value, host=host).items("nodes") if isinstance(node, dict) and node.get("id")]
    read = {one.remote_id: one for node in nodes if (one := _readable(node)) and one.remote_id in wanted}
    return Found(read, frozenset({str(node["id"]) for node in nodes} - read.keys()))


def originals(value: object, *, host: str) -> dict[str, TicketSnapshot]:
    """By the ids of duplicates the issues that they were said to repeat."""
    nodes = [Answer(node, where="an issue") for node in _answered(value, host=host).items("nodes") if node]
    named = {node.text("id"): _original(node) for node in nodes if node.has("id")}
    return {duplicate: original for duplicate, original in named.items() if original}


def _original(node: Answer) -> TicketSnapshot | None:
    timeline = node.optional_inner("timelineItems")
    for event in timeline.items("nodes") if timeline else []:
        canonical = Answer(event, where="an event").get("canonical")
        found = _readable(canonical) if isinstance(canonical, dict) else None
        if found:
            return found
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
