"""Webhooks: the addresses that trackers send to, and the page on which an administrator sets one up.

A delivery is believed in one thing: that a ticket may have changed. It is read again by the worker.
"""

from collections.abc import Callable

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.clients.failures import StrangeAnswer
from tracker.db import session, transaction
from tracker.models import Role, Tracker, TrackerHook, TrackerKind
from tracker.pages import moved_on, page, viewer
from tracker.queue import wake
from tracker.security import allow, own_check
from tracker.sessions import csrf, limiter
from tracker.sync import queries
from tracker.sync.blueprint import blueprint
from tracker.sync.forms import ButtonForm
from tracker.sync.hooks import operations as hook_operations
from tracker.sync.hooks import queries as hook_queries
from tracker.sync.hooks.reading import LARGEST, Told, fingerprint, github_told, is_signed, jira_told
from tracker.wiring import settings, wiring

DELIVERIES = "1200 per minute"
"""From one address: a busy organisation tells of hundreds."""
WRONG_TRIES = "30 per minute"
NOBODY = "no webhook has this secret, but checking it takes as long"
UNKNOWN = "We do not know this webhook. Check its address and its secret in Settings, Trackers."
NOT_JSON = "Set the webhook's content type to application/json."
NOT_UNDERSTOOD = "We do not understand this delivery."


def was_refused(response: object) -> bool:
    return getattr(response, "status_code", 0) == 403


@blueprint.post("/hooks/github/<slug>")
@own_check
@limiter.limit(DELIVERIES)
@limiter.limit(WRONG_TRIES, deduct_when=was_refused)
def github_hook(slug: str) -> ResponseReturnValue:
    signature = request.headers.get("X-Hub-Signature-256", "")
    return _take(slug, kind=TrackerKind.GITHUB, signature=signature, read=github_told)


@blueprint.post("/hooks/jira/<slug>")
@own_check
@limiter.limit(DELIVERIES)
@limiter.limit(WRONG_TRIES, deduct_when=was_refused)
def jira_hook(slug: str) -> ResponseReturnValue:
    signature = request.headers.get("X-Hub-Signature", "")
    return _take(slug, kind=TrackerKind.JIRA, signature=signature, read=jira_told)


for program in (github_hook, jira_hook):
    csrf.exempt(program)  # their senders have no page of ours, and prove themselves by a signature


def _take(slug: str, *, kind: TrackerKind, signature: str, read: Callable[[bytes], Told | None]) -> ResponseReturnValue:
    request.max_content_length = LARGEST
    body = request.get_data(cache=False)
    hook = hook_queries.find_hook(slug, kind=kind)
    secret = wiring().vault.open(hook.sealed_secret) if hook else NOBODY
    if not is_signed(body, signature, secret=secret) or hook is None:
        with transaction():
            hook_operations.note_refusal(slug, now=clock.utcnow())
        return _said(UNKNOWN, 403)
    if not request.is_json:
        return _said(NOT_JSON, 415)
    try:
        told = read(body)
    except StrangeAnswer:
        return _said(NOT_UNDERSTOOD, 400)
    with transaction():
        row = session.get(TrackerHook, hook.tracker_id, with_for_update=True)
        if row is None:  # taken away at this moment
            return _said(UNKNOWN, 403)
        is_news = hook_operations.note_delivery(row, told, fingerprint=fingerprint(body), now=clock.utcnow())
    if is_news:
        wake("sync.look")
    return _said("Noted." if is_news else "Nothing to do.", 202)


def _said(sentence: str, status: int) -> Response:
    """What the tracker shows its administrator beside the delivery."""
    return Response(sentence, status, mimetype="text/plain")


@blueprint.get("/settings/trackers/<int:tracker_id>/webhook")
@allow(Role.ADMIN)
def webhook(tracker_id: int) -> str:
    return _webhook_page(queries.get_tracker(tracker_id))


@blueprint.post("/settings/trackers/<int:tracker_id>/webhook")
@allow(Role.ADMIN)
def make_webhook(tracker_id: int) -> str:
    """Answers the page itself: the secret is shown once and stands in no address."""
    ButtonForm().check()
    with transaction():
        tracker = queries.get_tracker(tracker_id)
        secret = hook_operations.make_hook(tracker, vault=wiring().vault, by=viewer(), now=clock.utcnow())
    return _webhook_page(queries.get_tracker(tracker_id), secret=secret)


@blueprint.post("/settings/trackers/<int:tracker_id>/webhook/remove")
@allow(Role.ADMIN)
def remove_webhook(tracker_id: int) -> ResponseReturnValue:
    ButtonForm().check()
    with transaction():
        tracker = queries.get_tracker(tracker_id)
        hook_operations.remove_hook(tracker, by=viewer(), now=clock.utcnow())
        name = tracker.name
    return moved_on(
        f"{name} is not listened to any more. Take the webhook away there too; we go on reading every few minutes.",
        to=url_for("sync.webhook", tracker_id=tracker_id),
    )


def _webhook_page(tracker: Tracker, *, secret: str | None = None) -> str:
    endpoint = "sync.github_hook" if tracker.kind is TrackerKind.GITHUB else "sync.jira_hook"
    address = settings().base_url + url_for(endpoint, slug=tracker.slug)
    hook = session.get(TrackerHook, tracker.id)
    is_reachable = settings().base_url.startswith("https://")
    return page(
        "sync/webhook.html", tracker=tracker, hook=hook, address=address, secret=secret, is_reachable=is_reachable
    )
