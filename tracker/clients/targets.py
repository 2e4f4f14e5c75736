"""What a repository or a project is called, the one rule for forms, catalog, items and clients."""

from __future__ import annotations

import re

from tracker.models import TrackerKind

REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
PROJECT = re.compile(r"[A-Z][A-Z0-9_]{1,20}")


def is_target(text: str, *, kind: TrackerKind) -> bool:
    """Whether tickets of such a tracker can go there by its name: "acme/shop" in GitHub, "OPS" in Jira."""
    return (REPOSITORY if kind is TrackerKind.GITHUB else PROJECT).fullmatch(text) is not None
