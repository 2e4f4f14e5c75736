"""How a webhook's words are signed, so that whoever gets them knows that they are ours: Standard Webhooks 1.0.

https://www.standardwebhooks.com: ``webhook-signature`` is ``v1,`` and the base64 of the HMAC-SHA256 of
``id.timestamp.body``, with the bytes that stand in base64 after ``whsec_`` in the secret.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"


def new_secret() -> str:
    """256 random bits, as the standard writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(body: bytes, *, secret: str, number: str, timestamp: int) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{number}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def headers(body: bytes, *, secret: str, number: str, now: datetime) -> dict[str, str]:
    """The number stays the same when a post is repeated, so that it can be counted once."""
    timestamp = int(now.timestamp())
    return {
        "Content-Type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(body, secret=secret, number=number, timestamp=timestamp),
    }
