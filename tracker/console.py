"""What all commands share: the application they run in, output a program may read, errors in one line."""

import importlib
import json
import sys
from collections.abc import Callable, Mapping
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
    """A group whose failures are one line on stderr and exit status 1; wrong usage is 2, as click has it.

    ``late`` names the modules whose ``COMMANDS`` are loaded when somebody asks for one of them: who serves pages needs
    neither the import nor the restore.
    """

    def __init__(self, *args: Any, late: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._late = late

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._late})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self._late and cmd_name not in self.commands:
            for command in importlib.import_module(self._late[cmd_name]).COMMANDS:
                self.add_command(command)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FollowthroughError as error:
            click.echo(f"followthrough: {error}", err=True)
            ctx.exit(1)
        except OperationalError as error:
            click.echo(f"followthrough: {database_trouble(error)}", err=True)
            ctx.exit(1)
