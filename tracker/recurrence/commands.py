"""The command line of this feature."""

import click

COMMANDS: tuple[click.Command, ...] = ()
