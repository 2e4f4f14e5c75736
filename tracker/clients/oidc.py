"""Single sign-on with OpenID Connect: the authorization code flow with PKCE, state and nonce (Authlib, joserfc)."""

import secrets
import time
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException
from requests.adapters import HTTPAdapter

from tracker.clients.addresses import guarded_pools
from tracker.clients.failures import AddressRefused, NotReached
from tracker.clients.oidc_claims import Beginning, Claims, ProviderError
from tracker.clients.oidc_settings import ProviderSettings

SECONDS = 8.0
"""How long the provider may take for one answer; somebody waits for the page."""
METADATA_LIFE = 3600.0
CLOCKS_APART = 120
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the provider can make: never ``none``, never one made with our own secret."""
LEADS_INSIDE = (
    "The provider sends us to a host on a private network, where we do not go. If it is meant, an administrator can "
    "name the host in TRACKER_HOSTS."
)
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


class GuardedAdapter(HTTPAdapter):
    """The way out to the provider, asked at each connection: what it says of itself must not lead us inside."""

    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        self._allowed_hosts = allowed_hosts
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = guarded_pools(self._allowed_hosts)


class OidcClient:
    """One provider. Its description is asked for once an hour, its keys when a signature needs them.

    The issuer's own host is where the administrator says, also on a private network; other hosts there must be among
    ``allowed_hosts``.
    """

    def __init__(self, provider: ProviderSettings, *, allowed_hosts: frozenset[str] = frozenset()) -> None:
        self.provider = provider
        self._allowed_hosts = allowed_hosts | {urlsplit(provider.issuer).hostname or ""}
        self._lock = Lock()
        self._metadata: Mapping[str, Any] = {}
        self._metadata_until = 0.0
        self._keys: KeySet | None = None

    def begin(self, *, redirect_uri: str) -> Beginning:
        """Where to send the browser.

        Raises:
            ProviderError: the provider does not answer.
        """
        nonce, state, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        with self._session(redirect_uri=redirect_uri) as session:
            url, _state = session.create_authorization_url(
                self.metadata()["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Beginning(url, state, nonce, verifier)

    def finish(self, code: str, *, beginning: Beginning, redirect_uri: str) -> Claims:
        """Who came back with this code.

        Raises:
            ProviderError: the code is not good, or what the provider says about it cannot be trusted.
        """
        with self._session(redirect_uri=redirect_uri) as session:
            try:
                token = session.fetch_token(
                    self.metadata()["token_endpoint"], code=code, code_verifier=beginning.verifier,
                    timeout=SECONDS, allow_redirects=False,
                )  # fmt: skip
                signed = self._signed_claims(token, nonce=beginning.nonce)
                told = self._json(session, self.metadata()["userinfo_endpoint"], withhold_token=False)
            except OAuthError as error:
                raise ProviderError("The provider did not accept this sign-in. Begin again.") from error
            except AddressRefused as error:
                raise ProviderError(LEADS_INSIDE) from error
            except (RequestException, NotReached, ValueError) as error:
                raise self._not_reached() from error
        if told.get("sub") != signed["sub"]:
            raise ProviderError("The provider speaks of two people at once. Tell its administrator.")
        return self._claims(told, email_from=told if told.get("email") else signed)

    def metadata(self) -> Mapping[str, Any]:
        """What the provider says about itself.

        Raises:
            ProviderError: it cannot be reached, or is not the one that OIDC_ISSUER names.
        """
        with self._lock:
            if time.monotonic() >= self._metadata_until:
                found = self._ask_for_metadata()
                self._metadata, self._metadata_until = found, time.monotonic() + METADATA_LIFE
            return self._metadata

    def _ask_for_metadata(self) -> Mapping[str, Any]:
        address = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            with self._session() as session:
                found = self._json(session, address)
        except (RequestException, NotReached, ValueError) as error:
            raise self._not_reached() from error
        if found.get("issuer") != self.provider.issuer:
            raise ProviderError(
                f"The provider calls itself {str(found.get('issuer'))[:200]}, and OIDC_ISSUER says "
                f"{self.provider.issuer}. They must be the same to the letter."
            )
        for name in ENDPOINTS:
            self._check_endpoint(name, str(found.get(name, "")))
        return found

    def _check_endpoint(self, name: str, address: str) -> None:
        """No endpoint is less protected than the issuer itself."""
        parts, issuer = urlsplit(address), urlsplit(self.provider.issuer)
        if not parts.hostname or parts.scheme not in ("https", issuer.scheme):
            raise ProviderError(f"The provider's {name} is not a safe address. Tell its administrator.")

    def _session(self, *, redirect_uri: str | None = None) -> OAuth2Session:
        session = OAuth2Session(
            self.provider.client_id,
            self.provider.client_secret,
            scope=self.provider.scopes,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            default_timeout=SECONDS,
        )
        for scheme in ("https://", "http://"):
            session.mount(scheme, GuardedAdapter(self._allowed_hosts))
        return session

    def _json(self, session: OAuth2Session, address: str, *, withhold_token: bool = True) -> dict[str, Any]:
        answer = session.request("GET", address, withhold_token=withhold_token, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
        if not isinstance(found, dict):
            raise ValueError("The provider answered with something else than an object.")
        return found

    def _signed_claims(self, token: Mapping[str, Any], *, nonce: str) -> dict[str, Any]:
        """The claims of the id token, once signature, issuer, audience, times and nonce are right."""
        if not isinstance(token.get("id_token"), str):
            raise ProviderError("The provider sent no id token. Is openid among OIDC_SCOPES?")
        try:
            decoded = self._decoded(token["id_token"])
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "values": [self.provider.issuer]},
                    "aud": {"essential": True, "value": self.provider.client_id},
                },
                {"nonce": nonce, "client_id": self.provider.client_id, "access_token": token.get("access_token")},
            )
            claims.validate(leeway=CLOCKS_APART)
        except (JoseError, ValueError) as error:
            raise ProviderError("The provider's answer could not be verified. Begin again.") from error
        return dict(decoded.claims)

    def _decoded(self, id_token: str) -> jwt.Token:
        """Keys are asked for again when the provider has changed them."""
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        keys = self._keys or self._ask_for_keys()
        try:
            return jwt.decode(id_token, keys, registry=registry)
        except InvalidKeyIdError:
            return jwt.decode(id_token, self._ask_for_keys(), registry=registry)

    def _ask_for_keys(self) -> KeySet:
        with self._session() as session:
            self._keys = KeySet.import_key_set(self._json(session, self.metadata()["jwks_uri"]))  # type: ignore[arg-type]
        return self._keys

    def _claims(self, told: Mapping[str, Any], *, email_from: Mapping[str, Any]) -> Claims:
        """Address and whether it was verified come from one place: some providers put only ``sub`` into the token."""
        return Claims(
            issuer=self.provider.issuer,
            subject=str(told["sub"]),
            email=str(email_from.get("email") or "").strip().lower(),
            is_email_verified=email_from.get("email_verified") is True or self.provider.trusts_email,
            name=" ".join(str(told.get("name") or "").split())[:300],
            groups=tuple(_texts(told.get(self.provider.groups_claim))),
        )

    def _not_reached(self) -> ProviderError:
        return ProviderError(
            f"{urlsplit(self.provider.issuer).hostname} does not answer as it should. Try again in a minute; "
            "if it stays, tell your administrator."
        )


def _texts(value: object) -> Iterable[str]:
    """Groups as providers send them: a list, or words with spaces between."""
    if isinstance(value, str):
        return value.split()
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
