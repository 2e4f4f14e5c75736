"""Mail into a folder: one `.eml` file a mail, whole or not at all, for people who have no mail server yet."""

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from tracker.clients.mail import MailError, OutgoingMail, compose

TIME_IN_NAME = "%Y%m%dT%H%M%S%fZ"
NAME = re.compile(r"(?P<sent_at>\d{8}T\d{12}Z)-(?P<digest>[0-9a-f]{20})")


@dataclass(frozen=True)
class OutboxMail:
    """A mail in the folder. `id` is its file's name without the ending, newest last when sorted."""

    id: str
    sent_at: datetime
    message_id: str
    from_: str
    to: str
    subject: str
    text: str
    html: str


class Outbox:
    """A `MailClient` that keeps the mails, readable by their owner alone: they hold sign-in links.

    A mail whose message id is already there is not written a second time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: OutgoingMail, *, now: datetime) -> None:
        content = compose(mail, now=now)
        digest = hashlib.sha256(mail.message_id.encode()).hexdigest()[:20]
        name = f"{now.astimezone(UTC).strftime(TIME_IN_NAME)}-{digest}.eml"
        try:
            self._make_folder()
            if not any(self._folder.glob(f"*-{digest}.eml")):
                _write_whole(self._folder / name, content)
        except OSError as error:
            raise MailError(_cannot_write(error), permanent=False) from error

    def check(self) -> list[str]:
        try:
            self._make_folder()
            with tempfile.TemporaryFile(dir=self._folder):
                return []
        except OSError as error:
            return [_cannot_write(error)]

    def mails(self, *, limit: int = 100) -> list[OutboxMail]:
        """The newest mails first, `limit` at most."""
        ids = sorted((path.stem for path in self._folder.glob("*.eml") if NAME.fullmatch(path.stem)), reverse=True)
        return [self._read(mail_id) for mail_id in ids[:limit]]

    def find(self, mail_id: str) -> OutboxMail | None:
        """The mail of that id; `None` for an id that never was, whatever it looks like."""
        if not NAME.fullmatch(mail_id) or not self._path(mail_id).is_file():
            return None
        return self._read(mail_id)

    def _path(self, mail_id: str) -> Path:
        return self._folder / f"{mail_id}.eml"

    def _make_folder(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _read(self, mail_id: str) -> OutboxMail:
        with self._path(mail_id).open("rb") as file:
            message = BytesParser(EmailMessage, policy=policy.default).parse(file)
        return OutboxMail(
            id=mail_id,
            sent_at=_sent_at(mail_id),
            message_id=str(message["Message-ID"] or ""),
            from_=str(message["From"] or ""),
            to=str(message["To"] or ""),
            subject=str(message["Subject"] or ""),
            text=_part(message, subtype="plain"),
            html=_part(message, subtype="html"),
        )


def _sent_at(mail_id: str) -> datetime:
    return datetime.strptime(mail_id.partition("-")[0], TIME_IN_NAME).replace(tzinfo=UTC)


def _part(message: EmailMessage, *, subtype: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{subtype}" and isinstance(part, EmailMessage):
            return str(part.get_content())
    return ""


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside, flush to disk, then rename: a reader never sees half a mail, a crash never leaves one."""
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).rename(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cannot_write(error: OSError) -> str:
    return f"Mails cannot be written to the outbox folder: {(error.strerror or str(error)).lower()}."
