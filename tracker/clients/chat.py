"""Messages into chat rooms: what can be asked of a chat client, and the one that is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tracker.clients.chat_plugins import PluginClient


class ChatAddressError(ValueError):
    """An address is none that we can write to. The sentence holds no part of it: it is a credential."""


@dataclass(frozen=True)
class OutgoingPost:
    """One message into one room. ``address`` is the whole Apprise address in the clear: never logged."""

    address: str = field(repr=False)
    title: str
    text: str


class ChatClient(Protocol):
    """Something that messages for rooms can be given to."""

    def send(self, post: OutgoingPost) -> None:
        """Return when the service has taken it; raise MailError or DeliveryUnknown."""

    def check(self, address: str) -> str:
        """The name of the service an address leads to. Raises ChatAddressError. Nothing is sent."""


class AppriseClient:
    """A ``ChatClient`` that loads Apprise when it is first asked: it is large, and most installations have no room."""

    def __init__(self, allowed_hosts: frozenset[str] = frozenset()) -> None:
        self._allowed_hosts = allowed_hosts

    @cached_property
    def _client(self) -> PluginClient:
        from tracker.clients.chat_plugins import PluginClient  # noqa: PLC0415  see above

        return PluginClient(self._allowed_hosts)

    def check(self, address: str) -> str:
        return self._client.check(address)

    def send(self, post: OutgoingPost) -> None:
        self._client.send(post)
