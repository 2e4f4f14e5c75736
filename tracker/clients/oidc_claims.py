"""What goes to a provider of single sign-on and comes back, as plain values."""

from dataclasses import dataclass

from tracker.errors import FollowthroughError


class ProviderError(FollowthroughError):
    """The provider cannot be reached, or answers with what does not fit."""

    status = 502


@dataclass(frozen=True)
class Beginning:
    """What the browser takes to the provider and must bring back: kept in its cookie until then."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Claims:
    """Who somebody is, in the provider's words."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    name: str
    groups: tuple[str, ...]
