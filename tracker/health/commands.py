"""The doctor on the command line."""

import click

from tracker import clock
from tracker.console import as_json, print_json, the_app
from tracker.health.doctor import examine
from tracker.health.findings import Finding
from tracker.wiring import settings, wiring


@click.command()
@as_json
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Look at everything that must work, and say what to do where it does not."""
    findings = []
    with the_app().app_context():
        for finding in examine(settings(), wiring=wiring(), now=clock.utcnow()):
            findings.append(finding)
            if not as_json:
                click.echo(line(finding))
    if as_json:
        print_json([{"name": one.name, "ok": one.is_ok, "sentence": one.sentence} for one in findings])
    if not all(finding.is_ok for finding in findings):
        ctx.exit(1)


def line(finding: Finding) -> str:
    return f"{'ok   ' if finding.is_ok else 'WRONG'}  {finding.name:<11} {finding.sentence}"


COMMANDS: tuple[click.Command, ...] = (check,)
