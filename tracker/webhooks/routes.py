"""Webhooks of ours: the list, one with what was sent to it, and its buttons."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.clients.addresses import check_address
from tracker.clients.failures import ClientError
from tracker.db import transaction
from tracker.errors import RuleError, StaleWriteError
from tracker.forms import reshow
from tracker.models import PostState, Role
from tracker.pages import moved_on, page, viewer
from tracker.queue import wake
from tracker.security import allow
from tracker.sent_forms import sent_once
from tracker.webhooks import operations, queries
from tracker.webhooks.forms import IN_WORDS, ButtonForm, WebhookForm
from tracker.wiring import settings, wiring

blueprint = Blueprint("webhooks", __name__, url_prefix="/settings/webhooks")
MADE_BEFORE = "{} is there already, and its secret was shown. If you did not see it, make a new one."
"""What a second click is told: the secret stands in the first answer and nowhere else."""


@blueprint.get("")
@allow(Role.ADMIN)
def index(form: WebhookForm | None = None) -> str:
    return page(
        "webhooks/index.html",
        webhooks=queries.webhooks(),
        failed=queries.failed_by_webhook(),
        form=form or WebhookForm(formdata=None),
    )


@blueprint.post("")
@allow(Role.ADMIN)
@reshow(index)
def make() -> str:
    """Answers the page itself: the secret is shown once and stands in no address."""
    form = WebhookForm()
    form.check()
    draft = form.draft()
    _check(draft.url)
    with transaction():
        sent = sent_once(by=viewer(), now=clock.utcnow())
        row, secret = operations.make_webhook(draft, vault=wiring().vault, by=viewer(), now=clock.utcnow())
        sent.message, sent.to = MADE_BEFORE.format(row.name), url_for("webhooks.show", webhook_id=row.id)
    return _shown(row.id, secret=secret)


@blueprint.get("/<int(max=2147483647):webhook_id>")
@allow(Role.ADMIN)
def show(webhook_id: int, form: WebhookForm | None = None) -> str:
    return _shown(webhook_id, form=form if isinstance(form, WebhookForm) else None)


def _shown(
    webhook_id: int,
    *,
    form: WebhookForm | None = None,
    secret: str | None = None,
    clash: StaleWriteError | None = None,
) -> str:
    row = queries.get_webhook(webhook_id)
    return page(
        "webhooks/show.html",
        webhook=row,
        posts=queries.posts_to(row),
        form=form or WebhookForm(formdata=None, obj=row),
        secret=secret,
        clash=clash,
        words=IN_WORDS,
        FAILED=PostState.FAILED,
    )


@blueprint.post("/<int(max=2147483647):webhook_id>")
@allow(Role.ADMIN)
@reshow(show)
def edit(webhook_id: int) -> ResponseReturnValue:
    form = WebhookForm()
    form.check()
    draft = form.draft()
    _check(draft.url)
    version = form.version.data or 0
    try:
        with transaction():
            row = queries.get_webhook(webhook_id)
            operations.edit_webhook(row, draft, version=version, by=viewer(), now=clock.utcnow())
    except StaleWriteError as clash:
        form.version.raw_data, form.version.data = None, clash.their_version
        return _shown(webhook_id, form=form, clash=clash), 409
    return moved_on("Saved.", to=url_for("webhooks.show", webhook_id=webhook_id))


@blueprint.post("/<int(max=2147483647):webhook_id>/secret")
@allow(Role.ADMIN)
def renew_secret(webhook_id: int) -> str:
    """Answers the page itself: the secret is shown once and stands in no address."""
    ButtonForm().check()
    with transaction():
        row = queries.get_webhook(webhook_id)
        secret = operations.renew_secret(row, vault=wiring().vault, by=viewer(), now=clock.utcnow())
    return _shown(webhook_id, secret=secret)


@blueprint.post("/<int(max=2147483647):webhook_id>/switch")
@allow(Role.ADMIN)
def switch(webhook_id: int) -> ResponseReturnValue:
    """On when it is off, off when it is on."""
    ButtonForm().check()
    with transaction():
        row = queries.get_webhook(webhook_id)
        turn = operations.switch_off if row.is_active else operations.switch_on
        turn(row, by=viewer(), now=clock.utcnow())
    said = "is told again" if row.is_active else "is told nothing any more"
    return moved_on(f"{row.name} {said}.", to=url_for("webhooks.show", webhook_id=webhook_id))


@blueprint.post("/<int(max=2147483647):webhook_id>/remove")
@allow(Role.ADMIN)
def remove(webhook_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        row = queries.get_webhook(webhook_id)
        operations.remove_webhook(row, by=viewer(), now=clock.utcnow())
    return moved_on(f"{row.name} is removed.", to=url_for("webhooks.index"))


@blueprint.post("/<int(max=2147483647):webhook_id>/test")
@allow(Role.ADMIN)
def send_test(webhook_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        operations.ask_for_test(queries.get_webhook(webhook_id), now=clock.utcnow())
    wake("webhooks.deliver")
    return moved_on(
        "A test is on its way. Load this page again in a moment.", to=url_for("webhooks.show", webhook_id=webhook_id)
    )


@blueprint.post("/<int(max=2147483647):webhook_id>/posts/<int(max=2147483647):post_id>")
@allow(Role.ADMIN)
def send_again(webhook_id: int, post_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        operations.send_again(queries.get_post(post_id, webhook_id=webhook_id), now=clock.utcnow())
    wake("webhooks.deliver")
    return moved_on("It is on its way again.", to=url_for("webhooks.show", webhook_id=webhook_id))


def _check(url: str) -> None:
    """Whether we may go there at all; asked again at every connection."""
    try:
        check_address(url, allowed_hosts=settings().tracker_hosts)
    except ClientError as error:
        raise RuleError(error.message.replace("your tracker lives", "it lives")) from error
