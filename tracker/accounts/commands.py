"""The command line of this feature."""

import click

COMMANDS: tuple[click.Command, ...] = ()


def welcome() -> None:
    """Print a one-time sign-in link for the first administrator, who is made if there is none."""
