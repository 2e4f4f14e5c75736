"""`followthrough risk SLUG`: what a pipeline reads before it deploys."""

import click

from tracker import clock, words
from tracker.console import as_json, in_app, print_json
from tracker.recurrence.risk import ServiceRisk, service_risk_for_administrators
from tracker.wiring import settings

AT_RISK = 3
"""The exit status that says "look first"; 1 stays for "could not find out"."""


@click.command()
@click.argument("slug")
@as_json
@in_app
def risk(slug: str, as_json: bool) -> None:
    """What is owed for a service and what broke it lately; for a pipeline to read before a deploy.

    Exit status 3: an item is overdue, a fix did not hold, or an incident is going on. 0: none of these.
    """
    found = service_risk_for_administrators(slug, now=clock.utcnow(), today=clock.today(settings().timezone))
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)
    if found.is_at_risk:
        click.get_current_context().exit(AT_RISK)


def _print(found: ServiceRisk) -> None:
    click.echo(found.sentence)
    for item in found.items:
        late = f", overdue by {words.count(item.days_overdue, 'day')}" if item.days_overdue else ""
        click.echo(f"  {item.ref}  {item.title} ({item.state.value}{late})")
    for one in found.triggers:
        again = ", has come back" if one.came_back else ""
        click.echo(f"  {one.ref}  {one.title} ({one.severity}, {one.declared_at.date().isoformat()}{again})")
