"""Settings: read once at the start from the environment and ``instance/config.toml``, then frozen."""

import os
import secrets
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from tracker.clients.mail import Mailbox
from tracker.clients.oidc_settings import NAMES as OIDC_NAMES
from tracker.clients.oidc_settings import ProviderSettings, is_yes, provider_settings
from tracker.errors import SettingsError
from tracker.logs import FORMATS
from tracker.paths import CHECKOUT
from tracker.working_days import WorkCalendar

PREFIX = "FOLLOWTHROUGH_"
NAMES = (
    "DATABASE_URL",
    "SECRET_KEY",
    "INSTANCE_PATH",
    "BASE_URL",
    "MAIL_URL",
    "MAIL_FROM",
    "MAIL_BOUNCES_TO",
    "MAIL_REPEATS_UNKNOWN",
    "TIMEZONE",
    "HOLIDAYS",
    "TRACKER_HOSTS",
    "TRUSTED_PROXY",
    "METRICS_TOKEN",
    "LOG_FORMAT",
    *OIDC_NAMES,
)
ADDRESS_FILE = "address"
MESSAGE_PLACE = "{id}"
"""Stands in MAIL_BOUNCES_TO where each mail has its number, so that what comes back says which it was."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an administrator decides before the start. ``docs/settings.md`` explains each."""

    instance_path: Path
    database_url: str
    secret_key: str
    base_url: str = "http://127.0.0.1:5000"
    mail_url: str = "outbox:"
    mail_from: str = "Followthrough <followthrough@localhost>"
    mail_bounces_to: str = ""
    mail_repeats_unknown: bool = True
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    holidays: frozenset[date] = frozenset()
    tracker_hosts: frozenset[str] = frozenset()
    trusted_proxy: str = ""
    metrics_token: str = ""
    log_format: str = "plain"
    oidc: ProviderSettings | None = None
    """Single sign-on, where there is one."""

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def work_calendar(self) -> WorkCalendar:
        return WorkCalendar(self.timezone, self.holidays)

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def outbox_path(self) -> Path:
        return self.instance_path / "outbox"


def load_settings(environ: Mapping[str, str] = os.environ, *, listening_at: str | None = None) -> Settings:
    """Read, check and freeze the settings.

    Links begin with BASE_URL; where nobody set it, with the address ``listening_at`` of this run, or that of the
    last run which listened (see ``remember_address``).

    Raises:
        SettingsError: one line that names the setting which is wrong.
    """
    instance = _instance_path(environ)
    values = _values(environ, instance)
    return Settings(
        instance_path=instance,
        database_url=_database_url(values.get("DATABASE_URL", ""), instance),
        secret_key=_secret_key(values.get("SECRET_KEY", ""), instance),
        base_url=_base_url(values.get("BASE_URL") or listening_at or _remembered_address(instance)),
        mail_url=_mail_url(values.get("MAIL_URL", "outbox:")),
        mail_from=_mail_from(values.get("MAIL_FROM", "Followthrough <followthrough@localhost>")),
        mail_bounces_to=_mail_bounces_to(values.get("MAIL_BOUNCES_TO", "")),
        mail_repeats_unknown=is_yes("MAIL_REPEATS_UNKNOWN", values, usual="yes"),
        timezone=_timezone(values.get("TIMEZONE", "UTC")),
        holidays=_holidays(values.get("HOLIDAYS", "")),
        tracker_hosts=frozenset(values.get("TRACKER_HOSTS", "").replace(",", " ").lower().split()),
        trusted_proxy=_trusted_proxy(values.get("TRUSTED_PROXY", "")),
        metrics_token=_metrics_token(values.get("METRICS_TOKEN", "")),
        log_format=_log_format(values.get("LOG_FORMAT", "plain")),
        oidc=provider_settings(values),
    )


def _instance_path(environ: Mapping[str, str]) -> Path:
    given = environ.get(PREFIX + "INSTANCE_PATH")
    if given:
        path = Path(given).expanduser().absolute()
    elif CHECKOUT:
        path = CHECKOUT / "instance"
    else:
        path = Path(sys.prefix) / "var" / "tracker-instance"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"INSTANCE_PATH: {path} cannot be made ({error.strerror}).") from error
    return path


def _values(environ: Mapping[str, str], instance: Path) -> dict[str, str]:
    values = _file_values(instance / "config.toml")
    if "INSTANCE_PATH" in values:
        raise SettingsError("INSTANCE_PATH: set it in the environment; config.toml lies in the folder that it names.")
    for name, value in environ.items():
        if name.startswith(PREFIX):
            values[name.removeprefix(PREFIX)] = value
    given = {name: value for name, value in values.items() if value}
    _refuse_unknown(given)
    return given


