"""Trackers and sync on the command line."""

import json

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker
from tracker.cli import main
from tracker.clients.failures import BadCredentials, Unavailable
from tracker.clients.memory import MemoryClient
from tracker.db import session
from tracker.models import ActionItem, ActionState, JiraFlavour, Tracker
from tracker.security import Vault

TOKEN = "a-token-that-nobody-may-read"


def run(app: Flask, *words: str, **environment: str) -> Result:
    session.rollback()
    result = CliRunner().invoke(main, words, obj=lambda: app, env=environment)
    session.rollback()
    session.expire_all()
    return result


def test_tracker_add_github_takes_the_token_from_the_environment(app: Flask, worker: Worker) -> None:
    words = ("tracker", "add", "github", "Acme GitHub", "--token-env", "ACME_TOKEN", "--target", "acme/shop")

    result = run(app, *words, ACME_TOKEN=TOKEN)

    tracker = session.scalars(select(Tracker)).one()
    assert (result.exit_code, tracker.slug, tracker.default_target) == (0, "acme-github", "acme/shop")
    assert Vault(make.SECRET).open(tracker.sealed_token) == TOKEN
    assert "answers, we are memory there, and nothing is missing" in result.output
    assert TOKEN not in result.output


@pytest.mark.parametrize(
    ("options", "flavour"),
    [
        (("--email", "ana@example.com"), JiraFlavour.CLOUD),
        ((), JiraFlavour.SERVER),
        (("--flavour", "server", "--email", "ana@example.com"), JiraFlavour.SERVER),
    ],
)
def test_tracker_add_jira_knows_its_flavour(
    app: Flask, worker: Worker, options: tuple[str, ...], flavour: JiraFlavour
) -> None:
    words = (
        "tracker",
        "add",
        "jira",
        "Jira",
        "--url",
        "https://jira.example.com",
        "--token-env",
        "T",
        "--target",
        "SHOP",
    )

    result = run(app, *words, *options, T=TOKEN)

    assert result.exit_code == 0, result.output
    assert session.scalars(select(Tracker.flavour)).one() is flavour


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("github", "GitHub", "--token-env", "NOT_SET"), "The environment variable NOT_SET is empty."),
        (("github", "GitHub", "--url", "http://127.0.0.1:1", "--token-env", "T"), "leads into this machine"),
        (("github", "GitHub", "--token-env", "T", "--target", "shop"), '"shop" is not a repository.'),
        (
            ("jira", "J", "--url", "https://jira.example.com", "--flavour", "cloud", "--token-env", "T"),
            "Jira Cloud needs --email",
        ),
    ],
)
def test_a_wrong_tracker_is_refused_in_one_line(
    app: Flask, worker: Worker, words: tuple[str, ...], sentence: str
) -> None:
    result = run(app, "tracker", "add", *words, T=TOKEN)

    assert result.exit_code == 1
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert session.scalars(select(Tracker)).all() == []


def test_a_token_that_the_tracker_does_not_take_is_not_kept(app: Flask, worker: Worker, tickets: MemoryClient) -> None:
    tickets.fail_with = BadCredentials("They do not accept our token.")

    result = run(app, "tracker", "add", "github", "GitHub", "--token-env", "T", T=TOKEN)

    assert (result.exit_code, result.stderr) == (1, "followthrough: They do not accept our token. Nothing is kept.\n")
    assert session.scalars(select(Tracker)).all() == []


def test_tracker_check_says_what_is_missing_and_fails(app: Flask, worker: Worker, tickets: MemoryClient) -> None:
    make.tracker()
    tickets.fail_with = BadCredentials("They do not accept our token.")

    bad = run(app, "tracker", "check", "GitHub")
    good = run(app, "tracker", "check", "--json")

    assert (bad.exit_code, "GitHub: They do not accept our token." in bad.output) == (1, True)
    assert json.loads(good.stdout) == {"github": {"healthy": True, "account": "memory", "problems": []}}


def test_sync_makes_tickets_and_reads_what_changed(app: Flask, worker: Worker, tickets: MemoryClient) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")

    first = run(app, "sync")
    tickets.remote_close(next(iter(tickets.tickets)))
    worker.later(minutes=1)
    second = run(app, "sync", "--full", "--json", "github")

    assert f"GitHub: ticket {action.ref} acme/shop#1" in first.output
    round_ = json.loads(second.stdout)[0]
    assert "1 ticket seen, 0 changed here." in first.output
    assert (round_["targets"], round_["changed"], round_["is_full"], round_["problems"]) == (["acme/shop"], 1, True, [])
    assert session.get_one(ActionItem, action.id).state is ActionState.DONE


def test_sync_that_could_not_do_everything_fails(app: Flask, worker: Worker, tickets: MemoryClient) -> None:
    make.ticket(action=make.action())
    tickets.fail_with = Unavailable("It is down.")

    result = run(app, "sync")

    assert result.exit_code == 1
    assert "GitHub: It is down." in result.output
    assert run(app, "sync").exit_code == 0, "asked by hand, our own pause does not count"


def test_an_unknown_tracker_is_told_with_the_known_ones(app: Flask, worker: Worker) -> None:
    make.tracker()

    result = run(app, "sync", "gitlab")

    assert result.stderr == "followthrough: There is no tracker named gitlab. Known: github.\n"
