"""From the setting MAIL_URL to a mail client, or to one sentence that says what is wrong with it.

No sentence repeats a part of the address other than its scheme and host: the rest may be a password.
"""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from tracker.clients.mail import MailClient, MailSettingError
from tracker.clients.outbox import Outbox
from tracker.clients.smtp import Encryption, SmtpClient, SmtpServer

PORTS = {Encryption.NONE: 25, Encryption.STARTTLS: 587, Encryption.TLS: 465}
OPTIONS = ("starttls", "verify", "timeout")
LONGEST_TIMEOUT = 300.0
EXAMPLES = "outbox:, smtp://user:password@host:587?starttls=1 or smtps://user:password@host"


def mail_client(mail_url: str, *, outbox: Path) -> MailClient:
    """The client that MAIL_URL names; `outbox` is the folder for `outbox:`. Raises MailSettingError."""
    if mail_url.strip() == "outbox:":
        return Outbox(outbox)
    return SmtpClient(smtp_server(mail_url.strip()))


def smtp_server(mail_url: str) -> SmtpServer:
    """Read `smtp://user:password@host:port?starttls=1&verify=1&timeout=30` (or `smtps://`).

    `verify=0` is for loopback hosts only, and so is a password without encryption.
    """
    parts = _split(mail_url)
    options = _options(parts)
    host = parts.hostname or ""
    encryption = _encryption(parts, options=options)
    server = SmtpServer(
        host=host,
        port=_port(parts) or PORTS[encryption],
        encryption=encryption,
        user=_decoded(parts.username),
        password=_decoded(parts.password),
        verifies=_switch(options, "verify", default="1"),
        timeout=_timeout(options),
    )
    _refuse_unsafe(server)
    return server


def _split(mail_url: str) -> SplitResult:
    try:
        parts = urlsplit(mail_url)
        scheme, host = parts.scheme, parts.hostname
    except ValueError:
        raise MailSettingError(f"MAIL_URL is not an address. Write {EXAMPLES}.") from None
    if scheme not in ("smtp", "smtps"):
        raise MailSettingError(f"MAIL_URL does not start with a kind of mail we know. Write {EXAMPLES}.")
    if not host:
        raise MailSettingError("MAIL_URL names no mail server. Write it like smtp://mail.example.org:25.")
    if parts.path not in ("", "/") or parts.fragment:
        raise MailSettingError(
            "MAIL_URL has something after the server's name that we do not understand. If it is part of the "
            "password, write / as %2F, # as %23, ? as %3F and @ as %40."
        )
    return parts


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise MailSettingError(
            "The port in MAIL_URL is not a number from 1 to 65535. If the password holds / # ? or @, "
            "write them as %2F %23 %3F %40."
        )
    return port


def _options(parts: SplitResult) -> dict[str, str]:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    options = dict(pairs)
    if len(options) < len(pairs) or not set(options) <= set(OPTIONS):
        raise MailSettingError("MAIL_URL takes the options starttls, verify and timeout, each once, and no other.")
    return options


def _encryption(parts: SplitResult, *, options: dict[str, str]) -> Encryption:
    wants_starttls = _switch(options, "starttls", default="0")
    if parts.scheme == "smtps":
        if wants_starttls:
            raise MailSettingError("MAIL_URL asks for smtps:// and starttls=1 at once: choose one of them.")
        return Encryption.TLS
    return Encryption.STARTTLS if wants_starttls else Encryption.NONE


def _switch(options: dict[str, str], name: str, *, default: str) -> bool:
    value = options.get(name, default)
    if value not in ("0", "1"):
        raise MailSettingError(f"The option {name} in MAIL_URL is 0 or 1.")
    return value == "1"


def _timeout(options: dict[str, str]) -> float:
    try:
        timeout = float(options.get("timeout", "30"))
    except ValueError:
        timeout = 0.0
    if not 0 < timeout <= LONGEST_TIMEOUT:
        raise MailSettingError(f"The option timeout in MAIL_URL is a number of seconds, {LONGEST_TIMEOUT:.0f} at most.")
    return timeout


def _decoded(text: str | None) -> str:
    decoded = unquote(text or "")
    if not decoded.isascii() or (decoded and not decoded.isprintable()):
        raise MailSettingError(
            "The user name or password in MAIL_URL holds a line break or a letter beyond ASCII, which SMTP cannot send."
        )
    return decoded


def _refuse_unsafe(server: SmtpServer) -> None:
    if bool(server.user) != bool(server.password):
        raise MailSettingError("MAIL_URL has a user name or a password, but not both.")
    if _is_loopback(server.host):
        return
    if not server.verifies:
        raise MailSettingError(
            "verify=0 in MAIL_URL is for mail servers on this machine only. "
            "For a private certificate authority set SSL_CERT_FILE instead."
        )
    if server.password and server.encryption is Encryption.NONE:
        raise MailSettingError(
            "MAIL_URL would send the password unprotected: add ?starttls=1 or write smtps:// instead of smtp://."
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False  # a name, and only localhost is sure to be this machine
