"""Sample data on the command line."""

import click


def load_if_empty() -> None:
    """Load the sample data unless there is data already."""


@click.group()
def demo() -> None:
    """Sample data."""
