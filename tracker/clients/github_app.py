"""A GitHub App: its credentials as an administrator enters them, as they are sealed, and as it signs with them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from tracker.clients.answers import Answer
from tracker.clients.failures import BadCredentials


@dataclass(frozen=True, kw_only=True)
class GithubApp:
    """What an administrator copies from the App's page. `sealed_text` goes where else a token goes."""

    app_id: str
    installation_id: str
    private_key: str = field(repr=False)

    def sealed_text(self) -> str:
        return json.dumps(asdict(self))

    def signed(self) -> str:
        """Says for five minutes that we are the App."""
        from github import Auth  # noqa: PLC0415  forms check an App without PyGithub, which takes a while to load

        return Auth.AppAuth(self.app_id, self.private_key).create_jwt()


def checked_app(*, app_id: str, installation_id: str, private_key: str) -> GithubApp:
    """Raises `BadCredentials` with what is wrong, before anybody is asked."""
    for number, name in ((app_id, "App ID"), (installation_id, "installation ID")):
        if not (number.isascii() and number.isdigit() and len(number) <= 20):
            raise BadCredentials(f"The {name} is a number. You find it on the App's page on GitHub.")
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  for Apps alone

    key = private_key.strip().replace("\r\n", "\n") + "\n"
    try:
        load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise BadCredentials(
            "This is not a private key. Paste the whole .pem file that GitHub gave you, with its BEGIN and END lines."
        ) from error
    return GithubApp(app_id=app_id, installation_id=installation_id, private_key=key)


def app_in(token: str) -> GithubApp | None:
    """The App that was sealed where else a token is; `None` for a plain token."""
    if not token.startswith("{"):
        return None
    try:
        words = Answer(json.loads(token), where="the App")
    except ValueError as error:
        raise BadCredentials("The App's credentials cannot be read. Enter them again in the settings.") from error
    return GithubApp(
        app_id=words.text("app_id"),
        installation_id=words.text("installation_id"),
        private_key=words.text("private_key"),
    )
