"""What a client needs to know of a configured tracker."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class TrackerAccess:
    """Address and credentials in the clear: made when a job begins, forgotten when it ends, never logged."""

    kind: str
    """``github`` or ``jira``."""
    flavour: str | None
    """``cloud`` or ``server`` for Jira."""
    url: str
    email: str
    token: str = field(repr=False)
