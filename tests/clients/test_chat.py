"""Messages into chat channels: over real HTTP, once each, and nowhere but where we may go."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.servers.chat import ChatServer, running_chat
from tracker.clients.chat import AppriseClient, ChatAddressError, OutgoingPost
from tracker.clients.mail import DeliveryUnknown, MailError


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with running_chat() as server:
        yield server


def client(chat: ChatServer) -> AppriseClient:
    return AppriseClient(frozenset({chat.host}))


def post(chat: ChatServer) -> OutgoingPost:
    return OutgoingPost(chat.address, title="INC-2 looks like INC-1", text="- AI-1 Warm the cache <!channel>")


def test_a_message_arrives_once_as_it_was_written(chat: ChatServer) -> None:
    client(chat).send(post(chat))

    [text] = chat.texts
    assert text.split() == ["INC-2", "looks", "like", "INC-1", "-", "AI-1", "Warm", "the", "cache", "<!channel>"]


@pytest.mark.parametrize(
    ("status", "is_permanent", "wait"),
    [(404, True, None), (302, True, None), (429, False, timedelta(seconds=90)), (503, False, timedelta(seconds=90))],
)
def test_what_a_service_answers_decides_whether_it_is_tried_again(
    chat: ChatServer, status: int, is_permanent: bool, wait: timedelta | None
) -> None:
    chat.answers = [status]

    with pytest.raises(MailError) as caught:
        client(chat).send(post(chat))

    assert not isinstance(caught.value, DeliveryUnknown)
    assert (caught.value.permanent, caught.value.retry_after) == (is_permanent, wait)
    assert "3ccdd" not in str(caught.value)


@pytest.mark.parametrize("status", [0, 500])
def test_a_lost_answer_is_unknown_and_not_repeated_behind_our_back(chat: ChatServer, status: int) -> None:
    chat.answers = [status]

    with pytest.raises(DeliveryUnknown):
        client(chat).send(post(chat))

    assert len(chat.taken) == (status == 0)


def test_nothing_goes_into_this_machine_or_a_private_network(chat: ChatServer) -> None:
    outside = AppriseClient()

    with pytest.raises(ChatAddressError, match="TRACKER_HOSTS"):
        outside.check(chat.address)
    with pytest.raises(MailError, match="TRACKER_HOSTS") as caught:
        outside.send(post(chat))

    assert caught.value.permanent
    assert chat.taken == []


@pytest.mark.parametrize(
    "address",
    [
        *("mailto://ana:secret@example.com", "syslog://", "dbus://", "https://example.com/hook", "nonsense"),
        *("json://", "slack://too/short", "jsons://example.com/hook?verify=no", "jsons://example.com/x?redirect=yes"),
    ],
)
def test_an_address_that_is_none_of_ours_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(ChatAddressError) as caught:
        AppriseClient().check(address)

    assert "secret" not in str(caught.value)


def test_the_services_are_called_as_people_call_them() -> None:
    chat = AppriseClient()

    assert chat.check("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general") == "Slack"
    assert chat.check("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js") == "Discord"
