"""API tokens of one's own."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.db import session
from tracker.models import ApiToken, AuditEntry, Person
from tracker.security import token_hash


def test_a_token_is_shown_once_and_stored_only_as_a_hash(browser: Browser, responder: Person) -> None:
    page = browser.get("/settings/tokens").submit("Make token", name="deploy pipeline", days="")

    secret = page.select("pre code")[0].get_text()
    stored = session.scalars(select(ApiToken)).one()
    assert secret.startswith("ft_")
    assert (stored.person_id, stored.token_hash) == (responder.id, token_hash(secret))
    assert secret not in str({column.name: getattr(stored, column.name) for column in ApiToken.__table__.columns})
    again = browser.get("/settings/tokens")
    assert "deploy pipeline" in again.text
    assert secret not in again.body


def test_a_token_ends_after_the_time_that_was_chosen(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)

    browser.get("/settings/tokens").submit("Make token", name="deploy pipeline", days="30")

    token = session.scalars(select(ApiToken)).one()
    assert token.expires_at == now + timedelta(days=30)
    assert token.is_usable(now + timedelta(days=29))
    assert not token.is_usable(now + timedelta(days=30))


def test_a_token_needs_to_say_what_it_is_for(browser: Browser) -> None:
    page = browser.get("/settings/tokens").submit("Make token", name=" ")

    assert page.status == 422
    assert page.errors == ["Enter what it is for."]


def test_a_revoked_token_works_no_more(browser: Browser, now: datetime) -> None:
    browser.get("/settings/tokens").submit("Make token", name="deploy pipeline", days="")

    page = browser.get("/settings/tokens").submit("Revoke token")

    assert "works no more" in page.flashes
    assert "Revoked" in page.text
    assert not session.scalars(select(ApiToken)).one().is_usable(now)


def test_nobody_sees_or_revokes_the_token_of_somebody_else(browser: Browser, admin: Person, now: datetime) -> None:
    theirs = make.save(
        ApiToken(person_id=admin.id, name="theirs", token_hash="0" * 64, first_characters="ft_x", created_at=now)
    )

    answer = browser.post(f"/settings/tokens/{theirs.id}/revoke", {"csrf_token": browser.token("/settings/tokens")})

    assert answer.status == 404
    assert "theirs" not in browser.get("/settings/tokens").text
    session.rollback()
    assert session.scalars(select(ApiToken.revoked_at)).all() == [None]


def test_making_and_revoking_are_noted_without_the_secret(browser: Browser) -> None:
    made = browser.get("/settings/tokens").submit("Make token", name="deploy pipeline", days="")
    browser.get("/settings/tokens").submit("Revoke token")

    secret = made.select("pre code")[0].get_text()
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["create_token", "revoke_token"]
    assert all(secret not in f"{entry.subject} {entry.detail}" for entry in entries)


def test_a_token_is_offered_for_what_its_person_may(browser: Browser, admin_browser: Browser) -> None:
    def offered(by: Browser) -> list[str]:
        return [str(option["value"]) for option in by.get("/settings/tokens").select("select[name=scope] option")]

    assert offered(browser) == ["read", "write"]
    assert offered(admin_browser) == ["read", "write", "admin"]


def test_nobody_gets_a_token_that_may_more_than_they(browser: Browser) -> None:
    data = {"csrf_token": browser.token("/settings/tokens"), "name": "x", "days": "", "scope": "admin"}

    page = browser.post("/settings/tokens", data)

    assert page.status == 422
    assert session.scalars(select(ApiToken)).all() == []


def test_the_list_says_what_each_token_may(browser: Browser) -> None:
    browser.get("/settings/tokens").submit("Make token", name="deploy pipeline", scope="write")

    assert "write" in [cell.get_text(strip=True) for cell in browser.get("/settings/tokens").select("td")]
