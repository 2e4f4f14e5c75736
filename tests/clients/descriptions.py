"""Judges of what goes over the wire: GitHub's and Atlassian's own OpenAPI descriptions, through openapi-core.

A deviation that is known and meant is named in `MEANT`, exactly; everything else is an objection.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.servers.proxy import Answer, Request

GITHUB = Path(__file__).parent.parent / "data" / "openapi" / "github.json"
_ROOT = Path(__file__).parent.parent.parent
#: What we send although the description does not have it, and why.
MEANT = {
    # The check asks for an issue without a title, to be refused for that alone.
    ("github", "POST", "/repos/{owner}/{repo}/issues", "'title' is a required property"),
    # The jira package sends transition ids as numbers; Jira takes both.
    ("jira", "POST", "/rest/api/3/issue/{issueIdOrKey}/transitions", "is not of type 'string'"),
}
#: Jira writes its times with +0000, which its own description would not allow.
_JIRA_TIME = re.compile(r"'[-\d]+T[:.\d]+\+0000' is not a 'date-time'(; )?")
_CALLS = (
    "issue",
    "search",
    "myself",
    "mypermissions",
    "project/{projectIdOrKey}",
    "user/assignable/search",
    "resolution",
)


class SeenRequest:
    """A request in the shape that openapi-core reads."""

    def __init__(self, request: Request, *, host: str, path: str) -> None:
        self.host_url = host
        self.path = path
        self.method = request.method.lower()
        self.content_type = request.headers.get("Content-Type", "application/json").partition(";")[0]
        self.body = request.body or None
        query = parse_qs(urlsplit(request.path).query, keep_blank_values=True)
        self.parameters = RequestParameters(
            query=ImmutableMultiDict([(name, value) for name, values in query.items() for value in values]),
            header=Headers(dict(request.headers)),
            cookie=ImmutableMultiDict(),
        )


class SeenAnswer:
    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.content_type = answer.headers.get("Content-Type", "application/json").partition(";")[0]
        self.headers = Headers(dict(answer.headers))
        self.data = answer.body


class Description:
    """One tracker's own words about its interface."""

    def __init__(self, name: str, *, described: Mapping[str, Any], host: str) -> None:
        self._name = name
        self._paths: Mapping[str, Any] = described["paths"]
        self._host = host
        self._openapi = OpenAPI.from_dict(
            {**described, "servers": [{"url": host}]}, config=Config(spec_validator_cls=None)
        )

    def objections(self, request: Request, answer: Answer | None = None) -> list[str]:
        """What the description does not allow of a request, and of the answer when there is one to judge."""
        path = self._own_path(urlsplit(request.path).path)
        template = self._template(path)
        if template is None or request.method.lower() not in self._paths[template]:
            return [f"{request.method} {path} is not described."]
        seen = SeenRequest(request, host=self._host, path=path)
        found = [*self._unknown_parameters(seen, template=template), *self._errors(seen)]
        if answer is not None and answer.status < 300 and answer.body:
            found += self._answer_errors(seen, answer)
        return [
            f"{request.method} {path}: {words}"
            for words in found
            if not any(
                (name, method, place) == (self._name, request.method, template) and part in words
                for name, method, place, part in MEANT
            )
        ]

    def call_of(self, request: Request) -> str:
        """Which of the described calls a request is."""
        return f"{request.method} {self._template(self._own_path(urlsplit(request.path).path))}"

    def _own_path(self, path: str) -> str:
        """Version 2 of Jira's interface differs from the described version 3 only in how texts are written."""
        return path.replace("/rest/api/2/", "/rest/api/3/", 1)

    def _template(self, path: str) -> str | None:
        fits = [one for one in self._paths if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", one), path)]
        return min(fits, key=lambda one: one.count("{"), default=None)

    def _unknown_parameters(self, seen: SeenRequest, *, template: str) -> Iterator[str]:
        described = self._paths[template][seen.method].get("parameters", [])
        known = {one["name"] for one in described if one.get("in") == "query"}
        for name in seen.parameters.query:
            if name not in known:
                yield f"the parameter {name} is not described."

    def _errors(self, seen: SeenRequest) -> Iterator[str]:
        try:
            self._openapi.validate_request(seen)
        except OpenAPIError as error:
            yield _words(error)

    def _answer_errors(self, seen: SeenRequest, answer: Answer) -> Iterator[str]:
        try:
            self._openapi.validate_response(seen, SeenAnswer(answer))
        except OpenAPIError as error:
            words = _JIRA_TIME.sub("", _words(error))
            if words:
                yield f"answer {answer.status}: {words}"


def _words(error: BaseException) -> str:
    """The error with its causes: only the innermost says what is wrong."""
    inner = [str(one.message) for one in getattr(error.__cause__ or error, "schema_errors", ())]
    return "; ".join(inner) or f"{error}: {error.__cause__}"


@cache
def github_description() -> Description:
    return Description("github", described=json.loads(GITHUB.read_text()), host="https://api.github.com")


@cache
def jira_description() -> Description | None:
    """Atlassian's, when this machine has it."""
    named = os.environ.get("JIRA_DESCRIPTION", "")
    places = [Path(named)] if named else sorted(_ROOT.parent.glob("*/data/openapi/jira-cloud-platform-v3*.json.gz"))
    if not places:
        return None
    described = json.loads(gzip.decompress(places[-1].read_bytes()))
    prefixes = tuple(f"/rest/api/3/{call}" for call in _CALLS)
    paths = {path: calls for path, calls in described["paths"].items() if path.startswith(prefixes)}
    for call in (call for calls in paths.values() for call in calls.values() if isinstance(call, dict)):
        call.pop("security", None)  # who we are is not judged here
    _allow_null_in_enums(described["components"])
    return Description("jira", described={**described, "paths": paths}, host="https://your-domain.atlassian.net")


def _allow_null_in_enums(value: Any) -> None:
    """The file says `nullable` beside an `enum` without null, which would forbid what it allows."""
    if isinstance(value, dict):
        if value.get("nullable") and isinstance(value.get("enum"), list) and None not in value["enum"]:
            value["enum"].append(None)
        for inner in value.values():
            _allow_null_in_enums(inner)
    elif isinstance(value, list):
        for inner in value:
            _allow_null_in_enums(inner)