def _refuse_unknown(given: Mapping[str, str]) -> None:
    for name in given:
        if name not in NAMES:
            raise SettingsError(f"{name}: there is no such setting. Known are {', '.join(NAMES)}.")


def _file_values(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name}: not valid TOML ({error}).") from error
    wrong = [name for name, value in content.items() if not isinstance(value, str)]
    if wrong:
        raise SettingsError(f"{wrong[0]}: put the value in {path.name} in quotes.")
    return content


def _database_url(value: str, instance: Path) -> str:
    if not value:
        return f"sqlite:///{instance / 'followthrough.db'}"
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise SettingsError("DATABASE_URL: not a database address, such as postgresql+psycopg://host/name.") from error
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise SettingsError(f"DATABASE_URL: {url.drivername} is not supported; use sqlite or postgresql+psycopg.")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise SettingsError("DATABASE_URL: SQLite needs a file, such as sqlite:///instance/followthrough.db.")
    return value


def _secret_key(value: str, instance: Path) -> str:
    if value:
        if len(value) < 16:
            raise SettingsError("SECRET_KEY: too short; use at least 16 characters, or leave it out to have one made.")
        return value
    path = instance / "secret_key"
    try:
        if not path.exists():
            _make_secret_key(path)
        kept = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(f"SECRET_KEY: {path} cannot be made or read ({error.strerror}).") from error
    if len(kept) < 16:
        raise SettingsError(f"SECRET_KEY: {path} holds no key. Restore it from a backup: it opens the stored tokens.")
    return kept


def _make_secret_key(path: Path) -> None:
    """Written whole under another name first: two processes that start at once end with one key, never with half."""
    draft = path.with_name(f"secret_key.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        draft.unlink()


def remember_address(address: str, *, instance: Path) -> None:
    """Keep where this run listens, so that a command in another shell prints links that open."""
    draft = instance / f"{ADDRESS_FILE}.{os.getpid()}"
    draft.write_text(f"{address}\n", encoding="utf-8")
    draft.replace(instance / ADDRESS_FILE)


def _remembered_address(instance: Path) -> str:
    path = instance / ADDRESS_FILE
    return (path.read_text(encoding="utf-8").strip() if path.is_file() else "") or Settings.base_url


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError("BASE_URL: not a web address, such as https://followthrough.example.com.")
    return value.rstrip("/")


def _mail_url(value: str) -> str:
    if value.partition(":")[0] not in ("outbox", "smtp", "smtps"):
        raise SettingsError("MAIL_URL: must start with outbox:, smtp:// or smtps://.")
    return value


def _timezone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(f"TIMEZONE: {value!r} is not a time zone, such as Europe/Copenhagen.") from error


def _holidays(value: str) -> frozenset[date]:
    days = value.replace(",", " ").split()
    try:
        return frozenset(date.fromisoformat(day) for day in days)
    except ValueError as error:
        raise SettingsError("HOLIDAYS: write each day like 2026-12-25, with spaces between them.") from error


def _trusted_proxy(value: str) -> str:
    try:
        return str(ip_address(value)) if value else ""
    except ValueError as error:
        raise SettingsError(f"TRUSTED_PROXY: {value!r} is not an IP address, such as 127.0.0.1.") from error


def _metrics_token(value: str) -> str:
    if value and not (len(value) >= 16 and value.isascii() and value.isprintable() and " " not in value):
        raise SettingsError("METRICS_TOKEN: use at least 16 letters, digits and signs, without a space.")
    return value


def _log_format(value: str) -> str:
    if value not in FORMATS:
        raise SettingsError("LOG_FORMAT: must be plain or json.")
    return value


def _mail_from(value: str) -> str:
    try:
        Mailbox.parse(value)
    except ValueError as error:
        raise SettingsError(
            "MAIL_FROM: not an e-mail address, such as Followthrough <followthrough@example.com>."
        ) from error
    return value


def _mail_bounces_to(value: str) -> str:
    try:
        if value:
            Mailbox.parse(value.replace(MESSAGE_PLACE, "1"))
    except ValueError as error:
        raise SettingsError(
            "MAIL_BOUNCES_TO: not an e-mail address, such as bounces@example.com or bounces+{id}@example.com."
        ) from error
    return value
