"""What an administrator says about single sign-on: the provider, who may come in, and what their groups may do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from tracker.errors import SettingsError
from tracker.models import Role

NAMES = (
    "OIDC_ISSUER",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_NAME",
    "OIDC_SCOPES",
    "OIDC_GROUPS_CLAIM",
    "OIDC_ROLES",
    "OIDC_DOMAINS",
    "OIDC_TRUST_EMAIL",
    "OIDC_ONLY",
)
NEEDED = NAMES[:3]
EVERYBODY = "*"
PUBLIC_ISSUERS = ("accounts.google.com", "login.microsoftonline.com", "appleid.apple.com", "gitlab.com")
"""Where anybody in the world can have an account."""


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """The single sign-on of an installation. ``docs/single-sign-on.md`` explains each."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = "single sign-on"
    scopes: str = "openid email profile"
    groups_claim: str = "groups"
    roles: tuple[tuple[str, Role], ...] = ()
    """Group and role; empty: roles are given here, in Followthrough."""
    domains: frozenset[str] = frozenset()
    trusts_email: bool = False
    """Whether an e-mail address counts although the provider does not say that it was verified."""
    is_only_way: bool = False

    @property
    def is_open_to_the_world(self) -> bool:
        """Whether anybody who makes themselves an account there would come in here."""
        return not self.domains and not self.roles and (urlsplit(self.issuer).hostname or "") in PUBLIC_ISSUERS

    def role_of(self, groups: Iterable[str]) -> Role | None:
        """The best role that these groups give; ``None`` when they give none."""
        has = {EVERYBODY, *groups}
        given = [role for group, role in self.roles if group in has]
        return max(given, key=lambda role: role.rank) if given else None


def provider_settings(values: Mapping[str, str]) -> ProviderSettings | None:
    """The provider that the settings name; ``None`` when they name none.

    Raises:
        SettingsError: one line that names the setting which is wrong.
    """
    given = [name for name in NAMES if values.get(name)]
    if not given:
        return None
    missing = [name for name in NEEDED if name not in given]
    if missing:
        raise SettingsError(f"{given[0]}: single sign-on also needs {missing[0]}.")
    return ProviderSettings(
        issuer=_issuer(values["OIDC_ISSUER"]),
        client_id=values["OIDC_CLIENT_ID"],
        client_secret=values["OIDC_CLIENT_SECRET"],
        name=values.get("OIDC_NAME") or ProviderSettings.name,
        scopes=_scopes(values.get("OIDC_SCOPES") or ProviderSettings.scopes),
        groups_claim=values.get("OIDC_GROUPS_CLAIM") or ProviderSettings.groups_claim,
        roles=_roles(values.get("OIDC_ROLES", "")),
        domains=frozenset(values.get("OIDC_DOMAINS", "").replace(",", " ").lower().split()),
        trusts_email=is_yes("OIDC_TRUST_EMAIL", values),
        is_only_way=is_yes("OIDC_ONLY", values),
    )


def _issuer(value: str) -> str:
    """As the provider writes it, to the letter: a slash more or less is another issuer."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError("OIDC_ISSUER: not a web address, such as https://login.example.com.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise SettingsError("OIDC_ISSUER: must begin with https://, since it decides who comes in.")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _scopes(value: str) -> str:
    if "openid" not in value.split():
        raise SettingsError("OIDC_SCOPES: must hold openid, such as openid email profile groups.")
    return value


def _roles(value: str) -> tuple[tuple[str, Role], ...]:
    return tuple(_role(one.strip()) for one in value.split(",") if one.strip())


def _role(text: str) -> tuple[str, Role]:
    group, _, role = text.rpartition("=")
    if not group.strip() or role.strip() not in list(Role):
        raise SettingsError(
            f"OIDC_ROLES: {text!r} is not a group and a role. Write them like platform=admin, engineering=responder."
        )
    return group.strip(), Role(role.strip())


def is_yes(name: str, values: Mapping[str, str], *, usual: str = "no") -> bool:
    value = values.get(name, usual).lower()
    if value not in ("yes", "no"):
        raise SettingsError(f"{name}: write yes or no.")
    return value == "yes"
