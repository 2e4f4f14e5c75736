"""Messages into chat rooms, through Apprise: the only place that knows it.

Apprise speaks to each service with ``requests``. Here its plugins get our own way out instead, so that an address is
checked at every connection, a redirect is not followed, and nothing is repeated behind our back.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import apprise
import requests
from apprise.plugins.base import NotifyBase

from tracker.clients.addresses import addresses_of, check_host
from tracker.clients.chat import ChatAddressError, OutgoingPost
from tracker.clients.failures import AddressRefused, AnswerLost, ClientError, NotReached, Redirected
from tracker.clients.mail import DeliveryUnknown, MailError
from tracker.clients.transport import TrackerAdapter, guarded_session, retry_after

SERVICES = {
    "discord": "Discord",
    "gchat": "Google Chat",
    "json": "A web address that takes JSON",
    "jsons": "A web address that takes JSON",
    "mmost": "Mattermost",
    "mmosts": "Mattermost",
    "nctalk": "Nextcloud Talk",
    "nctalks": "Nextcloud Talk",
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "rocket": "Rocket.Chat",
    "rockets": "Rocket.Chat",
    "slack": "Slack",
    "tgram": "Telegram",
    "workflow": "Microsoft Teams",
    "workflows": "Microsoft Teams",
    "webex": "Webex",
    "wxteams": "Webex",
    "zulip": "Zulip",
}
"""Chat services that speak HTTP, by the beginning of their Apprise address. Others could run programs here."""
OWN_HOSTS = ("json", "mmost", "nctalk", "ntfy", "rocket", "workflow")
"""Those whose address begins with a host of the administrator's choice."""
REDUCED_PROTECTION = ("verify=no", "redirect=yes")
FINAL = range(400, 500)
PASSING = (408, 425, 429, 503)
"""Answers that say "not now": the message was not taken."""


class PluginClient:
    """A ``ChatClient`` that tries once and tells the truth about what came of it."""

    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        self._allowed_hosts = allowed_hosts

    def check(self, address: str) -> str:
        plugin, schema = _plugin(address)
        if schema.rstrip("s") in OWN_HOSTS:
            self._check_host(plugin)
        return SERVICES[schema]

    def _check_host(self, plugin: NotifyBase) -> None:
        host, port = str(plugin.host), plugin.port or (443 if plugin.secure else 80)
        try:
            check_host(host, port=port, allowed_hosts=self._allowed_hosts, resolve=addresses_of)
        except (AddressRefused, NotReached) as error:
            raise ChatAddressError(_reason(error, host=host)) from error

    def send(self, post: OutgoingPost) -> None:
        try:
            plugin, schema = _plugin(post.address)
        except ChatAddressError as error:
            raise MailError(str(error), permanent=True) from error
        name = SERVICES[schema]
        with _way_out(self._allowed_hosts) as way:
            try:
                was_taken = plugin.notify(body=post.text, title=post.title, body_format="text")
            except ClientError as error:
                raise _failure(error, name=name) from error
        if not was_taken:
            raise _refusal(way, name=name)


def _plugin(address: str) -> tuple[NotifyBase, str]:
    """The service's plugin for one address, with what Apprise would load or keep by itself switched off."""
    schema = address.partition("://")[0].lower()
    if schema not in SERVICES:
        known = ", ".join(sorted({f"{key}://" for key in SERVICES}))
        raise ChatAddressError(f"This is no chat address that we know. It begins with one of {known}.")
    if any(part in address.lower() for part in REDUCED_PROTECTION):
        raise ChatAddressError(
            "Leave out verify=no and redirect=yes: certificates are checked, redirects not followed."
        )
    asset = apprise.AppriseAsset(
        app_id="Followthrough",
        app_desc="Followthrough",
        image_url_mask="",
        image_url_logo="",
        storage_mode="memory",
        http_redirects=False,
    )
    found = apprise.plugins.url_to_dict(address, secure_logging=True)  # type: ignore[no-untyped-call]
    plugin = found and apprise.Apprise.instantiate({**found, "overflow": "truncate"}, asset=asset)
    if not plugin or not _is_loaded(plugin):
        raise ChatAddressError(f"{SERVICES[schema]} does not know an address of this form. Copy it once more.")
    return plugin, schema


def _is_loaded(plugin: NotifyBase) -> bool:
    """Give the plugin's module our way out in place of ``requests``; ``False`` for one that has another way."""
    module = sys.modules[type(plugin).__module__]
    parts = [module, *(importlib.import_module(base.__module__) for base in type(plugin).__mro__[1:-1])]
    ours = [part for part in parts if getattr(part, "requests", None) in (requests, GUARDED)]
    for part in ours:
        part.requests = GUARDED  # type: ignore[attr-defined]
    return bool(ours)


@dataclass
class _Way:
    """What one message may do: to which hosts, and what it was answered last."""

    allowed_hosts: frozenset[str]
    answer: requests.Response | None = None


_WAY: ContextVar[_Way] = ContextVar("way out of a message")


@contextmanager
def _way_out(allowed_hosts: frozenset[str]) -> Iterator[_Way]:
    way = _Way(allowed_hosts)
    token = _WAY.set(way)
    try:
        yield way
    finally:
        _WAY.reset(token)


class _GuardedRequests:
    """What a plugin finds under the name ``requests``: the same names, another way out."""

    def __getattr__(self, name: str) -> Any:
        return getattr(requests, name)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        way = _WAY.get()  # LookupError: a plugin calls out when nobody asked it to
        options |= {"verify": True, "allow_redirects": False}
        with guarded_session(TrackerAdapter(allowed_hosts=way.allowed_hosts)) as session:
            way.answer = session.request(method, url, **options)
        return way.answer

    def get(self, url: str, **options: Any) -> requests.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> requests.Response:
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> requests.Response:
        return self.request("PUT", url, **options)

    def delete(self, url: str, **options: Any) -> requests.Response:
        return self.request("DELETE", url, **options)


GUARDED = _GuardedRequests()


def _failure(error: ClientError, *, name: str) -> MailError:
    if isinstance(error, AddressRefused):
        return MailError(_reason(error, host=name), permanent=True)
    if isinstance(error, AnswerLost):
        return DeliveryUnknown(f"{name} took the message and then broke off: it may be in the room, or not.")
    if isinstance(error, NotReached):
        return MailError(f"{name} could not be reached. Nothing was sent.", permanent=False)
    if isinstance(error, Redirected):
        return MailError(f"{name} sends us elsewhere, and we do not follow. Enter its address again.", permanent=True)
    return MailError(f"{name} did not take the message: {error}", permanent=False)


def _refusal(way: _Way, *, name: str) -> MailError:
    """From the last answer: 4xx is final, 429 and 503 pass, and after another 5xx nobody knows."""
    if way.answer is None:
        return MailError(f"{name} does not take messages at this address. Enter it again.", permanent=True)
    status = way.answer.status_code
    if status in PASSING:
        wait = retry_after({key.lower(): value for key, value in way.answer.headers.items()})
        return MailError(f"{name} asks us to wait (status {status}).", permanent=False, retry_after=wait or timedelta())
    if status >= FINAL.stop:
        return DeliveryUnknown(f"{name} failed with status {status}: the message may be in the room, or not.")
    return MailError(f"{name} refuses the message (status {status}). Does the room still exist?", permanent=True)


def _reason(error: ClientError, *, host: str) -> str:
    if isinstance(error, AddressRefused):
        return (
            f"{host} leads into this machine or a private network, where we do not go. "
            "If your chat server lives there, name its host in TRACKER_HOSTS."
        )
    return str(error)
