"""Keep the chat channels: where they lead stays sealed, and every change is audited."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker import audit
from tracker.clients.chat import ChatAddressError, ChatClient
from tracker.db import session
from tracker.errors import NotFoundError, RuleError, StaleWriteError
from tracker.models import Channel, MessageKind, Person, Team
from tracker.security import Vault


@dataclass(frozen=True)
class ChannelDraft:
    name: str
    address: str
    """Empty: the stored one stays."""
    team_id: int | None
    kinds: tuple[MessageKind, ...]


@dataclass(frozen=True)
class Leads:
    """Where a new address leads, asked before the transaction."""

    service: str
    address: str


def checked(address: str, *, chat: ChatClient) -> Leads | None:
    """Where an address leads; ``None`` for an empty one. Looks up the host, so call it with no transaction open.

    Raises:
        RuleError: we cannot or may not write there.
    """
    if not address:
        return None
    try:
        return Leads(chat.check(address), address)
    except ChatAddressError as error:
        raise RuleError(str(error)) from error


def channels() -> list[Channel]:
    return list(session.scalars(select(Channel).order_by(Channel.name)))


def get_channel(channel_id: int) -> Channel:
    channel = session.get(Channel, channel_id)
    if channel is None:
        raise NotFoundError("There is no such channel.")
    return channel


def add_channel(draft: ChannelDraft, *, leads: Leads, vault: Vault, by: Person, now: datetime) -> Channel:
    _refuse_same_name(draft.name, own_id=None)
    channel = Channel(created_at=now, service=leads.service, sealed_address=vault.seal(leads.address))
    _write(channel, draft)
    session.add(channel)
    session.flush()
    audit.note("add_channel", draft.name, by=by, now=now, kind=leads.service)
    return channel


def edit_channel(
    channel: Channel,
    draft: ChannelDraft,
    *,
    leads: Leads | None,
    version: int,
    vault: Vault,
    by: Person,
    now: datetime,
) -> None:
    """Change what it gets, and where it leads if there is a new address.

    Raises:
        StaleWriteError: somebody changed it since the page was opened, and the two differ; nothing is written.
    """
    if version != channel.version and _told(draft) != _told(channel):
        raise StaleWriteError(_told(draft), _told(channel), their_version=channel.version)
    _refuse_same_name(draft.name, own_id=channel.id)
    _write(channel, draft)
    if leads is not None:
        channel.service, channel.sealed_address = leads.service, vault.seal(leads.address)
    audit.note("edit_channel", draft.name, by=by, now=now, **({"new_address": True} if leads else {}))


def switch_channel(channel: Channel, *, to_active: bool, by: Person, now: datetime) -> None:
    """What waits for a channel that is off is skipped, with that reason."""
    channel.is_active = to_active
    audit.note("switch_on_channel" if to_active else "switch_off_channel", channel.name, by=by, now=now)


def remove_channel(channel: Channel, *, by: Person, now: datetime) -> None:
    """Forget its address, and what it was told."""
    audit.note("remove_channel", channel.name, by=by, now=now)
    session.delete(channel)


def _write(channel: Channel, draft: ChannelDraft) -> None:
    channel.name = draft.name
    channel.team_id = draft.team_id
    channel.kinds = [kind.value for kind in draft.kinds]


def _told(source: Channel | ChannelDraft) -> str:
    team = session.get(Team, source.team_id) if source.team_id else None
    kinds = ", ".join(sorted(str(kind) for kind in source.kinds))
    return f"Name: {source.name}\nIt is told of: {team.name if team else 'all teams'}\nWhat it gets: {kinds}"


def _refuse_same_name(name: str, *, own_id: int | None) -> None:
    for other in channels():
        if other.name.casefold() == name.casefold() and other.id != own_id:
            raise RuleError(f"There is a channel {other.name} already. Choose another name.")
