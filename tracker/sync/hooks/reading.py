"""What a webhook's delivery says: which ticket to look at again. Pure: bytes in, values out.

Nothing else of it is believed: the ticket itself is read through the tracker's interface.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from tracker.clients.answers import Answer
from tracker.clients.failures import StrangeAnswer

LARGEST = 1024 * 1024
"""Bytes of a delivery. An issue with the longest text GitHub takes has 400,000; GitHub itself stops at 25 MB."""
SIGNED = "sha256="
_NODE_ID = re.compile(r"[\w=+/-]{1,120}", re.ASCII)
_JIRA_ID = re.compile(r"\d{1,20}", re.ASCII)
_KEEPS_ITS_TIME = ("deleted", "transferred", "pinned", "unpinned", "locked", "unlocked")
"""What happens to an issue of GitHub without moving its ``updated_at``."""


@dataclass(frozen=True)
class Told:
    """The ticket that a delivery is about, and when it happened as far as the signed words say."""

    remote_id: str
    at: datetime | None


def is_signed(body: bytes, signature: str, *, secret: str) -> bool:
    """Whether whoever sent ``body`` knows the secret (HMAC-SHA256 of the raw bytes); takes the same time either way."""
    expected = SIGNED + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode(errors="replace"))


def fingerprint(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def github_told(body: bytes) -> Told | None:
    """The issue that GitHub speaks of; ``None`` for a ping, a comment, a pull request, or anything else."""
    said = _object(body)
    issue = said.optional_inner("issue")
    if issue is None or said.has("comment") or issue.has("pull_request"):
        return None
    is_timed = said.optional_text("action") not in _KEEPS_ITS_TIME
    return Told(_matching(issue.text("node_id"), _NODE_ID), issue.moment("updated_at") if is_timed else None)


def jira_told(body: bytes) -> Told | None:
    """The issue that Jira speaks of, whatever it calls the event; ``None`` when it speaks of none."""
    said = _object(body)
    issue = said.optional_inner("issue")
    if issue is None:
        return None
    return Told(_matching(issue.text("id"), _JIRA_ID), _from_milliseconds(said.number("timestamp")))


def _object(body: bytes) -> Answer:
    """
    Raises:
        StrangeAnswer: it is no JSON object.
    """
    try:
        return Answer(json.loads(body), where="the delivery")
    except (ValueError, RecursionError) as error:
        raise StrangeAnswer("The delivery is no JSON.") from error


def _matching(text: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(text):
        raise StrangeAnswer("The delivery names no issue that could be one.")
    return text


def _from_milliseconds(number: int) -> datetime:
    try:
        return datetime.fromtimestamp(number / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise StrangeAnswer("The delivery's time is none.") from error
