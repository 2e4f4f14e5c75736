"""Sending what trackers send: signed deliveries, made by hand or taken from real ones."""

import contextvars
import hashlib
import hmac
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests import make
from tracker.db import session
from tracker.models import Tracker, TrackerHook
from tracker.security import Vault

SECRET = "It's a Secret to Everybody"
SAMPLES = Path(__file__).parent.parent / "data" / "webhooks"


def listening(tracker: Tracker, *, secret: str = SECRET, **columns: Any) -> TrackerHook:
    """A tracker with a webhook."""
    sealed = Vault(make.SECRET).seal(secret)
    values: dict[str, Any] = {"tracker_id": tracker.id, "sealed_secret": sealed, "made_at": make.NOW}
    return make.save(TrackerHook(**values | columns))


def github_samples() -> dict[str, Any]:
    samples: dict[str, Any] = json.loads((SAMPLES / "github.json").read_text())
    return samples


def github_issue(remote_id: str, *, action: str = "closed", at: datetime = make.NOW) -> bytes:
    issue = {"node_id": remote_id, "number": 1, "state": "closed", "updated_at": at.isoformat()}
    return json.dumps({"action": action, "issue": issue, "repository": {"full_name": "acme/shop"}}).encode()


def jira_issue(remote_id: str, *, at: datetime = make.NOW) -> bytes:
    return json.dumps({"timestamp": int(at.timestamp() * 1000), "issue": {"id": remote_id, "key": "OPS-7"}}).encode()


def signature(body: bytes, *, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(
    app: Flask, body: bytes, *, to: str = "/hooks/github/github", signed: str | None = None, **headers: str
) -> TestResponse:
    """Send a delivery as the tracker would, rightly signed unless told otherwise."""
    name = "X-Hub-Signature-256" if "/github/" in to else "X-Hub-Signature"
    shown = {name: signature(body) if signed is None else signed, "Content-Type": "application/json"}
    shown |= {header.replace("_", "-"): text for header, text in headers.items()}
    session.rollback()
    response: TestResponse = contextvars.Context().run(
        lambda: app.test_client().post(to, data=body, headers={key: text for key, text in shown.items() if text})
    )
    session.rollback()
    return response
