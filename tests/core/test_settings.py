"""What an administrator decides before the start: read, checked, and refused in one line that says what to write."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tracker.config import Settings, load_settings, remember_address
from tracker.db import prepare_sqlite
from tracker.errors import SettingsError
from tracker.queue import make_queue
from tracker.wiring import default_wiring

pytestmark = pytest.mark.once

P = "FOLLOWTHROUGH_"


def load(folder: Path, **values: str) -> Settings:
    given = {f"{P}{name}": value for name, value in values.items()}
    return load_settings({f"{P}INSTANCE_PATH": str(folder), "HOME": "ignored", **given})


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = load(tmp_path)

    assert settings.database_url == f"sqlite:///{tmp_path / 'followthrough.db'}"
    assert settings.mail_url == "outbox:"
    assert settings.base_url == "http://127.0.0.1:5000"
    assert settings.timezone.key == "UTC"
    assert len(settings.secret_key) >= 32


def test_the_secret_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = load(tmp_path).secret_key
    second = load(tmp_path).secret_key

    assert first == second
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_the_files_of_sqlite_are_for_their_owner_alone_from_the_first_moment(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    settings = load(instance)
    engine = create_engine(settings.database_url)
    prepare_sqlite(engine)
    make_queue(settings)

    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE anything (id INTEGER)")
        names = {path.name for path in instance.iterdir()}
        readable = [path.name for path in [instance, *instance.iterdir()] if path.stat().st_mode & 0o077]

    assert names >= {"followthrough.db", "followthrough.db-wal", "queue.db"}
    assert readable == []


def test_an_emptied_secret_key_is_never_taken_for_a_key(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("")

    with pytest.raises(SettingsError, match="Restore it from a backup"):
        load(tmp_path)


def test_two_processes_that_start_at_once_use_the_same_key(tmp_path: Path) -> None:
    script = "from tracker.config import load_settings; print(load_settings().secret_key)"
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", script], env={f"{P}INSTANCE_PATH": str(tmp_path)}, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]

    keys = {start.communicate()[0] for start in starts}

    assert len(keys) == 1


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('TIMEZONE = "Asia/Kolkata"\nMAIL_FROM = "ops@example.com"\n')

    settings = load(tmp_path, TIMEZONE="Europe/Copenhagen")

    assert settings.timezone.key == "Europe/Copenhagen"
    assert settings.mail_from == "ops@example.com"


def test_links_lead_to_where_this_run_listens(tmp_path: Path) -> None:
    settings = load_settings({f"{P}INSTANCE_PATH": str(tmp_path)}, listening_at="http://127.0.0.1:5099")

    assert settings.base_url == "http://127.0.0.1:5099"


def test_links_of_later_commands_lead_to_where_the_last_run_listened(tmp_path: Path) -> None:
    remember_address("http://127.0.0.1:5099", instance=tmp_path)
    remember_address("http://127.0.0.1:5050", instance=tmp_path)

    assert load(tmp_path).base_url == "http://127.0.0.1:5050"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["address", "secret_key"]


def test_an_address_that_was_set_wins_over_where_the_program_listens(tmp_path: Path) -> None:
    remember_address("http://127.0.0.1:5050", instance=tmp_path)
    (tmp_path / "config.toml").write_text('BASE_URL = "https://followthrough.example.com"\n')

    settings = load_settings({f"{P}INSTANCE_PATH": str(tmp_path)}, listening_at="http://127.0.0.1:5099")

    assert settings.base_url == load(tmp_path).base_url == "https://followthrough.example.com"


def test_an_empty_value_means_the_default(tmp_path: Path) -> None:
    assert load(tmp_path, MAIL_URL="", BASE_URL="").mail_url == "outbox:"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "nonsense", "not a database address"),
        ("DATABASE_URL", "mysql://host/name", "mysql is not supported"),
        ("DATABASE_URL", "sqlite://", "SQLite needs a file"),
        ("SECRET_KEY", "short", "too short"),
        ("BASE_URL", "followthrough.example.com", "not a web address"),
        ("BASE_URL", "javascript:alert(1)", "not a web address"),
        ("MAIL_URL", "mail.example.com", "MAIL_URL"),
        ("MAIL_FROM", "Somebody", "not an e-mail address"),
        ("MAIL_FROM", "a@example.com\r\nBcc: b@example.com", "not an e-mail address"),
        ("TIMEZONE", "Copenhagen", "not a time zone"),
        ("TIMEZONE", "../../etc/passwd", "not a time zone"),
        ("OIDC_ISSUER", "https://login.example.com", "single sign-on also needs OIDC_CLIENT_ID"),
        ("TRUSTED_PROXY", "proxy.example.com", "is not an IP address"),
        ("METRICS_TOKEN", "short", "at least 16"),
        ("METRICS_TOKEN", "a token with spaces in it", "without a space"),
        ("DATABSE_URL", "sqlite:///x.db", "there is no such setting. Known are DATABASE_URL"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_write(tmp_path: Path, name: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        load(tmp_path, **{name: value})

    assert str(refused.value).startswith(name)
    assert "\n" not in str(refused.value)


def test_a_password_in_a_wrong_mail_address_is_not_repeated(tmp_path: Path) -> None:
    settings = load(tmp_path, MAIL_URL="smtp://ana:hunter2@mail.example.com:25")

    with pytest.raises(SettingsError, match="send the password unprotected") as refused:
        default_wiring(settings)

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"TIMEZONE = Europe/Copenhagen", "not valid TOML"),
        (b'INSTANCE_PATH = "/elsewhere"', "set it in the environment"),
        (b"TIMEZONE = 5", "put the value in config.toml in quotes"),
        (b"\xff\xfe\x00", "not valid TOML"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "config.toml").write_bytes(content)

    with pytest.raises(SettingsError, match=words):
        load(tmp_path)


def test_the_program_says_it_in_one_line_and_ends(tmp_path: Path) -> None:
    environment = {f"{P}INSTANCE_PATH": str(tmp_path), f"{P}MAIL_URL": "smtp://mail.example.com?starttls=yes"}

    ended = subprocess.run(
        [sys.executable, "-m", "tracker", "web"], env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert ended.stderr == "followthrough: The option starttls in MAIL_URL is 0 or 1.\n"
