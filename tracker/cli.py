"""The command ``followthrough``, assembled from each feature's commands."""

import functools
import gc
from collections.abc import Mapping

import click
from flask import Flask

from tracker import create_app, migrating
from tracker.config import Settings, load_settings
from tracker.console import OneLineErrors, in_app, say, the_app
from tracker.logs import start_log
from tracker.serving import WorkerProcess, local_address, run_web, run_worker, stop_on_term

COMMANDS: Mapping[str, str] = {
    command: f"tracker.{feature}.commands"
    for feature, commands in {
        "accounts": ("user", "token"),
        "sync": ("tracker", "sync"),
        "recurrence": ("similar", "recurrence", "risk"),
        "reports": ("report",),
        "mailing": ("mail",),
        "transfer": ("import", "export", "backup", "restore"),
        "health": ("check",),
        "demo": ("demo",),
    }.items()
    for command in commands
}
"""In which module each command is: loaded when somebody asks for it."""


@click.group(cls=OneLineErrors, late=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="followthrough", prog_name="followthrough")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Followthrough: incidents, postmortems, and action items followed until they are shown to work."""
    if ctx.obj is None:
        ctx.obj = functools.cache(make_app)


def make_app(*, listening_at: str | None = None) -> Flask:
    """The application of this run, with its log begun."""
    settings = load_settings(listening_at=listening_at)
    start_log(settings.log_format)
    gc.disable()  # of what is loaded nothing is thrown away: looking for it again and again is a tenth of the start
    try:
        return create_app(settings)
    finally:
        gc.enable()


host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
port_option = click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))


@main.command()
@host_option
@port_option
@click.option("--demo", "with_demo", is_flag=True, help="Load sample data into an empty database.")
def serve(host: str, port: int, with_demo: bool) -> None:
    """Upgrade the database, then run web and background jobs together: the one-machine way."""
    address = local_address(host, port=port)
    app = app_listening_at(address)
    prepare(app, address=address, with_demo=with_demo)
    stop_on_term()
    settings: Settings = app.extensions["followthrough.settings"]
    worker = WorkerProcess(base_url=settings.base_url)
    worker.watch()
    say(f"Followthrough is at {address} (stop it with Ctrl+C).")
    try:
        run_web(app, host=host, port=port)
    finally:
        worker.end()


def app_listening_at(address: str) -> Flask:
    """The application of this run: unless BASE_URL is set, its links lead to where it listens."""
    app = make_app(listening_at=address)
    click.get_current_context().find_root().obj = lambda: app
    return app


def prepare(app: Flask, *, address: str, with_demo: bool) -> None:
    """Bring the database up to date, load sample data if asked, and greet the administrator."""
    with app.app_context():
        migrating.upgrade()
        if with_demo:
            from tracker.demo.commands import load_if_empty  # noqa: PLC0415  a year of an invented company

            load_if_empty()
        from tracker.accounts.commands import welcome  # noqa: PLC0415  like every command

        welcome(address)


@main.command()
@host_option
@port_option
def web(host: str, port: int) -> None:
    """Answer people; run as many of these as wished on PostgreSQL."""
    app = app_listening_at(local_address(host, port=port))
    _check_database()
    stop_on_term()
    run_web(app, host=host, port=port)


@main.command()
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 32), help="Jobs done at the same time.")
@click.option("--parent", type=int, hidden=True, help="End when this process has gone.")
def worker(threads: int, parent: int | None) -> None:
    """Do background jobs; run as many of these as wished on PostgreSQL."""
    app = the_app()
    _check_database()
    run_worker(app, workers=threads, parent=parent)


@in_app
def _check_database() -> None:
    """Refuse to run on a database that is not up to date."""


@main.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the database up to date."""
    with the_app().app_context():
        migrating.upgrade()
    say("The database is up to date.")
