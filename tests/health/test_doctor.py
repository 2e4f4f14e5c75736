"""`followthrough check`: what it sees, and what it says to do."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests import make
from tracker import clock, create_app
from tracker.cli import main
from tracker.clients.oidc_claims import ProviderError
from tracker.clients.oidc_settings import ProviderSettings
from tracker.config import Settings
from tracker.database_trouble import database_trouble
from tracker.db import database, session, transaction
from tracker.health import surroundings
from tracker.health.doctor import address_finding, clock_finding, instance_finding, secret_finding
from tracker.health.findings import Finding
from tracker.models import JobRun, Role
from tracker.paths import PACKAGE
from tracker.queue import Job, immediate_queue
from tracker.wiring import Wiring


@pytest.fixture
def now() -> datetime:
    """The real time: the doctor compares it with the database's clock, which no test sets."""
    return clock.utcnow()


@pytest.fixture
def healthy(app: Flask, wiring: Wiring, now: datetime) -> None:
    """The one job there is ran to its end just now, and somebody can sign in."""
    make.person("Alice", role=Role.ADMIN)
    wiring.queue.jobs[:] = [Job(name="test.sweep", run=lambda _now: None)]
    make.save(JobRun(name="test.sweep", started_at=now, succeeded_at=now))


def check(app: Flask, *options: str) -> Result:
    return CliRunner().invoke(main, ["check", *options], obj=lambda: app)


def problems(app: Flask) -> dict[str, str]:
    findings = json.loads(check(app, "--json").stdout)
    return {finding["name"]: finding["sentence"] for finding in findings if not finding["ok"]}


def test_a_healthy_installation_gets_a_line_for_each_thing_and_status_0(app: Flask, healthy: None) -> None:
    result = check(app)

    assert result.exit_code == 0, result.output
    names = [line[7:18].strip() for line in result.stdout.splitlines()]
    assert names == ["database", "migrations", "queue", "mail", "jobs", "clock", "people", "webhooks",
        "address", "encryption", "outbox", "secret key", "privacy", "instance", "disk",
    ]  # fmt: skip
    assert "WRONG" not in result.stdout


def test_something_wrong_gives_status_1(app: Flask, healthy: None, now: datetime) -> None:
    make.tracker("GitHub")

    result = check(app)

    assert result.exit_code == 1
    assert "WRONG  tracker     GitHub was never read. Run `followthrough tracker check github`." in result.stdout


def test_programs_get_json(app: Flask, healthy: None) -> None:
    findings = json.loads(check(app, "--json").stdout)

    assert findings[0]["name"] == "database"
    assert findings[0]["ok"] is True


def test_a_tracker_that_was_read_lately_is_well_and_a_switched_off_one_is_not_looked_at(
    app: Flask, healthy: None, now: datetime
) -> None:
    make.tracker("GitHub", read_at=now - timedelta(minutes=5))
    make.tracker("Old Jira", is_active=False)

    assert problems(app) == {}


def test_a_tracker_that_was_not_read_for_hours_is_told(app: Flask, healthy: None, now: datetime) -> None:
    make.tracker("GitHub", read_at=now - timedelta(hours=3))

    assert problems(app)["tracker"].startswith("GitHub was last read 3 h ago.")


def test_a_job_that_never_ran_points_to_the_worker(app: Flask, wiring: Wiring) -> None:
    wiring.queue.jobs[:] = [Job(name="test.sweep", run=lambda _now: None)]

    assert "followthrough worker" in problems(app)["jobs"]


def test_a_job_of_every_hour_is_not_missed_in_the_first_one(app: Flask, healthy: None, wiring: Wiring) -> None:
    rare = Job(name="test.rare", run=lambda _now: None, minutes=60)
    wiring.queue.jobs.append(rare)

    early = problems(app)
    make.save(JobRun(name=rare.name, started_at=make.NOW))  # it was begun, and came to no end

    assert early == {}
    assert "test.rare never ran" in problems(app)["jobs"]


def test_a_job_that_fails_says_why(app: Flask, wiring: Wiring, now: datetime) -> None:
    wiring.queue.jobs[:] = [Job(name="test.sweep", run=lambda _now: None)]
    make.save(
        JobRun(
            name="test.sweep",
            started_at=now,
            succeeded_at=now - timedelta(hours=2),
            last_error="The disk is full.\nmore",
        )
    )

    assert problems(app)["jobs"].endswith("It said: The disk is full.")


def test_a_database_that_is_not_up_to_date_says_how_to_bring_it_there(app: Flask, healthy: None) -> None:
    with transaction():
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))

    assert "followthrough db upgrade" in problems(app)["migrations"]


def test_a_database_that_is_away_is_told_and_the_rest_is_looked_at(
    settings: Settings, wiring: Wiring, tmp_path: Path
) -> None:
    away = replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    app = create_app(away, wiring)

    found = problems(app)

    assert "DATABASE_URL" in found["database"]
    with app.app_context():
        database.engine.dispose()


def test_links_that_only_work_here_are_wrong_once_mail_goes_out(settings: Settings) -> None:
    local = replace(settings, base_url="http://127.0.0.1:5000", mail_url="smtp://mail.example.com")

    assert "BASE_URL" in address_finding(local).sentence
    assert not address_finding(local).is_ok
    assert address_finding(replace(local, mail_url="outbox:")).is_ok
    assert address_finding(replace(local, base_url="https://follow.example.com")).is_ok


def test_a_secret_key_that_others_can_read_is_told(settings: Settings) -> None:
    path = settings.instance_path / "secret_key"
    path.write_text("secret")
    path.chmod(0o644)

    open_to_all = secret_finding(settings)
    path.chmod(0o600)

    assert "chmod 600" in open_to_all.sentence
    assert not open_to_all.is_ok
    assert secret_finding(settings).is_ok


