"""The way to one GitHub: PyGithub's requester on our own session, its exceptions as our errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from github import Auth, GithubException
from github.Requester import Requester

from tracker.clients.answers import Answer, tracker_words
from tracker.clients.failures import AnswerLost, BadCredentials, ClientError, Unavailable
from tracker.clients.github_app import app_in
from tracker.clients.github_auth import InstallationAuth
from tracker.clients.github_connection import STATUS, GithubConnection
from tracker.clients.kept_token import KeptToken
from tracker.clients.pace import Pace
from tracker.clients.tickets import RateLeft
from tracker.clients.transport import (
    TIMEOUTS,
    USER_AGENT,
    TrackerAdapter,
    error_for_broken,
    error_for_status,
    guarded_session,
    rate_left,
)

API_VERSION = "2022-11-28"
PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Page:
    """One answer to a read: `value` is `None` when nothing changed since `mark`."""

    value: object
    headers: Mapping[str, str]
    is_unchanged: bool

    @property
    def mark(self) -> str:
        """What to send next time, to be told only what changed."""
        return self.headers.get("etag", "")[:500]


class GithubSite:
    """Reads, questions and writes to `address`, an interface's root such as https://api.github.com."""

    def __init__(self, address: str, *, token: str, kept: KeptToken, adapter: TrackerAdapter, pace: Pace) -> None:
        self.address = address
        self.host = urlsplit(address).netloc
        self._adapter = adapter
        self._pace = pace
        self._session = guarded_session(adapter)
        app = app_in(token)
        self._app = InstallationAuth(app, kept=kept, address=address, session=self._session) if app else None
        self._requester = _requester_over(self._session)(
            auth=self._app or Auth.Token(token),
            base_url=address,
            timeout=int(sum(TIMEOUTS)),  # not used: our adapter has its own
            user_agent=USER_AGENT,
            per_page=PAGE,
            verify=True,
            retry=None,
            pool_size=None,
            seconds_between_requests=None,
            seconds_between_writes=None,  # our own pace keeps writes apart, also those of other clients
            api_version=API_VERSION,
        )

    @property
    def rate_left(self) -> RateLeft | None:
        return rate_left(self._adapter.last_headers)

    def account(self) -> str:
        return self._app.account() if self._app else Answer(self.get("/user"), where="the account").text("login")

    def get(self, path: str, **parameters: str | int) -> object:
        return self.page(path, parameters=parameters).value

    def page(self, path: str, *, parameters: Mapping[str, str | int], mark: str = "") -> Page:
        """A read with its headers; with a `mark` it is only answered in full when something changed."""
        with self._calling(is_write=False):
            headers, value = self._requester.requestJsonAndCheck(
                "GET", path, parameters=dict(parameters), headers={"If-None-Match": mark} if mark else None
            )
        return Page(value=value, headers=headers, is_unchanged=bool(mark) and headers.get(STATUS) == "304")

    def ask(self, query: str, *, variables: Mapping[str, Any]) -> object:
        """A question in GraphQL: nothing changes by it, so a lost answer is only unavailable."""
        path = f"{self.address.removesuffix('/v3')}/graphql"
        try:
            with self._calling(is_write=False):
                return self._requester.requestJsonAndCheck(
                    "POST", path, input={"query": query, "variables": dict(variables)}
                )[1]
        except AnswerLost as error:
            raise Unavailable(f"{self.host} broke off or failed. We try again.") from error

    def write(self, method: str, path: str, *, fields: Mapping[str, Any]) -> object:
        with self._pace.turn(), self._calling(is_write=True):
            return self._requester.requestJsonAndCheck(method, path, input=dict(fields))[1]

    def close(self) -> None:
        self._session.close()

    @contextmanager
    def _calling(self, *, is_write: bool) -> Iterator[None]:
        try:
            with _translated(host=self.host, is_write=is_write):
                yield
        except BadCredentials:
            if self._app:
                self._app.forget()
            raise


@contextmanager
def _translated(*, host: str, is_write: bool) -> Iterator[None]:
    """PyGithub's exceptions, and what it stumbles over, as our errors."""
    try:
        yield
    except ClientError:
        raise
    except GithubException as error:
        words = tracker_words(error.data)
        raise error_for_status(
            error.status, headers=error.headers or {}, words=words, host=host, is_write=is_write
        ) from error
    except (ValueError, TypeError, AttributeError, KeyError, AssertionError, RuntimeError) as error:
        raise error_for_broken(host=host, is_write=is_write) from error


def _requester_over(session: requests.Session) -> type[Requester]:
    """PyGithub's requester on our session: a class of its own, as PyGithub is told its connections by class."""

    class OurRequester(Requester):
        pass

    OurRequester.injectConnectionClasses(
        partial(GithubConnection, scheme="http", session=session),  # type: ignore[arg-type]
        partial(GithubConnection, scheme="https", session=session),  # type: ignore[arg-type]
    )
    return OurRequester
