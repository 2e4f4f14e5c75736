"""The outbox: whole files, each mail once, readable again."""

import dataclasses
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tracker.clients.mail import MailError, OutgoingMail
from tracker.clients.outbox import Outbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "outbox"


def test_a_mail_is_read_back_as_it_was_written(folder: Path, mail: OutgoingMail, now: datetime) -> None:
    outbox = Outbox(folder)
    outbox.send(mail, now=now)

    (kept,) = outbox.mails()

    assert outbox.find(kept.id) == kept
    assert (kept.message_id, kept.sent_at) == (mail.message_id, now)
    assert (kept.to, kept.subject) == ("Bo Núñez <bo@example.org>", mail.subject)
    assert kept.text.replace("\r\n", "\n") == mail.text
    assert kept.html.replace("\r\n", "\n") == mail.html


def test_a_repeat_is_recognised_by_its_message_id(folder: Path, mail: OutgoingMail, now: datetime) -> None:
    outbox = Outbox(folder)
    outbox.send(mail, now=now)
    outbox.send(mail, now=now + timedelta(hours=1))

    assert [kept.sent_at for kept in outbox.mails()] == [now]


def test_the_newest_come_first_and_no_more_than_asked_for(folder: Path, mail: OutgoingMail, now: datetime) -> None:
    outbox = Outbox(folder)
    for number in (2, 0, 3, 1):
        numbered = dataclasses.replace(mail, message_id=f"<{number}@example.org>", subject=str(number))
        outbox.send(numbered, now=now + timedelta(seconds=number))

    assert [kept.subject for kept in outbox.mails(limit=3)] == ["3", "2", "1"]


def test_only_the_owner_may_read(folder: Path, mail: OutgoingMail, now: datetime) -> None:
    Outbox(folder).send(mail, now=now)

    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_other_files_are_not_taken_for_mails(folder: Path, mail: OutgoingMail, now: datetime) -> None:
    outbox = Outbox(folder)
    outbox.send(mail, now=now)
    (folder / "notes.eml").write_text("Subject: mine")
    (folder / ".half.part").write_bytes(b"Subject: ha")

    assert len(outbox.mails()) == 1


@pytest.mark.parametrize("mail_id", ["", "..", "../../etc/passwd", "20261123T093015250000Z-" + "0" * 20, "a/b", "\x00"])
def test_an_id_that_never_was_finds_nothing(folder: Path, mail_id: str) -> None:
    assert Outbox(folder).find(mail_id) is None


def test_an_id_cannot_lead_out_of_the_folder(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder.parent / "secret.eml").write_text("Subject: secret")

    assert Outbox(folder).find("../secret") is None


def test_an_outbox_that_is_not_there_yet_is_empty(folder: Path) -> None:
    assert Outbox(folder).mails() == []


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_left(
    folder: Path, mail: OutgoingMail, now: datetime
) -> None:
    folder.parent.mkdir()
    folder.write_text("a file where the folder should be")

    with pytest.raises(MailError, match="cannot be written to the outbox folder: file exists") as caught:
        Outbox(folder).send(mail, now=now)

    assert not caught.value.permanent
    assert Outbox(folder).check() == [str(caught.value)]


def test_a_write_that_breaks_leaves_no_half_mail(
    folder: Path, mail: OutgoingMail, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(MailError, match="no space left"):
        Outbox(folder).send(mail, now=now)

    assert list(folder.iterdir()) == []
