"""What all commands share: the application they run in, output a program may read, errors in one line."""

import json
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from tracker.database_trouble import database_trouble
from tracker.errors import FollowthroughError
from tracker.migrating import is_current

P = ParamSpec("P")
R = TypeVar("R")

as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")


def in_app(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command inside the application, on an up-to-date database."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        app = the_app()
        with app.app_context():
            if not is_current():
                raise FollowthroughError(
                    "The database is not up to date. Run `followthrough db upgrade`, then try again."
                )
            return command(*args, **kwargs)

    return run


def the_app() -> Flask:
    """The application of this run; made on first use, so that `--help` needs no database."""
    make: Callable[[], Flask] = click.get_current_context().find_root().obj
    return make()


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def say(sentence: str) -> None:
    """Tell a person something without disturbing a pipe."""
    click.echo(sentence, err=not sys.stdout.isatty())


class OneLineErrors(click.Group):
    """A group whose failures are one line on stderr and exit status 1; wrong usage is 2, as click has it."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FollowthroughError as error:
            click.echo(f"followthrough: {error}", err=True)
            ctx.exit(1)
        except OperationalError as error:
            click.echo(f"followthrough: {database_trouble(error)}", err=True)
            ctx.exit(1)
