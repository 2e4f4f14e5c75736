"""What the doctor looks at around the program: addresses, files, disk, single sign-on. Each says how to mend it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from tracker.clients.oidc_settings import ProviderSettings
from tracker.config import Settings
from tracker.errors import FollowthroughError
from tracker.health.findings import Finding, ok, wrong
from tracker.wiring import Wiring

OTHERS_MAY_READ = 0o077
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104  names to look for, not to listen on
LEAST_SPACE = 500 * 1024 * 1024
"""Bytes: a backup, a day of logs and the write-ahead log find room in it."""


def encryption_finding(settings: Settings) -> Finding:
    parts = urlsplit(settings.base_url)
    if parts.scheme == "http" and (parts.hostname or "") not in LOCAL_HOSTS:
        return wrong(
            "encryption", f"{settings.base_url} is not encrypted: passwords can be read on the way. Put TLS in front."
        )
    if parts.scheme == "https" and not settings.trusted_proxy:
        return wrong(
            "encryption",
            "A proxy brings the TLS, and TRUSTED_PROXY is not set: all tries at signing in seem to come from it. "
            "Set it to the proxy's address, such as 127.0.0.1.",
        )
    return ok("encryption", "What people send is encrypted, or stays on this machine.")


def outbox_finding(settings: Settings) -> Finding:
    """A folder is right to begin with, and wrong once people come by an address of their own."""
    is_local = (urlsplit(settings.base_url).hostname or "") in LOCAL_HOSTS
    if settings.mail_url.startswith("outbox") and not is_local:
        return wrong("outbox", "Mails are kept in a folder and reach nobody. Set MAIL_URL to a mail server.")
    return ok("outbox", "Mails go where they should.")


def privacy_finding(settings: Settings) -> Finding:
    """The settings may hold the passwords of database, mail server and single sign-on; a database file holds all."""
    database = make_url(settings.database_url).database if settings.is_sqlite else None
    for path in [settings.instance_path / "config.toml", *([Path(database)] if database else [])]:
        if path.is_file() and _others_may(path) and _others_may(path.parent):
            return wrong("privacy", f"Others on this machine can read {path}. Run `chmod 600 {path}*`.")
    return ok("privacy", "Nobody else can read the settings and the database.")


def _others_may(path: Path) -> bool:
    return bool(path.stat().st_mode & OTHERS_MAY_READ)


def disk_finding(free: int, *, path: Path) -> Finding:
    if free < LEAST_SPACE:
        return wrong(
            "disk",
            f"{free // 1024**2} MB are left where {path} is. Make room, or nothing can be saved when it is full.",
        )
    return ok("disk", f"{free // 1024**2:,} MB are free.")


def free_space(path: Path) -> int:
    return shutil.disk_usage(path).free


def administrator_finding(count: int) -> Finding:
    if count == 0:
        return wrong(
            "people", "No administrator can sign in. Run `followthrough user add you@example.com --role admin`."
        )
    return ok("people", "An administrator can sign in.")


def sign_in_findings(provider: ProviderSettings | None, *, wiring: Wiring) -> Iterator[Finding]:
    """Where there is no single sign-on there is nothing to say."""
    if provider is None or wiring.oidc is None:
        return
    if provider.is_open_to_the_world:
        yield wrong(
            "sign-on", f"Anybody with an account at {provider.issuer} comes in. Set OIDC_DOMAINS or OIDC_ROLES."
        )
    try:
        wiring.oidc.metadata()
    except FollowthroughError as error:
        yield wrong("sign-on", f"{error} Check OIDC_ISSUER.")
    else:
        yield ok("sign-on", f"{provider.issuer} answers, and is the one that was named.")


def webhook_finding(failed: int) -> Finding:
    if failed:
        return wrong(
            "webhooks", f"{failed} could not be delivered. See why, and send them again, at /settings/webhooks."
        )
    return ok("webhooks", "What was to be told was told.")
