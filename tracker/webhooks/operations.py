"""Webhooks of ours: made, changed, switched off; and each post taken, sent once it may leave, and tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import joinedload

from tracker import audit
from tracker.db import session
from tracker.errors import RuleError, StaleWriteError
from tracker.models import HookEvent, Person, PostState, Webhook, WebhookPost
from tracker.security import Vault
from tracker.webhooks.signing import new_secret

LEASE = timedelta(minutes=5)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600, 840, 1200))
"""How long to wait after each failure; about two days in all, as Standard Webhooks advises."""
KEPT = timedelta(days=30)
GONE = 410
MAY_NOT_LEAVE = "It is about something private, a drill, or something that is gone: it stays here."


@dataclass(frozen=True)
class WebhookDraft:
    name: str
    url: str
    events: tuple[HookEvent, ...]


def make_webhook(draft: WebhookDraft, *, vault: Vault, by: Person, now: datetime) -> tuple[Webhook, str]:
    """A new webhook, and its secret in the clear for this once."""
    secret = new_secret()
    row = Webhook(name=draft.name, url=draft.url, events=list(draft.events), created_at=now, is_active=True)
    row.sealed_secret = vault.seal(secret)
    session.add(row)
    session.flush()
    audit.note("make_outgoing_webhook", draft.name, by=by, now=now, url=draft.url)
    return row, secret


def edit_webhook(row: Webhook, draft: WebhookDraft, *, version: int, by: Person, now: datetime) -> None:
    """Change where it leads and what it is told.

    Raises:
        StaleWriteError: somebody changed it since the page was opened, and the two differ; nothing is written.
    """
    if version != row.version and _told(draft) != _told(row):
        raise StaleWriteError(_told(draft), _told(row), their_version=row.version)
    row.name, row.url, row.events = draft.name, draft.url, list(draft.events)
    audit.note("edit_outgoing_webhook", draft.name, by=by, now=now, url=draft.url)


def _told(source: Webhook | WebhookDraft) -> str:
    events = ", ".join(sorted(str(event) for event in source.events)) or "everything"
    return f"Name: {source.name}\nAddress: {source.url}\nTold of: {events}"


def renew_secret(row: Webhook, *, vault: Vault, by: Person, now: datetime) -> str:
    """Another secret, in the clear for this once; what is sent from now on is signed with it."""
    secret = new_secret()
    row.sealed_secret = vault.seal(secret)
    audit.note("renew_webhook_secret", row.name, by=by, now=now)
    return secret


def switch_on(row: Webhook, *, by: Person, now: datetime) -> None:
    row.is_active = True
    audit.note("switch_on_webhook", row.name, by=by, now=now)


def switch_off(row: Webhook, *, by: Person | None, now: datetime) -> None:
    """Nothing more is written for it, and what waits is not sent."""
    row.is_active = False
    audit.note("switch_off_webhook", row.name, by=by, now=now)


def remove_webhook(row: Webhook, *, by: Person, now: datetime) -> None:
    session.execute(delete(WebhookPost).where(WebhookPost.webhook_id == row.id))
    session.delete(row)
    audit.note("remove_outgoing_webhook", row.name, by=by, now=now)


def ask_for_test(row: Webhook, *, now: datetime) -> None:
    session.add(WebhookPost(webhook_id=row.id, event=HookEvent.TEST, row_id=0, at=now, run_after=now))


def send_again(post: WebhookPost, *, now: datetime) -> None:
    """Try a post once more that failed for good.

    Raises:
        RuleError: it did not fail.
    """
    if post.state is not PostState.FAILED:
        raise RuleError(f"That one is {post.state.value}; only what failed can be sent again.")
    post.state, post.attempts, post.run_after, post.ended_at = PostState.PENDING, 0, now, None


def claim_post(*, now: datetime) -> WebhookPost | None:
    """The next post that is due, now ours until the lease ends; ``None`` when nothing is due."""
    is_due = and_(WebhookPost.state == PostState.PENDING, WebhookPost.run_after <= now)
    is_left_behind = and_(WebhookPost.state == PostState.SENDING, WebhookPost.lease_until < now)
    post = session.scalar(
        select(WebhookPost)
        .join(Webhook)
        .where(or_(is_due, is_left_behind), Webhook.is_active)
        .order_by(WebhookPost.run_after, WebhookPost.id)
        .limit(1)
        .options(joinedload(WebhookPost.webhook))
        .with_for_update(skip_locked=True, of=WebhookPost)
    )
    if post is not None:
        post.state, post.lease_until, post.attempts = PostState.SENDING, now + LEASE, post.attempts + 1
    return post


def skip(post: WebhookPost, reason: str, *, now: datetime) -> None:
    post.state, post.last_error, post.ended_at = PostState.SKIPPED, reason, now


def record(post_id: int, *, attempt: int, status: int | None, error: str, now: datetime) -> None:
    """Keep what came of an attempt, unless another worker has it by now. 410, gone for good, switches it off."""
    post = session.get(WebhookPost, post_id)
    if post is None or post.state is not PostState.SENDING or post.attempts != attempt:
        return
    post.status, post.last_error, post.lease_until = status, error[:300], None
    if not error:
        post.state, post.ended_at = PostState.SENT, now
    elif status == GONE:
        post.state, post.ended_at = PostState.FAILED, now
        switch_off(post.webhook, by=None, now=now)
    else:
        _try_later(post, now=now)
        if status is None:
            _put_off_the_others(post, now=now)


def _try_later(post: WebhookPost, *, now: datetime) -> None:
    """After the pause that follows this attempt; after the last one, not again."""
    if post.attempts > len(PAUSES):
        post.state, post.ended_at = PostState.FAILED, now
    else:
        post.state, post.run_after = PostState.PENDING, now + PAUSES[post.attempts - 1]


def _put_off_the_others(silent: WebhookPost, *, now: datetime) -> None:
    """Where nothing answered, one wait counts as a try of all that is due there: other webhooks need not wait too."""
    due = select(WebhookPost).where(
        WebhookPost.webhook_id == silent.webhook_id,
        WebhookPost.state == PostState.PENDING,
        WebhookPost.run_after <= now,
        WebhookPost.id != silent.id,
    )
    for post in session.scalars(due.order_by(WebhookPost.id).with_for_update(skip_locked=True)).all():
        post.status, post.last_error, post.attempts = None, silent.last_error, post.attempts + 1
        _try_later(post, now=now)


def forget_old(*, now: datetime) -> None:
    session.execute(delete(WebhookPost).where(WebhookPost.ended_at < now - KEPT))
