"""The domain's errors. Each carries a sentence for a person: what is wrong and what to do next."""

from dataclasses import dataclass


class FollowthroughError(Exception):
    """The root. ``str(error)`` is a sentence that may be shown."""

    status = 400


class RuleError(FollowthroughError):
    """A rule of the domain says no. ``about`` names the argument that it refuses, if it is one."""

    status = 422

    def __init__(self, sentence: str = "", *, about: str = "") -> None:
        super().__init__(sentence)
        self.about = about


class NotFoundError(FollowthroughError):
    """There is no such thing, or the reader may not know that there is."""

    status = 404


class NotAllowedError(FollowthroughError):
    """The person may see it but not do it."""

    status = 403


class SettingsError(FollowthroughError):
    """A setting is wrong; the message names it."""


@dataclass
class StaleWriteError(FollowthroughError):
    """Somebody else saved in between. Both texts are kept and shown."""

    yours: str
    theirs: str
    their_version: int
    saved_by: str = "somebody else"
    """Their name, where it is known."""

    status = 409

    @property
    def who(self) -> str:
        """As it begins a sentence."""
        return self.saved_by[:1].upper() + self.saved_by[1:]

    def __str__(self) -> str:
        return f"{self.who} saved this while you were writing. Both texts are below: keep what you want of each."
