"""``followthrough report weekly``."""

import json

import click

from tracker import clock, words
from tracker.console import in_app
from tracker.errors import FollowthroughError
from tracker.messages import Writer
from tracker.reports import jobs, operations, queries, writing
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.weekly import WeeklyReport, as_json, weekly_report
from tracker.wiring import settings

FORMATS = ("text", "html", "markdown", "json")


@click.group()
def report() -> None:
    """Reports."""


@report.command()
@click.option("--week", help="The week, like 2026-W47; the present one unless given.")
@click.option("--team", help="One team's part, by its short name.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--send", is_flag=True, help="Mail what is due to the subscribers instead of printing.")
@in_app
def weekly(week: str | None, team: str | None, form: str, send: bool) -> None:
    """The follow-through report, without private incidents; subscribers get what they may see."""
    now = clock.utcnow()
    if send:
        if week or team:
            raise FollowthroughError(
                "--send mails each subscriber the report that is due; leave out --week and --team."
            )
        click.echo(f"{words.count(jobs.send_reports(now), 'report mail')} written, for the worker to deliver.")
        return
    zone = settings().timezone
    chosen = Week.parse(week, zone=zone) if week else Week.of(now.astimezone(zone).date(), zone=zone)
    scope = Scope(None, queries.get_team(team) if team else None)
    click.echo(_written(weekly_report(chosen, scope=scope, now=now), form=form), nl=False)


def _written(made: WeeklyReport, *, form: str) -> str:
    base_url = settings().base_url
    if form == "json":
        return json.dumps(as_json(made), default=writing.json_value, ensure_ascii=False, indent=2) + "\n"
    if form == "markdown":
        return writing.as_markdown(made, base_url=base_url)
    if form == "html":
        return operations.render_report_mail(made, writer=Writer(settings()), to=None).html
    return writing.as_text(made, base_url=base_url)


COMMANDS: tuple[click.Command, ...] = (report,)
