"""Reads of webhooks and of what was sent to them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import PostState, Webhook, WebhookPost

SHOWN = 100


def webhooks() -> Sequence[Webhook]:
    return session.scalars(select(Webhook).order_by(Webhook.is_active.desc(), Webhook.name, Webhook.id)).all()


def failed_by_webhook() -> Mapping[int, int]:
    """How many posts failed for good, by the number of the webhook."""
    counted = select(WebhookPost.webhook_id, func.count()).where(WebhookPost.state == PostState.FAILED)
    return {row[0]: row[1] for row in session.execute(counted.group_by(WebhookPost.webhook_id))}


def get_webhook(webhook_id: int) -> Webhook:
    """Raises: NotFoundError: there is none with this number."""
    found = session.get(Webhook, webhook_id)
    if found is None:
        raise NotFoundError("There is no such webhook. Look in the list of webhooks.")
    return found


def get_post(post_id: int, *, webhook_id: int) -> WebhookPost:
    """Raises: NotFoundError: this webhook was sent no such thing."""
    found = session.get(WebhookPost, post_id)
    if found is None or found.webhook_id != webhook_id:
        raise NotFoundError("There is no such delivery. It may be older than 30 days.")
    return found


def posts_to(webhook: Webhook) -> Sequence[WebhookPost]:
    """What was written for it, newest first."""
    newest = select(WebhookPost).where(WebhookPost.webhook_id == webhook.id).order_by(WebhookPost.id.desc())
    return session.scalars(newest.limit(SHOWN)).all()
