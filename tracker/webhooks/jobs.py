"""Sending what webhooks are to be told: taken in one transaction, sent with none open, recorded in another."""

import json
from dataclasses import dataclass
from datetime import datetime

from tracker import clock
from tracker.clients.failures import ClientError
from tracker.clients.hook_post import HookRefused, post_hook
from tracker.db import transaction
from tracker.queue import Job
from tracker.webhooks import operations
from tracker.webhooks.payloads import payload
from tracker.webhooks.signing import headers
from tracker.wiring import settings, wiring

MOST_AT_ONCE = 200
"""Posts of one round; the next one follows within a minute."""


@dataclass(frozen=True)
class Ready:
    """A post whose words may leave."""

    post_id: int
    attempt: int
    url: str
    body: bytes
    headers: dict[str, str]


def deliver_due(now: datetime) -> None:
    """Send every post that is due. The clock is read for each: a round may outlast a lease."""
    for _ in range(MOST_AT_ONCE):
        with transaction():
            ready, has_more = _take(now=clock.utcnow())
        if ready is not None:
            _send(ready)
        if not has_more:
            break
    with transaction():
        operations.forget_old(now=now)


def _take(*, now: datetime) -> tuple[Ready | None, bool]:
    """The next post, unless it may not leave; and whether there was one."""
    post = operations.claim_post(now=now)
    if post is None:
        return None, False
    if post.webhook.events and post.event.value not in (*post.webhook.events, "test"):
        operations.skip(post, "This webhook does not want it.", now=now)
        return None, True
    words = payload(post, base_url=settings().base_url)
    if words is None:
        operations.skip(post, operations.MAY_NOT_LEAVE, now=now)
        return None, True
    body = json.dumps(words, ensure_ascii=False).encode()
    secret = wiring().vault.open(post.webhook.sealed_secret)
    signed = headers(body, secret=secret, number=f"msg_{post.id}", now=now)
    return Ready(post.id, post.attempts, post.webhook.url, body, signed), True


def _send(ready: Ready) -> None:
    status, error = None, ""
    try:
        status = post_hook(ready.url, body=ready.body, headers=ready.headers, allowed_hosts=settings().tracker_hosts)
    except HookRefused as refusal:
        status, error = refusal.status, refusal.message
    except ClientError as failure:
        error = failure.message
    with transaction():
        operations.record(ready.post_id, attempt=ready.attempt, status=status, error=error, now=clock.utcnow())


JOBS: tuple[Job, ...] = (Job("webhooks.deliver", deliver_due, minutes=1),)
"""The background jobs of this feature."""
