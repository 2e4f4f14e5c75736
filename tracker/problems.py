"""Errors for programs: RFC 9457 ``application/problem+json``."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify

from tracker.logs import request_id

SENTENCES = {
    400: "We could not read what was sent. The body must be JSON in UTF-8.",
    401: "Send an API token: `Authorization: Bearer ft_...`.",
    403: "This token may not do that.",
    404: "There is nothing at this address. All addresses stand in /api/v1/openapi.json.",
    405: "This address does not take that method. All addresses stand in /api/v1/openapi.json.",
    413: "That is more than we take at once.",
    415: "Send the body as `Content-Type: application/json`.",
    422: "Something in the request cannot be taken. `errors` says what.",
    429: "Too many requests in a short time. Wait as long as `Retry-After` says.",
    500: "Something broke on our side. Nothing was changed. Try again; if it stays, tell your administrator.",
}
ANY = "That did not work."


def problem(
    status: int, sentence: str, *, errors: Iterable[Mapping[str, str]] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The answer to a program that something is wrong, with the fields that are, if it is about fields."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
    }
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        body["request_id"] = request_id()
    found = [dict(error) for error in errors]
    if found:
        body["errors"] = found
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    response.headers.update(headers or {})
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Followthrough"'
    return response


def field_errors(messages: Any, path: str = "") -> Iterable[dict[str, str]]:
    """What marshmallow says against a request, a line a field: ``{"field": "title", "detail": "..."}``."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from field_errors(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(messages, list):
        for message in messages:
            yield from field_errors(message, path)
    else:
        where = path.partition(".")[2] if path.startswith(("json", "query")) else path
        yield {"field": where.removesuffix("._schema"), "detail": str(messages)}
