"""The chat channels: where they are, what each gets, and whether a message arrives."""

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock
from tracker.clients.chat import OutgoingPost
from tracker.clients.mail import MailError
from tracker.db import session, transaction
from tracker.errors import RuleError, StaleWriteError
from tracker.forms import Form, reshow
from tracker.mailing import channel_operations as operations
from tracker.mailing.channel_forms import KIND_NAMES, ChannelForm, EditChannelForm
from tracker.models import Role, Team
from tracker.pages import moved_on, page, viewer
from tracker.security import allow
from tracker.sent_forms import sent_once
from tracker.wiring import settings, wiring

channel_blueprint = Blueprint("channels", __name__, url_prefix="/settings/chat")
TEST = OutgoingPost("", title="A test from Followthrough", text="If you can read it, messages reach this channel.")


class ButtonForm(Form):
    """A button without fields: only the token is checked."""


@channel_blueprint.get("")
@allow(Role.ADMIN)
def index() -> str:
    return page("mailing/channels.html", channels=operations.channels(), kind_names=KIND_NAMES)


@channel_blueprint.get("/new")
@allow(Role.ADMIN)
def new(form: EditChannelForm | None = None) -> str:
    return page("mailing/channel.html", form=form or ChannelForm().offer(_teams()), channel=None)


@channel_blueprint.post("/new")
@allow(Role.ADMIN)
@reshow(new)
def add() -> ResponseReturnValue:
    form = ChannelForm().offer(_teams())
    form.check()
    draft = form.draft()
    leads = operations.checked(draft.address, chat=wiring().chat)
    if leads is None:
        raise RuleError("Enter the address that the chat service gave you.")
    with transaction():
        now = clock.utcnow()
        sent = sent_once(by=viewer(), now=now)
        channel = operations.add_channel(draft, leads=leads, vault=wiring().vault, by=viewer(), now=now)
        sent.message, sent.to = f"{channel.name} is connected. Send it a test.", url_for("channels.index")
    return moved_on(sent.message, to=sent.to)


@channel_blueprint.get("/<int:channel_id>/edit")
@allow(Role.ADMIN)
def edit(channel_id: int, form: EditChannelForm | None = None, clash: StaleWriteError | None = None) -> str:
    channel = operations.get_channel(channel_id)
    form = form or EditChannelForm(formdata=None).offer(_teams()).show(channel)
    return page("mailing/channel.html", form=form, channel=channel, clash=clash)


@channel_blueprint.post("/<int:channel_id>/edit")
@allow(Role.ADMIN)
@reshow(edit)
def save(channel_id: int) -> ResponseReturnValue:
    form = EditChannelForm().offer(_teams())
    form.check()
    draft, version = form.draft(), form.version.data or 0
    leads = operations.checked(draft.address, chat=wiring().chat)
    try:
        with transaction():
            channel = operations.get_channel(channel_id)
            operations.edit_channel(
                channel,
                draft,
                leads=leads,
                version=version,
                vault=wiring().vault,
                by=viewer(),
                now=clock.utcnow(),
            )
    except StaleWriteError as clash:
        form.version.raw_data, form.version.data = None, clash.their_version
        return edit(channel_id, form=form, clash=clash), 409
    return moved_on(f"Saved {draft.name}.", to=url_for("channels.index"))


@channel_blueprint.post("/<int:channel_id>/test")
@allow(Role.ADMIN)
def send_test(channel_id: int) -> ResponseReturnValue:
    """Write to it at once, with no transaction open."""
    ButtonForm().check()
    channel = operations.get_channel(channel_id)
    name, address = channel.name, wiring().vault.open(channel.sealed_address)
    session.rollback()
    try:
        wiring().chat.send(OutgoingPost(address, title=TEST.title, text=f"{TEST.text} {settings().base_url}"))
    except MailError as error:
        flash(str(error), "error")
        return moved_on("", to=url_for("channels.index"))
    return moved_on(f"{name} took the test. Look whether it is there.", to=url_for("channels.index"))


@channel_blueprint.post("/<int:channel_id>/off")
@allow(Role.ADMIN)
def switch_off(channel_id: int) -> ResponseReturnValue:
    return _switch(channel_id, to_active=False)


@channel_blueprint.post("/<int:channel_id>/on")
@allow(Role.ADMIN)
def switch_on(channel_id: int) -> ResponseReturnValue:
    return _switch(channel_id, to_active=True)


def _switch(channel_id: int, *, to_active: bool) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        channel = operations.get_channel(channel_id)
        operations.switch_channel(channel, to_active=to_active, by=viewer(), now=clock.utcnow())
        name = channel.name
    return moved_on(f"{name} is {'on' if to_active else 'off'}.", to=url_for("channels.index"))


@channel_blueprint.post("/<int:channel_id>/remove")
@allow(Role.ADMIN)
def remove(channel_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        channel = operations.get_channel(channel_id)
        name = channel.name
        operations.remove_channel(channel, by=viewer(), now=clock.utcnow())
    return moved_on(f"{name} is removed.", to=url_for("channels.index"))


def _teams() -> list[Team]:
    return list(session.scalars(select(Team).order_by(Team.name)))
