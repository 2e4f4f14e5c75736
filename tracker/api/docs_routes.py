"""What the API can do: its description for programs, and a page about it for people, from the same declarations."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from tracker.models import Role
from tracker.pages import page
from tracker.security import allow, public
from tracker.wiring import settings

blueprint = Blueprint("api_docs", __name__, url_prefix="/api")
METHODS = ("get", "post", "patch")
EVERYWHERE = ("limit", "cursor")
"""What every list takes; the page says it once."""


@dataclass(frozen=True)
class Member:
    """A field of a body or of a query."""

    name: str
    kind: str
    is_required: bool
    about: str


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    scope: str
    summary: str
    query: list[Member]
    body: list[Member]
    gives: list[Member]

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}".lower()


@blueprint.get("/v1/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    response = current_app.json.response(_description())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.get("/docs")
@allow(Role.VIEWER)
def docs() -> ResponseReturnValue:
    described = _description()
    schemas = described["components"]["schemas"]
    operations = [
        _operation(one, schemas, method=method, path=path.removeprefix("/api/v1"))
        for path, methods in described["paths"].items()
        for method, one in methods.items()
        if method in METHODS
    ]
    return page("api/docs.html", operations=operations, base_url=settings().base_url)


def _description() -> dict[str, Any]:
    described: dict[str, Any] = current_app.extensions["followthrough.api"].description()
    return described


def _operation(one: Mapping[str, Any], schemas: Mapping[str, Any], *, method: str, path: str) -> Operation:
    asked = [
        Member(found["name"], _kind(found["schema"]), bool(found.get("required")), found.get("description", ""))
        for found in one.get("parameters", [])
        if found.get("in") == "query" and found["name"] not in EVERYWHERE
    ]
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Operation(
        method.upper(),
        path,
        one["x-scope"],
        one.get("summary", ""),
        asked,
        _members(body, schemas),
        _gives(one["responses"], schemas),
    )


def _gives(responses: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Member]:
    """The fields of an answer; of a list, those of its rows."""
    schema = next(responses[status] for status in ("200", "201") if status in responses)["content"]["application/json"]
    named = schemas[schema["schema"]["$ref"].rpartition("/")[2]]["properties"]
    rows = named["items"]["items"] if "next_cursor" in named else schema["schema"]
    return [replace(member, is_required=False) for member in _members(rows, schemas)]


def _members(body: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Member]:
    schema = schemas.get(body.get("$ref", "").rpartition("/")[2], body)
    required = schema.get("required", [])
    return [
        Member(name, _kind(found), name in required, found.get("description", ""))
        for name, found in schema.get("properties", {}).items()
    ]


def _kind(schema: Mapping[str, Any]) -> str:
    """What may stand there, in a few words."""
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"] if value is not None)
    kinds = schema.get("type", "object")
    words = [kinds] if isinstance(kinds, str) else list(kinds)
    words = [schema.get("format", word) if word == "string" else word for word in words]
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return " or ".join(words)
