"""How a route of the API is declared: method, address, scope, what it takes and what it gives. The rest follows."""

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any

from flask import Flask, Response, request
from flask_smorest import Api, Blueprint
from marshmallow import RAISE, Schema
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from tracker import clock
from tracker.api.access import bearer, needs
from tracker.api.schemas import ProblemSchema
from tracker.models import TokenScope
from tracker.references import RefConverter
from tracker.security import own_check
from tracker.sessions import csrf, limiter

VERSION = "1"
FOR_EACH_CALLER = "600 per minute"
GUESSES = "60 per minute"
"""How often one address may send a token that does not work."""
REF_PATTERN = "^(?:INC|AI|inc|ai)-[1-9][0-9]{0,8}$"
ABOUT = (
    "What the pages can do, for scripts and pipelines. Send a token with each request. Errors are RFC 9457 problems. "
    "Lists give `items` and `next_cursor`. Send `If-Match` with what you change, and `Idempotency-Key` with what you "
    "make."
)
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "The `ETag` of what you read, so that nobody's change is lost. `*` changes it whatever it says.",
}
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Any key of yours. The same request with the same key does its work once, and is answered alike.",
}
IF_NONE_MATCH = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}
HEADERS = {"GET": IF_NONE_MATCH, "POST": ONCE, "PATCH": IF_MATCH}
"""The header that each method takes beside the token."""

View = Callable[..., Response]


class StrictParser(FlaskParser):
    """Takes nothing that it does not know: a filter with a typing error must not answer everything."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}  # noqa: RUF012

    def load_json(self, req: Any, schema: Any) -> Any:
        if req.get_data(cache=True) and not req.is_json:
            raise UnsupportedMediaType
        try:
            return super().load_json(req, schema)
        except (RecursionError, ValueError) as error:  # nested a thousand deep; a number of ten thousand digits
            raise BadRequest from error


class StrictBlueprint(Blueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = StrictParser()


class ProblemApi(Api):  # type: ignore[misc]
    """The description of the API, made when somebody first asks for it: that takes as long as the rest of the start.

    Errors are answered by ``error_pages``, for pages and programs in one place.
    """

    ERROR_SCHEMA = ProblemSchema

    def register_blueprint(self, blp: Blueprint, *, parameters: list[Any] | None = None, **options: Any) -> None:
        if parameters or options:
            raise TypeError("The version's blueprint is registered as it stands.")
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp)
        self._described = blp
        self._describing = Lock()
        self._description: dict[str, Any] | None = None

    def description(self) -> dict[str, Any]:
        """The OpenAPI document of all routes. Only read it: everybody gets the same one."""
        with self._describing:
            if self._description is None:
                blp = self._described
                self._describe_errors()
                blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
                self.spec.tag({"name": blp.name, "description": blp.description})
                self._description = self.spec.to_dict()
            return self._description

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        pass

    def _describe_errors(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        super()._register_responses()
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/json"


blueprint = StrictBlueprint("api", __name__, url_prefix="/api/v1", description="Version 1")
csrf.exempt(blueprint)
limiter.limit(FOR_EACH_CALLER, key_func=bearer)(blueprint)
limiter.limit(GUESSES, deduct_when=lambda response: response.status_code == 401)(blueprint)


def operation(
    method: str,
    rule: str,
    *,
    scope: TokenScope,
    gives: type[Schema],
    takes: type[Schema] | None = None,
    asks: type[Schema] | None = None,
    status: int = 200,
    largest: int | None = None,
) -> Callable[[View], View]:
    """Declare a route. ``takes`` describes its body, ``asks`` its query; the view gets what they make of it.

    ``largest`` are the bytes that a body may have, when that is more than a form's.
    """

    def declare(view: View) -> View:
        documented: Any = view
        if asks is not None:
            documented = blueprint.arguments(asks, location="query")(documented)
        if takes is not None:
            documented = blueprint.arguments(takes)(documented)
        documented = blueprint.response(status, gives, headers=_headers(method, status))(documented)
        described: dict[str, Any] = {"security": [{"token": []}], "x-scope": scope.value, "operationId": view.__name__}
        documented = blueprint.doc(**described)(documented)
        documented._apidoc.setdefault("arguments", {}).setdefault("parameters", []).append(HEADERS[method])
        if method == "GET":
            documented = blueprint.alt_response(304, description="What you have is still right.")(documented)
        guarded = own_check(needs(scope)(_taking(documented, largest) if largest else documented))
        blueprint.add_url_rule(rule, view.__name__, guarded, methods=[method])
        return view

    return declare


def _taking(view: View, largest: int) -> View:
    """The view for larger bodies, of those whose token works alone."""

    @wraps(view)
    def take(*args: Any, **named: Any) -> Response:
        request.max_content_length = largest
        return view(*args, **named)

    return take


def _headers(method: str, status: int) -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    found: dict[str, Any] = {"ETag": text} if method != "POST" else {}
    return found | ({"Location": text} if status == 201 else {})


def tell_the_limit(response: Response) -> Response:
    """How many requests are left, and when there are more, in seconds."""
    limit = limiter.current_limit
    if limit is not None:
        response.headers["RateLimit-Limit"] = str(limit.limit.amount)
        response.headers["RateLimit-Remaining"] = str(max(0, limit.remaining))
        wait = str(max(1, round(limit.reset_at - clock.utcnow().timestamp())))
        response.headers["RateLimit-Reset"] = wait
        if response.status_code == 429:
            response.headers["Retry-After"] = wait
    return response


blueprint.after_request(tell_the_limit)


def init_api(app: Flask) -> None:
    """Register the routes and describe them, from the same declarations."""
    app.config.update(API_TITLE="Followthrough", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    api = ProblemApi(app, spec_kwargs={"info": {"description": ABOUT}})
    api.register_converter(RefConverter, lambda _converter: {"type": "string", "pattern": REF_PATTERN})
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    app.extensions["followthrough.api"] = api
    api.register_blueprint(blueprint)
