"""Accounts on the command line, and the greeting at the start."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker import create_app
from tracker.accounts.commands import welcome
from tracker.cli import main
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import ApiToken, AuditEntry, Person, Role, TokenScope
from tracker.security import token_hash
from tracker.wiring import Wiring


def run(app: Flask, *words: str) -> Result:
    result = CliRunner().invoke(main, words, obj=lambda: app)
    session.rollback()
    return result


def test_user_add_makes_an_account(app: Flask) -> None:
    result = run(app, "user", "add", "Ana@Example.com", "--name", "Ana Berg", "--role", "admin")

    person = session.scalars(select(Person)).one()
    assert result.exit_code == 0
    assert (person.email, person.name, person.role) == ("ana@example.com", "Ana Berg", Role.ADMIN)
    assert session.scalars(select(AuditEntry.action)).all() == ["add_person"]


def test_user_add_answers_programs_in_json(app: Flask) -> None:
    result = run(app, "user", "add", "ana@example.com", "--json")

    assert json.loads(result.stdout) == {"email": "ana@example.com", "name": "Ana", "role": "responder"}


def test_user_add_twice_fails_in_one_line(app: Flask) -> None:
    run(app, "user", "add", "ana@example.com")

    result = run(app, "user", "add", "ana@example.com")

    assert result.exit_code == 1
    assert result.stderr.startswith("followthrough: ana@example.com has an account already.")
    assert result.stderr.count("\n") == 1


def test_a_role_that_does_not_exist_is_wrong_usage(app: Flask) -> None:
    assert run(app, "user", "add", "ana@example.com", "--role", "king").exit_code == 2


def test_user_link_prints_a_link_that_signs_in(app: Flask, anonymous: Browser) -> None:
    make.person("Ana")

    result = run(app, "user", "link", "ana@example.com")

    path = result.stdout.strip().removeprefix("http://localhost")
    assert anonymous.get(path).submit("Sign in").url == "/"
    assert session.scalars(select(AuditEntry.action)).all() == ["make_sign_in_link"]


def test_user_link_of_nobody_fails_in_one_line(app: Flask) -> None:
    result = run(app, "user", "link", "nobody@example.com")

    assert result.exit_code == 1
    assert "Nobody has the address nobody@example.com." in result.stderr
    assert result.stdout == ""


def test_user_link_of_somebody_who_is_switched_off_fails(app: Flask) -> None:
    make.person("Ana", is_active=False)

    assert run(app, "user", "link", "ana@example.com").exit_code == 1


def test_token_create_prints_the_token_and_stores_its_hash(app: Flask) -> None:
    make.person("Ana")

    result = run(app, "token", "create", "ana@example.com", "--name", "nightly export")

    stored = session.scalars(select(ApiToken)).one()
    assert stored.name == "nightly export"
    assert stored.token_hash == token_hash(result.stdout.strip())


def test_token_create_makes_one_that_may_do_what_its_person_may_until_it_is_revoked(app: Flask) -> None:
    make.person("Ana", role=Role.VIEWER)

    made = run(app, "token", "create", "ana@example.com", "--json")

    told = json.loads(made.stdout)
    assert (told["scope"], told["expires_at"]) == ("read", None)
    assert told["token"].startswith("ft_")


def test_token_create_takes_a_scope_and_an_end(app: Flask) -> None:
    make.person("Ana", role=Role.ADMIN)

    run(app, "token", "create", "ana@example.com", "--scope", "write", "--days", "30")

    stored = session.scalars(select(ApiToken)).one()
    assert stored.scope is TokenScope.WRITE
    assert stored.expires_at == stored.created_at + timedelta(days=30)


def test_token_create_makes_none_that_may_more_than_its_person(app: Flask) -> None:
    make.person("Ana")

    result = run(app, "token", "create", "ana@example.com", "--scope", "admin")

    assert result.exit_code == 1
    assert "Only administrators may have a token to admin" in result.stderr
    assert session.scalars(select(ApiToken)).all() == []


def test_the_first_start_makes_an_administrator_and_prints_a_link(
    app: Flask, anonymous: Browser, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    welcome("http://127.0.0.1:5050")

    printed = capsys.readouterr().out
    path = re.search(r"http://localhost(/sign-in/link/\S+)\n$", printed)
    admin = session.scalars(select(Person)).one()
    assert (admin.email, admin.name, admin.role) == ("admin@localhost", "Administrator", Role.ADMIN)
    assert path
    assert anonymous.get(path[1]).submit("Sign in").url == "/"


def test_without_an_address_of_its_own_every_start_prints_a_link_to_where_it_listens(
    settings: Settings, wiring: Wiring, capsys: pytest.CaptureFixture[str]
) -> None:
    with create_app(replace(settings, base_url="http://127.0.0.1:5050"), wiring).app_context():
        make.person("Ana", role=Role.ADMIN, signed_in_at=make.NOW)
        welcome("http://127.0.0.1:5050")
        session.remove()
        database.engine.dispose()

    assert "http://127.0.0.1:5050/sign-in/link/" in capsys.readouterr().out


def test_an_administrator_who_is_there_is_greeted_and_nobody_is_made(
    admin: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    welcome("http://127.0.0.1:5000")

    assert "Sign in as Alice" in capsys.readouterr().out
    assert session.scalars(select(Person.email)).all() == [admin.email]


def test_an_installation_in_use_prints_no_link_into_its_log(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    make.person("Ana", role=Role.ADMIN, signed_in_at=make.NOW)

    welcome("http://127.0.0.1:5000")

    assert capsys.readouterr().out == ""


def test_an_installation_whose_administrators_are_all_switched_off_gets_one_back(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    make.person("Administrator", email="admin@localhost", role=Role.VIEWER, is_active=False)

    welcome("http://127.0.0.1:5000")

    admin = session.scalars(select(Person)).one()
    assert (admin.is_active, admin.role) == (True, Role.ADMIN)
