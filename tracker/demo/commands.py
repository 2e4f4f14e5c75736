"""Sample data on the command line."""

import click

from tracker import clock, words
from tracker.console import in_app, say
from tracker.db import transaction
from tracker.demo.loading import holds_work, load_company
from tracker.wiring import settings


def load_if_empty() -> None:
    """Load the sample data unless there is work of somebody's already."""
    if not holds_work():
        _load()


def _load() -> str:
    with transaction():
        cast = load_company(now=clock.utcnow(), zone=settings().timezone)
    return f"{words.count(len(cast.incidents), 'incident')} of a company that does not exist"


@click.group()
def demo() -> None:
    """Sample data."""


@demo.command()
@in_app
def load() -> None:
    """Load twelve months of an invented company into an empty database.

    Its people have no passwords: `followthrough user link marta.kowalczyk@example.com` prints a way in.
    """
    say(f"Loaded {_load()}. Sign in with: followthrough user link marta.kowalczyk@example.com")


COMMANDS: tuple[click.Command, ...] = (demo,)
