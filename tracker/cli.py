"""The command ``followthrough``, assembled from each feature's commands."""

import functools
import logging

import click
from flask import Flask

from tracker import create_app, migrating
from tracker.accounts.commands import welcome
from tracker.console import OneLineErrors, in_app, say, the_app
from tracker.demo.commands import demo, load_if_empty
from tracker.features import COMMANDS
from tracker.serving import WorkerProcess, run_web, run_worker, stop_on_term


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="followthrough", prog_name="followthrough")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Followthrough: incidents, postmortems, and action items followed until they are shown to work."""
    if ctx.obj is None:
        start_log()
        ctx.obj = functools.cache(create_app)


def start_log() -> None:
    """What an operator wants to read. The libraries would tell of every job every minute, also when none had work."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for library in ("alembic", "huey", "waitress"):
        logging.getLogger(library).setLevel(logging.WARNING)


host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
port_option = click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))


@main.command()
@host_option
@port_option
@click.option("--demo", "with_demo", is_flag=True, help="Load sample data into an empty database.")
def serve(host: str, port: int, with_demo: bool) -> None:
    """Upgrade the database, then run web and background jobs together: the one-machine way."""
    app = the_app()
    prepare(app, address=f"http://{reachable(host)}:{port}", with_demo=with_demo)
    stop_on_term()
    worker = WorkerProcess()
    worker.watch()
    say(f"Followthrough is at http://{host}:{port} (stop it with Ctrl+C).")
    try:
        run_web(app, host=host, port=port)
    finally:
        worker.end()


def reachable(host: str) -> str:
    """A host that a browser on this machine can open; a program that listens everywhere is also at loopback."""
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  compared, not listened on


def prepare(app: Flask, *, address: str, with_demo: bool) -> None:
    """Bring the database up to date, load sample data if asked, and greet the administrator."""
    with app.app_context():
        migrating.upgrade()
        if with_demo:
            load_if_empty()
        welcome(address)


@main.command()
@host_option
@port_option
def web(host: str, port: int) -> None:
    """Answer people; run as many of these as wished on PostgreSQL."""
    app = the_app()
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


main.add_command(demo)
for command in COMMANDS:
    main.add_command(command)
