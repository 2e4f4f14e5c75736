"""Single sign-on: away to a real provider on another port, and back, with everything that may go wrong on the way."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from sqlalchemy import delete, select

from tests import make
from tests.browser import Browser, Page
from tests.chromium import PATIENCE
from tests.servers.provider import Provider, provider
from tests.serving import served
from tracker.clients.oidc import OidcClient
from tracker.clients.oidc_claims import ProviderError
from tracker.clients.oidc_settings import ProviderSettings, provider_settings
from tracker.config import Settings
from tracker.db import session, transaction
from tracker.errors import SettingsError
from tracker.models import AuditEntry, Identity, Person, Role
from tracker.security import hash_password
from tracker.wiring import Wiring

pytestmark = [
    pytest.mark.once,
    # The provider that is played uses what its library will drop one day.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib"),
]
GOOD = {"OIDC_ISSUER": "https://login.example.com", "OIDC_CLIENT_ID": "followthrough", "OIDC_CLIENT_SECRET": "secret"}
ANA = {"email": "Ana@Example.com", "email_verified": True, "name": "Ana Silva"}


@pytest.fixture(scope="module")
def played() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture(autouse=True)
def honest(request: pytest.FixtureRequest) -> None:
    if "played" in request.fixturenames:
        request.getfixturevalue("played").lies.clear()


@pytest.fixture
def sso(played: Provider) -> ProviderSettings:
    return ProviderSettings(issuer=played.url, client_id="followthrough", client_secret="secret", name="Example ID")


@pytest.fixture
def settings(settings: Settings, sso: ProviderSettings) -> Settings:
    return replace(settings, oidc=sso)


@pytest.fixture
def wiring(wiring: Wiring, sso: ProviderSettings) -> Wiring:
    return replace(wiring, oidc=OidcClient(sso))


def use(app: Flask, **changes: Any) -> None:
    """Other settings of the provider, for the running application."""
    frozen: Settings = app.extensions["followthrough.settings"]
    assert frozen.oidc is not None
    sso = replace(frozen.oidc, **changes)
    app.extensions["followthrough.settings"] = replace(frozen, oidc=sso)
    app.extensions["followthrough.wiring"] = replace(app.extensions["followthrough.wiring"], oidc=OidcClient(sso))


def away(browser: Browser, *, to: str = "") -> str:
    """Press the button; the provider's address that the browser is sent to."""
    form = browser.get("/sign-in", query={"next": to} if to else None)
    [link] = [str(tag["href"]) for tag in form.select("main a.button") if "Example ID" in tag.get_text()]
    return str(browser.get(link).response.headers["Location"])


def come_in(browser: Browser, played: Provider, *, subject: str = "ana-1", to: str = "") -> Page:
    return follow(browser, played.agree(away(browser, to=to), subject=subject))


def follow(browser: Browser, path: str) -> Page:
    page = browser.get(path)
    return browser.get(page.response.headers["Location"]) if page.status == 303 else page


def people() -> list[tuple[str, str, Role]]:
    rows = session.scalars(select(Person).where(Person.email.like("ana%")).order_by(Person.id))
    return [(row.email, row.name, row.role) for row in rows]


def test_somebody_new_comes_in_and_back_to_the_page_they_asked_for(
    anonymous: Browser, admin: Person, played: Provider
) -> None:
    with transaction():
        session.merge(admin).signed_in_at = make.NOW
    played.knows("ana-1", **ANA)

    page = come_in(anonymous, played, to="/profile")

    assert (page.url, page.status) == ("/profile", 200)
    assert people() == [("ana@example.com", "Ana Silva", Role.RESPONDER)]
    asked = played.asked[-1]
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert [one.action for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))] == [
        "add_person",
        "link_identity",
    ]


