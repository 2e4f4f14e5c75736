"""What is plugged in: everything that leaves the process or holds a secret. Tests plug in something else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import current_app

from tracker.clients.access import TrackerAccess
from tracker.clients.chat import AppriseClient, ChatClient
from tracker.clients.mail import MailClient, MailSettingError
from tracker.clients.tickets import TicketClient
from tracker.config import Settings
from tracker.errors import SettingsError
from tracker.queue import Queue, make_queue
from tracker.security import Vault

if TYPE_CHECKING:
    from tracker.clients.oidc import OidcClient


@dataclass(frozen=True, kw_only=True)
class Wiring:
    mail: MailClient
    queue: Queue
    vault: Vault
    ticket_client: Callable[[TrackerAccess], TicketClient]
    """Makes the client of a configured tracker; the caller closes nothing and keeps nothing."""
    seconds_between_writes: float = 0.0
    """From the end of one write to a tracker to the next, whichever process sends it."""
    chat: ChatClient = field(default_factory=AppriseClient)
    oidc: "OidcClient | None" = None
    """Single sign-on, where the settings name a provider."""


def default_wiring(settings: Settings) -> Wiring:
    """What an installation uses.

    Raises:
        SettingsError: MAIL_URL names no mail server that we could use.
    """
    from tracker.clients.factory import (  # noqa: PLC0415  the libraries take a while to load
        DEFAULT_SECONDS_BETWEEN_WRITES,
        ticket_client_factory,
    )
    from tracker.clients.mail_url import mail_client  # noqa: PLC0415

    try:
        mail = mail_client(settings.mail_url, outbox=settings.outbox_path)
    except MailSettingError as error:
        raise SettingsError(str(error)) from error
    return Wiring(
        mail=mail,
        queue=make_queue(settings),
        vault=Vault(settings.secret_key),
        ticket_client=ticket_client_factory(settings.tracker_hosts),
        seconds_between_writes=DEFAULT_SECONDS_BETWEEN_WRITES,
        chat=AppriseClient(settings.tracker_hosts),
        oidc=_oidc_client(settings),
    )


def _oidc_client(settings: Settings) -> "OidcClient | None":
    if settings.oidc is None:
        return None
    from tracker.clients.oidc import OidcClient  # noqa: PLC0415  Authlib takes a while to load, and few need it

    return OidcClient(settings.oidc, allowed_hosts=settings.tracker_hosts)


def wiring() -> Wiring:
    """The wiring of the present application."""
    plugged: Wiring = current_app.extensions["followthrough.wiring"]
    return plugged


def settings() -> Settings:
    """The settings of the present application."""
    frozen: Settings = current_app.extensions["followthrough.settings"]
    return frozen
