"""The jira package on our transport, and its exceptions as our errors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from jira import JIRA, JIRAError

from tracker.clients.answers import tracker_words
from tracker.clients.failures import (
    AnswerLost,
    BadCredentials,
    ClientError,
    Redirected,
    StrangeAnswer,
    Unavailable,
)
from tracker.clients.transport import (
    MOST_REDIRECTS,
    USER_AGENT,
    TrackerAdapter,
    error_for_broken,
    error_for_status,
)


class JiraSite(JIRA):
    """The jira package on our transport: no call when made, no retry, version 2 of the interface."""

    def __init__(self, *, address: str, email: str, token: str, adapter: TrackerAdapter) -> None:
        options: dict[str, Any] = {"rest_api_version": "2", "headers": {"User-Agent": USER_AGENT}}
        super().__init__(
            address,
            options=options,
            basic_auth=(email, token) if email else None,
            token_auth=None if email else token,
            get_server_info=False,
            max_retries=0,
            logging=False,
        )
        self._session.max_redirects = MOST_REDIRECTS
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def end(self) -> None:
        self._session.close()

    def get_json(self, path: str, *, parameters: Mapping[str, str]) -> object:
        answer: object = self._session.get(self._get_url(path), params=dict(parameters)).json()
        return answer

    def post_json(self, path: str, *, body: Mapping[str, Any]) -> object:
        answer: object = self._session.post(self._get_url(path), data=json.dumps(body)).json()
        return answer

    def put_json(self, path: str, *, body: Mapping[str, Any]) -> None:
        self._session.put(self._get_url(path), data=json.dumps(body))


@contextmanager
def translated(*, host: str, is_write: bool) -> Iterator[None]:
    """The package's exceptions, and what it stumbles over, as our errors."""
    try:
        yield
    except AnswerLost as error:
        if is_write:
            raise
        raise Unavailable(f"{host} broke off or failed. We try again.", retry_after=error.retry_after) from error
    except StrangeAnswer as error:
        if isinstance(error, Redirected) or not is_write:
            raise
        raise AnswerLost(f"{host} took what we sent, but its answer makes no sense to us.") from error
    except ClientError:
        raise
    except JIRAError as error:
        raise _error_of(error, host=host, is_write=is_write) from error
    except (requests.RequestException, ValueError, TypeError, AttributeError, KeyError, RuntimeError) as error:
        raise error_for_broken(host=host, is_write=is_write) from error


def _error_of(error: JIRAError, *, host: str, is_write: bool) -> ClientError:
    response = error.response
    if response is None or response.status_code < 400:
        return error_for_broken(host=host, is_write=is_write)
    if "AUTHENTICATED_FAILED" in response.headers.get("X-Seraph-LoginReason", ""):
        return BadCredentials(f"{host} does not accept our credentials. Enter a new token in the settings.")
    if response.headers.get("X-Authentication-Denied-Reason"):
        return BadCredentials(f"{host} asks our account to sign in once in a browser before it lets us in again.")
    try:
        words = tracker_words(response.json())
    except ValueError:
        words = ""
    return error_for_status(response.status_code, headers=response.headers, words=words, host=host, is_write=is_write)