def test_the_first_to_come_in_where_no_administrator_was_becomes_one(
    app: Flask, anonymous: Browser, played: Provider
) -> None:
    played.knows("ana-1", **ANA)
    played.knows("bo-1", **ANA | {"email": "ana.b@example.com"})

    come_in(anonymous, played)
    come_in(Browser(app, person=None), played, subject="bo-1")

    assert [role for _email, _name, role in people()] == [Role.ADMIN, Role.RESPONDER]


def test_groups_say_what_a_person_may_do_each_time_they_come(app: Flask, anonymous: Browser, played: Provider) -> None:
    make.person("Boss", role=Role.ADMIN)
    use(app, roles=(("platform team", Role.ADMIN), ("engineering", Role.RESPONDER)))
    roles = []
    for groups in (["engineering"], ["engineering", "platform team"], ["engineering"]):
        played.knows("ana-1", **ANA, groups=groups)
        come_in(Browser(app, person=None), played)
        roles += [role for _email, _name, role in people()]
    played.knows("ana-1", **ANA, groups=["sales"])

    refused = come_in(anonymous, played)

    assert roles == [Role.RESPONDER, Role.ADMIN, Role.RESPONDER]
    assert (refused.status, "None of your groups" in refused.text) == (422, True)
    assert anonymous.get("/profile").status == 303


def test_the_last_administrator_stays_one_whatever_the_groups_say(
    app: Flask, anonymous: Browser, played: Provider
) -> None:
    make.person("Ana", role=Role.ADMIN)
    use(app, roles=(("*", Role.VIEWER),))
    played.knows("ana-1", **ANA)

    come_in(anonymous, played)

    assert people() == [("ana@example.com", "Ana", Role.ADMIN)]


def test_the_name_that_never_changes_decides_and_not_the_address(
    app: Flask, anonymous: Browser, played: Provider
) -> None:
    ana = make.person("Ana")
    played.knows("ana-1", **ANA)
    come_in(Browser(app, person=None), played)
    played.knows("ana-1", **ANA | {"email": "ana.married@example.com"})
    come_in(anonymous, played)
    played.knows("ana-2", **ANA)

    somebody_else = come_in(Browser(app, person=None), played, subject="ana-2")

    assert [row.person_id for row in session.scalars(select(Identity))] == [ana.id]
    assert anonymous.get("/profile").status == 200
    assert "the account of somebody else" in somebody_else.text


@pytest.mark.parametrize(
    ("claims", "changes", "sentence"),
    [
        ({"email_verified": False}, {}, "is yours for certain"),
        ({"email": ""}, {}, "did not tell your e-mail address"),
        ({}, {"domains": frozenset({"example.org"})}, "cannot come in here"),
        ({"email": "off@example.com"}, {}, "switched off"),
    ],
)
def test_who_may_not_come_in_is_told_why(
    app: Flask, anonymous: Browser, played: Provider, claims: dict[str, Any], changes: dict[str, Any], sentence: str
) -> None:
    make.person("Off", is_active=False)
    use(app, **changes)
    played.knows("x-1", **ANA | claims)

    page = come_in(anonymous, played, subject="x-1")

    assert page.status == 422
    assert sentence in page.text
    assert anonymous.get("/profile").status == 303
    assert people() == []


