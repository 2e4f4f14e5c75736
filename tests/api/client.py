"""A program that calls the API, each request in a context of its own."""

import contextvars
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests import make
from tracker.db import session
from tracker.models import ApiToken, Person, TokenScope
from tracker.security import new_token, token_hash


class Caller:
    """Calls with one token; without one as nobody."""

    def __init__(self, app: Flask, secret: str = "") -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def __call__(self, method: str, path: str, **request: Any) -> TestResponse:
        session.rollback()
        headers = self.headers | request.pop("headers", {})
        response: TestResponse = contextvars.Context().run(
            lambda: self.client.open(f"/api/v1{path}", method=method, headers=headers, **request)
        )
        response.get_data()
        session.rollback()
        return response

    def change(self, path: str, **body: Any) -> TestResponse:
        """Read, then change what was read."""
        return self("PATCH", path, json=body, headers={"If-Match": self("GET", path).headers["ETag"]})


def token(person: Person, scope: TokenScope = TokenScope.WRITE, **columns: Any) -> str:
    """A token of a person; the secret."""
    secret = f"ft_{new_token()}"
    values = {"name": "script", "first_characters": secret[:9], "created_at": make.NOW, "scope": scope} | columns
    make.save(ApiToken(person_id=person.id, token_hash=token_hash(secret), **values))
    return secret


def calls_as(app: Flask, person: Person, scope: TokenScope = TokenScope.WRITE, **columns: Any) -> Caller:
    return Caller(app, token(person, scope, **columns))