def test_an_instance_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    assert not instance_finding(tmp_path / "gone").is_ok
    assert instance_finding(tmp_path).is_ok


def test_clocks_that_differ_are_told(now: datetime) -> None:
    def told(apart: timedelta) -> Finding:
        return clock_finding(now, database_time=lambda: now + apart)

    assert told(timedelta(seconds=29)).is_ok
    assert "2 h apart" in told(timedelta(hours=2)).sentence
    assert not told(timedelta(hours=-2)).is_ok


def test_a_clock_from_before_the_program_was_written_is_told() -> None:
    long_ago = make.NOW.replace(year=1970)

    assert not clock_finding(long_ago, database_time=lambda: long_ago).is_ok


SSO = ProviderSettings(issuer="https://accounts.google.com", client_id="x", client_secret="y")


class Away:
    """A provider that does not answer."""

    def metadata(self) -> dict[str, str]:
        raise ProviderError("accounts.google.com does not answer as it should.")


def planted(settings: Settings, wiring: Wiring, folder: Path) -> dict[str, Finding]:
    """One finding for each thing that may be wrong around a program, each with that planted."""
    folder.chmod(0o755)
    (folder / "config.toml").write_text("")
    (folder / "config.toml").chmod(0o644)
    public = replace(settings, base_url="https://followthrough.example.com")
    open_sso, away = surroundings.sign_in_findings(SSO, wiring=replace(wiring, oidc=Away()))  # type: ignore[arg-type]
    readable = surroundings.privacy_finding(replace(settings, instance_path=folder))
    (folder / "old.db").write_text("")
    (folder / "old.db").chmod(0o640)
    address = f"sqlite:///{folder}/old.db"
    old_database = surroundings.privacy_finding(replace(settings, instance_path=folder / "none", database_url=address))
    return {
        "Put TLS in front.": surroundings.encryption_finding(replace(settings, base_url="http://ft.example.com")),
        "TRUSTED_PROXY is not set": surroundings.encryption_finding(public),
        "Set MAIL_URL to a mail server.": surroundings.outbox_finding(public),
        "Run `chmod 600": readable,
        f"chmod 600 {folder}/old.db*`": old_database,
        "Make room": surroundings.disk_finding(1024, path=folder),
        "followthrough user add": surroundings.administrator_finding(0),
        "Set OIDC_DOMAINS or OIDC_ROLES.": open_sso,
        "Check OIDC_ISSUER.": away,
        "at /settings/webhooks.": surroundings.webhook_finding(3),
    }


def test_each_planted_fault_is_found_and_said_how_to_mend(settings: Settings, wiring: Wiring, tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir()

    found = planted(settings, wiring, folder)

    assert [sentence for sentence, one in found.items() if one.is_ok or sentence not in one.sentence] == []


def test_the_documents_tell_each_fault_that_is_found() -> None:
    source = (PACKAGE / "health" / "doctor.py").read_text() + (PACKAGE / "health" / "surroundings.py").read_text()
    part = (PACKAGE.parent / "docs" / "operations.md").read_text().partition("check` finds\n")[2].partition("\n###")[0]
    rows = re.findall(r"^\| ([a-z -]+) \| (.+) \| (.+) \|$", part, re.MULTILINE)[1:]

    assert len(rows) >= 15
    assert {name for name, _fault, _mend in rows} | {"mail"} == set(re.findall(r'wrong\(\s*"([a-z -]+)"', source))
    assert [mend for _name, _fault, mend in rows if mend.removesuffix("`") not in source] == []


def test_what_is_right_around_a_program_is_found_right(settings: Settings, wiring: Wiring, tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    good = replace(
        settings,
        base_url="https://followthrough.example.com",
        trusted_proxy="127.0.0.1",
        mail_url="smtps://mail.example.com",
        instance_path=folder,
    )

    found = [
        surroundings.encryption_finding(good),
        surroundings.outbox_finding(good),
        surroundings.privacy_finding(good),
        surroundings.disk_finding(10**10, path=folder),
        surroundings.administrator_finding(1),
        surroundings.webhook_finding(0),
        *surroundings.sign_in_findings(None, wiring=wiring),
    ]

    assert [one for one in found if not one.is_ok] == []
    assert not replace(SSO, domains=frozenset({"example.com"})).is_open_to_the_world


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("database or disk is full", "Make room"),
        ("could not extend file: No space left on device", "Make room"),
        ("database is locked", "busy with another program"),
        ("attempt to write a readonly database", "may only be read"),
        ("unable to open database file", "cannot be opened"),
        ('FATAL: password authentication failed for user "x"', "does not take our password"),
        ("FATAL: sorry, too many clients already", "takes no more connections"),
        ("connection refused\n\tIs the server running?", "cannot be reached. Check DATABASE_URL, and that it runs."),
    ],
)
def test_what_a_database_says_becomes_a_sentence(said: str, sentence: str) -> None:
    told = database_trouble(OperationalError("SELECT 1", {}, Exception(said)))

    assert sentence in told
    assert "\n" not in told


def test_a_command_says_in_one_line_that_the_database_is_away(app: Flask, settings: Settings, wiring: Wiring) -> None:
    away = replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:9/nothing")

    made = create_app(away, replace(wiring, queue=immediate_queue()))

    result = CliRunner().invoke(main, ["user", "link", "a@example.com"], obj=lambda: made)

    assert result.exit_code == 1
    assert result.stderr.startswith("followthrough: The database cannot be reached. Check DATABASE_URL")
    assert len(result.stderr.splitlines()) == 1