def forged(answer: dict[str, Any], **changes: Any) -> dict[str, Any]:
    head, body, signature = answer["id_token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "==")) | changes
    packed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return answer | {"id_token": f"{head}.{packed}.{signature}"}


def unsigned(answer: dict[str, Any]) -> dict[str, Any]:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return answer | {"id_token": f"{head}.{answer['id_token'].split('.')[1]}."}


def test_what_the_provider_did_not_sign_for_this_sign_in_is_refused(
    app: Flask, anonymous: Browser, played: Provider
) -> None:
    """Forged, unsigned, of another sign-in, of another person, for another program; none leaves a trace."""
    played.knows("ana-1", **ANA)
    kept: list[dict[str, Any]] = []
    played.lies["/oauth2/token"] = lambda answer: (kept.append(answer), answer)[1]  # type: ignore[func-returns-value]
    come_in(Browser(app, person=None), played)
    with transaction():
        session.execute(delete(Identity))
    lies: dict[str, tuple[str, Any]] = {
        "forged": ("/oauth2/token", lambda answer: forged(answer, sub="boss-1")),
        "unsigned": ("/oauth2/token", unsigned),
        "of another sign-in": ("/oauth2/token", lambda _answer: kept[0]),
        "no id token": (
            "/oauth2/token",
            lambda answer: {"access_token": answer["access_token"], "token_type": "Bearer"},
        ),
        "somebody else's details": ("/userinfo", lambda answer: answer | {"sub": "boss-1"}),
        "not an object": ("/userinfo", lambda answer: [answer]),
    }
    answers = {}
    for name, (path, lie) in lies.items():
        played.lies.clear()
        played.lies[path] = lie
        answers[name] = come_in(anonymous, played).status
    assert answers == dict.fromkeys(lies, 422)
    assert session.scalars(select(Identity)).all() == []
    assert anonymous.get("/profile").status == 303


def test_a_token_that_was_signed_for_another_program_is_refused(
    app: Flask, anonymous: Browser, played: Provider, sso: ProviderSettings
) -> None:
    played.knows("ana-1", **ANA)
    kept: list[dict[str, Any]] = []
    played.lies["/oauth2/token"] = lambda answer: (kept.append(answer), answer)[1]  # type: ignore[func-returns-value]
    come_in(anonymous, played)
    nonce = played.asked[-1]["nonce"]

    assert OidcClient(sso)._signed_claims(kept[0], nonce=nonce)["aud"] == ["followthrough"]
    with pytest.raises(ProviderError, match="could not be verified"):
        OidcClient(replace(sso, client_id="another"))._signed_claims(kept[0], nonce=nonce)


def test_a_return_is_good_once_and_only_in_the_browser_that_began(
    app: Flask, anonymous: Browser, played: Provider
) -> None:
    played.knows("ana-1", **ANA)
    stolen = played.agree(away(anonymous), subject="ana-1")
    victim = Browser(app, person=None)
    away(victim)

    elsewhere, wrong = victim.get(stolen), anonymous.get("/sign-in/single/back?state=guessed&code=x")
    replayed = anonymous.get(stolen)
    first_path = played.agree(away(anonymous), subject="ana-1")
    first, again = anonymous.get(first_path), Browser(app, person=None).get(first_path)

    assert [one.status for one in (elsewhere, wrong, replayed, first, again)] == [422, 422, 422, 303, 422]
    assert "begun in another browser" in elsewhere.text
    assert "not signed in there" in come_back_denied(app, played).text


def come_back_denied(app: Flask, played: Provider) -> Page:
    browser = Browser(app, person=None)
    away(browser)
    return browser.get(f"/sign-in/single/back?state={state_of(browser)}&error=access_denied")


def state_of(browser: Browser) -> str:
    with browser.client.session_transaction() as cookie:
        return str(cookie["single sign-on"]["state"])


def test_a_provider_that_is_away_or_another_one_is_said(app: Flask, anonymous: Browser, played: Provider) -> None:
    played.lies["/.well-known/openid-configuration"] = lambda told: told | {"issuer": "https://evil.example"}
    use(app)
    another = follow(anonymous, "/sign-in/single")
    use(app, issuer="http://127.0.0.1:9")
    gone = follow(anonymous, "/sign-in/single")
    played.lies["/.well-known/openid-configuration"] = lambda told: told | {"token_endpoint": "file:///etc/passwd"}
    use(app, issuer=played.url)

    unsafe = follow(anonymous, "/sign-in/single")

    assert "must be the same to the letter" in another.text
    assert "does not answer as it should" in gone.text
    assert "not a safe address" in unsafe.text


@pytest.mark.parametrize("name", ["token_endpoint", "userinfo_endpoint", "jwks_uri"])
def test_a_provider_does_not_lead_us_to_other_hosts_inside(
    app: Flask, anonymous: Browser, played: Provider, name: str
) -> None:
    """The issuer itself is on this machine, as its administrator said; `localhost` is another host, and nobody's."""
    played.knows("ana-1", **ANA)
    inside = played.url.replace("127.0.0.1", "localhost")
    played.lies["/.well-known/openid-configuration"] = lambda told: (
        told | {name: str(told[name]).replace(played.url, inside)}
    )
    use(app)

    page = come_in(anonymous, played)

    assert (page.status, "on a private network, where we do not go" in page.text) == (422, True)
    assert people() == []


def test_where_it_is_the_only_way_no_password_and_no_mailed_link_lets_anybody_in(
    app: Flask, anonymous: Browser, played: Provider
) -> None:
    make.person("Ana", password_hash=hash_password("four unrelated words here"))
    form = anonymous.get("/sign-in")
    use(app, is_only_way=True)

    password = form.submit("Sign in", email="ana@example.com", password="four unrelated words here")
    link = form.submit("Mail me a sign-in link", email="ana@example.com")

    assert (password.status, link.status) == (422, 422)
    assert "People sign in with Example ID here." in password.errors[0]
    assert anonymous.get("/sign-in").select("main input[name=password]") == []


def test_an_administrator_connects_a_person_with_their_new_account(
    app: Flask, admin_browser: Browser, played: Provider
) -> None:
    ana = make.person("Ana")
    played.knows("ana-1", **ANA)
    played.knows("ana-2", **ANA)
    come_in(Browser(app, person=None), played)

    admin_browser.get(f"/settings/people/{ana.id}/sessions").submit("Disconnect")
    come_in(Browser(app, person=None), played, subject="ana-2")

    assert [(row.person_id, row.subject) for row in session.scalars(select(Identity))] == [(ana.id, "ana-2")]


def test_in_a_real_browser(app: Flask, chromium: Chromium, played: Provider, settings: Settings) -> None:
    played.knows("ana-1", **ANA)
    with served(app) as url:
        app.extensions["followthrough.settings"] = replace(settings, base_url=url)
        context = chromium.new_context(base_url=url)
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()

        page.goto("/sign-in?next=/profile")
        page.get_by_role("link", name="Sign in with Example ID").click()
        page.get_by_placeholder("sub").fill("ana-1")
        page.get_by_role("button", name="Authorize").click()

        expect(page.get_by_role("heading", level=1)).to_contain_text("Your profile")
        page.get_by_role("link", name="Where you are signed in").click()
        expect(page.get_by_role("main")).to_contain_text("Chrome on Linux")
        expect(page.get_by_role("main")).to_contain_text("single sign-on")
        context.close()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"OIDC_ISSUER": "login.example.com"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "http://login.example.com"}, "OIDC_ISSUER"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_ISSUER"),
        ({"OIDC_SCOPES": "email"}, "OIDC_SCOPES"),
        ({"OIDC_ROLES": "engineering"}, "OIDC_ROLES"),
        ({"OIDC_ROLES": "engineering=boss"}, "OIDC_ROLES"),
        ({"OIDC_ONLY": "maybe"}, "OIDC_ONLY"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        provider_settings(GOOD | changes)


def test_the_settings_are_read_and_the_secret_is_never_shown() -> None:
    read = provider_settings(
        GOOD | {"OIDC_ROLES": "platform team=admin, *=viewer", "OIDC_DOMAINS": "example.com, Example.org"}
    )

    assert read is not None
    assert (read.role_of(["platform team"]), read.role_of([]), read.domains) == (
        Role.ADMIN,
        Role.VIEWER,
        frozenset({"example.com", "example.org"}),
    )
    assert GOOD["OIDC_CLIENT_SECRET"] not in repr(read)
    assert provider_settings({}) is None
