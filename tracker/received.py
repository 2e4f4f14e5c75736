"""What browsers and programs send, before anything of ours reads it: text that can be kept, or a sentence."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, Request, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest

NUL = "\x00"
"""No text has it, and PostgreSQL stores none that does."""


class StorableValues(ImmutableMultiDict[str, Any]):
    """Values of an address or a form, without the character that no database stores."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__([(_storable(name), _storable(value)) for name, value in pairs])


def _storable(value: Any) -> Any:
    return value.replace(NUL, "") if isinstance(value, str) else value


class ReceivedRequest(Request):
    parameter_storage_class = StorableValues


def init_received(app: Flask) -> None:
    app.before_request(_refuse_strange_addresses)


def _refuse_strange_addresses() -> None:
    """Bytes that are no text name nothing of ours; where one does read them, the framework would break off."""
    try:
        request.query_string.decode()
    except UnicodeDecodeError:
        request.query_string = b""  # also for the page that says so
        raise BadRequest from None
    if NUL in request.path:
        raise BadRequest
