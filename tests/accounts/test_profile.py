"""What people change about themselves."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.accounts.guessable import refuse_guessable
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import AuditEntry, Person
from tracker.security import hash_password, password_fits

OLD = "the password from before"
NEW = "a longer one that is new"


def fresh(person: Person) -> Person:
    session.expire_all()
    found = session.get(Person, person.id)
    assert found is not None
    return found


def test_name_and_time_zone_are_saved(browser: Browser, responder: Person) -> None:
    page = browser.get("/profile").submit("Save", name="Bob Berg", timezone="Europe/Copenhagen")

    assert "Saved." in page.flashes
    assert (fresh(responder).name, fresh(responder).timezone) == ("Bob Berg", "Europe/Copenhagen")


def test_an_empty_time_zone_means_that_of_the_installation(app: Flask) -> None:
    person = make.person("Ana", timezone="Asia/Tokyo")

    Browser(app, person=person).get("/profile").submit("Save", timezone="")

    assert fresh(person).timezone is None


def test_a_time_zone_that_does_not_exist_is_refused_and_what_was_typed_is_kept(browser: Browser) -> None:
    page = browser.get("/profile").submit("Save", name="Bob", timezone="Middle/Earth")

    assert page.status == 422
    assert "no such time zone" in page.errors[0]
    assert page.select("input[name=timezone]")[0]["value"] == "Middle/Earth"


def test_a_first_password_is_set_without_asking_for_an_old_one(browser: Browser, responder: Person) -> None:
    browser.get("/profile").submit("Set password", new=NEW)

    assert password_fits(fresh(responder).password_hash, NEW)


def test_a_password_is_changed_only_by_somebody_who_knows_it(app: Flask) -> None:
    person = make.person("Ana", password_hash=hash_password(OLD))

    page = Browser(app, person=person).get("/profile").submit("Change password", present="guessed it maybe", new=NEW)

    assert page.status == 422
    assert "present password is not right" in page.errors[0]
    assert password_fits(fresh(person).password_hash, OLD)


def test_a_short_password_is_refused_and_one_that_nobody_types(browser: Browser, responder: Person) -> None:
    page = browser.get("/profile").submit("Set password", new="short")

    guessable = browser.get("/profile").submit("Set password", new="password1234")

    longest = "several unrelated words " * 6
    endless = browser.get("/profile").submit("Set password", new=longest[:129])

    assert "at least 12 characters" in page.errors[0]
    assert endless.errors == ["Use at most 128 characters."]
    assert "one of the first that people try" in guessable.errors[0]
    assert fresh(responder).password_hash is None
    assert browser.get("/profile").submit("Set password", new=longest[:128]).status == 200
    assert password_fits(fresh(responder).password_hash or "", longest[:128])


@pytest.mark.parametrize(
    "guessable", ["password1234", "1q2w3e4r5t6y", "bob@example.com1", "Followthrough1", "november2026!", "z" * 500]
)
def test_a_password_that_is_guessed_first_is_refused(guessable: str) -> None:
    bob = Person(email="bob@example.com", name="Bob Berg")

    refuse_guessable(NEW, of=bob)
    with pytest.raises(RuleError, match="one of the first that people try"):
        refuse_guessable(guessable, of=bob)


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(app: Flask) -> None:
    person = make.person("Ana", password_hash=hash_password(OLD))
    here, elsewhere = Browser(app, person=person), Browser(app, person=person)

    here.get("/profile").submit("Change password", present=OLD, new=NEW)

    assert here.get("/profile").status == 200
    assert elsewhere.get("/profile").status == 303


def test_all_other_sessions_can_be_ended(app: Flask) -> None:
    person = make.person("Ana")
    here, elsewhere = Browser(app, person=person), Browser(app, person=person)

    page = here.get("/profile").submit("Sign out everywhere else")

    assert "other sessions are ended" in page.flashes
    assert elsewhere.get("/profile").status == 303


def test_changes_of_passwords_and_sessions_are_noted_without_the_password(browser: Browser) -> None:
    browser.get("/profile").submit("Set password", new=NEW)
    browser.get("/profile").submit("Sign out everywhere else")

    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.subject, entry.detail) for entry in entries] == [
        ("set_password", "bob@example.com", {}),
        ("end_sessions", "bob@example.com", {}),
    ]
