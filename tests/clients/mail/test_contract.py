"""What every mail client does, over real SMTP in all its forms and into the outbox."""

import dataclasses
from datetime import datetime

from tests.clients.mail.conftest import Post
from tracker.clients.mail import Mailbox, OutgoingMail


def part(message: object, kind: str) -> str:
    body = message.get_body((kind,))  # type: ignore[attr-defined]
    return str(body.get_content())


def test_a_mail_arrives_whole(post: Post, mail: OutgoingMail, now: datetime) -> None:
    post.client.send(mail, now=now)

    (arrived,) = post.delivered()
    assert arrived["Subject"] == mail.subject
    assert arrived["To"] == "Bo Núñez <bo@example.org>"
    assert arrived["From"] == "Followthrough <followthrough@example.org>"
    assert part(arrived, "plain").replace("\r\n", "\n") == mail.text
    assert part(arrived, "html").replace("\r\n", "\n") == mail.html
    assert arrived.get_content_type() == "multipart/alternative"


def test_the_message_id_and_the_date_are_those_given(post: Post, mail: OutgoingMail, now: datetime) -> None:
    post.client.send(mail, now=now)

    (arrived,) = post.delivered()
    assert arrived["Message-ID"] == mail.message_id
    assert arrived["Date"].datetime == now.replace(microsecond=0)


def test_long_links_and_threads_arrive_unbroken(post: Post, mail: OutgoingMail, now: datetime) -> None:
    link = f"<https://followthrough.example.org/unsubscribe/{'x' * 300}>"
    thread = " ".join(f"<incident-{number}.{'y' * 60}@followthrough.example.org>" for number in range(20))
    headers = {"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "References": thread}

    post.client.send(dataclasses.replace(mail, headers=headers, reply_to=Mailbox("ana@example.org")), now=now)

    (arrived,) = post.delivered()
    assert arrived["List-Unsubscribe"] == link
    assert arrived["References"].split() == thread.split()
    assert arrived["Reply-To"] == "ana@example.org"


def test_programs_that_answer_mails_are_told_not_to(post: Post, mail: OutgoingMail, now: datetime) -> None:
    post.client.send(mail, now=now)

    (arrived,) = post.delivered()
    assert arrived["Auto-Submitted"] == "auto-generated"


def test_two_mails_arrive_as_two(post: Post, mail: OutgoingMail, now: datetime) -> None:
    post.client.send(mail, now=now)
    post.client.send(dataclasses.replace(mail, message_id="<other@example.org>"), now=now)

    assert sorted(message["Message-ID"] for message in post.delivered()) == sorted(
        [mail.message_id, "<other@example.org>"]
    )


def test_a_check_of_what_works_finds_nothing_and_sends_nothing(post: Post) -> None:
    assert post.client.check() == []
    assert post.delivered() == []
