"""How a GitHub App signs its calls: with the token of its installation, got on the same guarded way as all else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests
from github import Auth

from tracker.clients.answers import Answer, tracker_words
from tracker.clients.failures import AnswerLost, BadCredentials, ClientError, NoAccess, StrangeAnswer, Unavailable
from tracker.clients.github_app import GithubApp
from tracker.clients.kept_token import KeptToken
from tracker.clients.transport import error_for_status


class InstallationAuth(Auth.Auth):
    """In the shape that PyGithub asks for a token. Nothing was written when getting one fails."""

    def __init__(self, app: GithubApp, *, kept: KeptToken, address: str, session: requests.Session) -> None:
        self._app = app
        self._kept = kept
        self._address = address
        self._session = session

    @property
    def token_type(self) -> str:
        return "token"

    @property
    def token(self) -> str:
        return self._kept.current(self._ask)

    def forget(self) -> None:
        self._kept.forget()

    def account(self) -> str:
        """The App's own name, which its installation's token may not ask for."""
        return Answer(self._called("GET", "/app")[0], where="the App").text("slug")

    def _ask(self) -> tuple[str, timedelta]:
        number = self._app.installation_id
        try:
            value, date = self._called("POST", f"/app/installations/{number}/access_tokens")
        except NoAccess as error:
            raise BadCredentials(f"GitHub knows no installation {number} of this App. Check its number.") from error
        answer = Answer(value, where="the installation's token")
        return answer.text("token"), answer.moment("expires_at") - _said_at(date)

    def _called(self, method: str, path: str) -> tuple[object, str]:
        headers = {"Authorization": f"Bearer {self._app.signed()}", "Accept": "application/vnd.github+json"}
        try:
            response = self._session.request(method, self._address + path, headers=headers, allow_redirects=False)
        except AnswerLost as error:
            raise Unavailable(error.message) from error
        if response.status_code >= 300:
            raise _refusal(response)
        try:
            return response.json(), response.headers.get("Date", "")
        except ValueError as error:
            raise StrangeAnswer("GitHub answered with something we cannot read.") from error


def _refusal(response: requests.Response) -> ClientError:
    try:
        words = tracker_words(response.json())
    except ValueError:
        words = ""
    if response.status_code == 401:
        said = f' It says: "{words}"' if words else ""
        return BadCredentials(f"GitHub does not accept the App's ID and private key.{said}")
    return error_for_status(response.status_code, headers=response.headers, words=words, host="GitHub", is_write=False)


def _said_at(date: str) -> datetime:
    """GitHub's own time, by which it counts; ours if it does not say."""
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return datetime.now(UTC)
