"""Answers of the API: a thing or a list with its ``ETag``, and the check that nobody changed it meanwhile."""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, request
from marshmallow import Schema

from tracker.errors import FollowthroughError, RuleError

PACKED = ":gzip"
"""What packing an answer adds to its tag."""


class ChangedError(FollowthroughError):
    """It is not any more what the caller read."""

    status = 412


class NoTagError(FollowthroughError):
    """A change that does not say what it is about."""

    status = 428


def dumped(schema: Schema, thing: Any) -> str:
    """The body of an answer."""
    return current_app.json.dumps(schema.dump(thing))


def answer(body: str, *, status: int = 200, location: str = "", lasting: str | None = None) -> Response:
    """A body with its tag; 304 when the caller has just this. ``lasting``: what of it decides that, when not all."""
    response = Response(body, status, mimetype="application/json")
    if location:
        response.headers["Location"] = location
    if request.method != "POST":
        response.set_etag(_tag(lasting or body), weak=lasting is not None)
        response.headers["Cache-Control"] = "private, no-cache"
    if request.method in ("GET", "HEAD"):
        response.make_conditional(request)
    return response


def shown(schema: Schema, thing: Any) -> Response:
    return answer(dumped(schema, thing))


def listed(schema: Schema, rows: Sequence[Any], *, next_cursor: str | None) -> Response:
    return answer(dumped(schema, {"items": rows, "next_cursor": next_cursor}))


def expect_unchanged(schema: Schema, thing: Any) -> None:
    """Let a change go on if the caller read what is there now. Call it on a locked row.

    Raises:
        NoTagError: the request has no ``If-Match``.
        ChangedError: what it names is not what is there.
    """
    named = request.headers.get("If-Match", "")
    if not named.strip():
        raise NoTagError("Send the `ETag` of what you read as `If-Match`, so that nobody's change is lost.")
    tags = {tag.strip().removeprefix("W/").strip('"').removesuffix(PACKED) for tag in named.split(",")}
    if "*" not in tags and _tag(dumped(schema, thing)) not in tags:
        raise ChangedError("It was changed since you read it. Read it again, then repeat your change.")


def _tag(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def cursor_after(*parts: str | int) -> str:
    """An opaque word for where a list goes on."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The parts of a cursor; ``None``: the list begins.

    Raises:
        RuleError: it is not one that this list gave.
    """
    if cursor is None:
        return None
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or [type(part) for part in parts] != list(kinds):
        raise RuleError("This cursor is not one that this list gave. Begin again without it.")
    if any(not 0 <= part < 2**31 if isinstance(part, int) else not part.isprintable() for part in parts):
        raise RuleError("This cursor is not one that this list gave. Begin again without it.")
    return tuple(parts)
