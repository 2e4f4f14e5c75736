"""A provider of single sign-on: oidc-provider-mock, made to insist on PKCE, and to lie when a test asks for it."""

import base64
import hashlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import flask
import requests

from tests.serving import served


@dataclass
class Provider:
    url: str
    asked: list[dict[str, str]] = field(default_factory=list)
    """The query of each beginning."""
    lies: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    """By the path of an answer: what is told instead of it."""

    def knows(self, subject: str, **claims: Any) -> None:
        """Make or change an account there."""
        requests.put(f"{self.url}/users/{subject}", json=claims, timeout=10).raise_for_status()

    def agree(self, url: str, *, subject: str) -> str:
        """Sign in at the provider, as a person would; the path it sends them back to."""
        answer = requests.post(url, data={"sub": subject}, timeout=10, allow_redirects=False)
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"


def the_mock() -> flask.Flask:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses what its libraries will drop one day
        import oidc_provider_mock
    app: flask.Flask = oidc_provider_mock.app()
    return app


@contextmanager
def provider() -> Iterator[Provider]:
    app = the_mock()
    played = Provider("")
    challenges: list[str] = []

    @app.before_request
    def insist_on_pkce() -> flask.typing.ResponseReturnValue | None:
        if flask.request.path == "/oauth2/authorize":
            played.asked.append(dict(flask.request.args))
            challenges.append(flask.request.args["code_challenge"])
        if flask.request.path == "/oauth2/token":
            digest = hashlib.sha256(flask.request.form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).decode().rstrip("=") not in challenges:
                return flask.jsonify(error="invalid_grant"), 400
        return None

    @app.after_request
    def lie(answer: flask.Response) -> flask.Response:
        change = played.lies.get(flask.request.path)
        if change is not None and answer.is_json:
            answer.set_data(flask.json.dumps(change(answer.get_json())))
        return answer

    with served(app) as url:
        played.url = url
        yield played
