"""A mail that would be dangerous or broken cannot be made."""

import dataclasses

import pytest

from tracker.clients.mail import Mailbox, OutgoingMail

LINE_BREAKS = ["\n", "\r", "\r\n", "\x00", "\x0b", "\x85", "\u2028"]


@pytest.mark.parametrize("line_break", LINE_BREAKS)
@pytest.mark.parametrize(
    "change",
    [
        lambda b: {"subject": f"Hello{b}Bcc: everyone@example.org"},
        lambda b: {"to": Mailbox("bo@example.org", f"Bo{b}Bcc: everyone@example.org")},
        lambda b: {"to": Mailbox(f"bo@example.org{b}Bcc: everyone@example.org")},
        lambda b: {"message_id": f"<a@b>{b}Bcc: everyone@example.org"},
        lambda b: {"headers": {"References": f"<a@b>{b}Bcc: everyone@example.org"}},
        lambda b: {"headers": {"X-Kind": f"alert{b}Bcc: everyone@example.org"}},
        lambda b: {"headers": {f"X-Kind{b}Bcc": "everyone@example.org"}},
    ],
)
def test_a_header_never_holds_a_line_break(mail: OutgoingMail, change: object, line_break: str) -> None:
    with pytest.raises(ValueError, match=r"Line breaks|message id looks|header's name|not an e-mail"):
        dataclasses.replace(mail, **change(line_break))  # type: ignore[operator]


@pytest.mark.parametrize("name", ["To", "bcc", "Date", "Content-Type"])
def test_headers_cannot_replace_the_fields_of_a_mail(mail: OutgoingMail, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be given among its headers"):
        dataclasses.replace(mail, headers={name: "x"})


@pytest.mark.parametrize(
    "address", ["", "bo", "@example.org", "bo@", "bo @example.org", "a@b@c", "bo@ex,ample", "<bo@x>"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        Mailbox(address)


@pytest.mark.parametrize("domain", ["a..b", "ü" * 70, "-\u0130" + "x" * 80])
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(ValueError, match="not a domain"):
        Mailbox(f"bo@{domain}")


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Followthrough <followthrough@localhost>", "Followthrough", "followthrough@localhost"),
        ("ana@example.org", "", "ana@example.org"),
        ('"Ops, night" <ops@bücher.example>', "Ops, night", "ops@xn--bcher-kva.example"),
    ],
)
def test_a_written_address_is_read(text: str, name: str, address: str) -> None:
    assert Mailbox.parse(text) == Mailbox(address, name)


@pytest.mark.parametrize("text", ["", "Followthrough", "Ana <ana>", "a@b, c@d"])
def test_a_written_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        Mailbox.parse(text)
