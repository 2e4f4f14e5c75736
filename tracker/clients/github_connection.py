"""What PyGithub calls a connection, on our own session: no retry, no blind redirect, bounded answers."""

from __future__ import annotations

from collections.abc import ItemsView
from typing import Any

import requests

from tracker.clients.failures import Unavailable
from tracker.clients.transport import follow

STATUS = "followthrough-status"
"""The header under which an answer's status comes through PyGithub, which keeps it from us."""


class GithubAnswer:
    """An answer in the shape that PyGithub reads."""

    def __init__(self, response: requests.Response) -> None:
        self.status = response.status_code
        self._response = response

    def getheaders(self) -> ItemsView[str, str]:
        return {**self._response.headers, STATUS: str(self.status)}.items()

    def read(self) -> str:
        return self._response.content.decode("utf-8", errors="replace")


class GithubConnection:
    """One host, in the shape of PyGithub's `HTTPRequestsConnectionClass`."""

    def __init__(
        self, host: str, port: int | None = None, *, scheme: str, session: requests.Session, **_ignored: Any
    ) -> None:
        name = f"[{host}]" if ":" in host else host
        self.host = host
        self._base = f"{scheme}://{name}:{port}" if port else f"{scheme}://{name}"
        self._session = session

    def request(self, verb: str, url: str, data: Any, headers: dict[str, str], *_stream: Any) -> None:
        self._request = requests.Request(verb, self._base + url, headers=headers, data=data)

    def getresponse(self) -> GithubAnswer:
        asked = self._request
        response = self._session.request(
            asked.method or "GET", asked.url or "", headers=asked.headers, data=asked.data, allow_redirects=False
        )
        headers = {name: str(value) for name, value in (asked.headers or {}).items()}
        response = follow(self._session, response, headers=headers)
        if response.status_code == 202 and asked.method == "GET":  # PyGithub would wait for ever
            raise Unavailable(f"{self.host} is still preparing its answer. We try again.")
        return GithubAnswer(response)

    def close(self) -> None:
        """PyGithub closes after every call; the session stays open for the next one."""
