"""Trackers and sync on the command line."""

import os
from collections.abc import Sequence

import click

from tracker import clock, words
from tracker.console import as_json, in_app, print_json, say
from tracker.db import session, transaction
from tracker.errors import FollowthroughError, RuleError
from tracker.models import JiraFlavour, Tracker, TrackerKind
from tracker.sync import operations, queries
from tracker.sync.access import access_of_draft
from tracker.sync.checking import Finding, checked_address, mistake_in, try_tracker
from tracker.sync.making.pushing import push_to
from tracker.sync.operations import TrackerDraft
from tracker.sync.pacing.rounds import Round
from tracker.sync.reading.pulling import pull_from
from tracker.wiring import wiring

token_option = click.option(
    "--token-env", required=True, metavar="VAR", help="Environment variable that has the token."
)


@click.group()
def tracker() -> None:
    """GitHub and Jira, where action items become tickets."""


@tracker.group()
def add() -> None:
    """Connect a tracker."""


@add.command("github")
@click.argument("name")
@click.option("--url", default="https://api.github.com", show_default=True, help="Address of its API.")
@token_option
@click.option("--target", default="", metavar="OWNER/REPO", help="Where tickets go unless somebody says otherwise.")
@in_app
def add_github(name: str, url: str, token_env: str, target: str) -> None:
    """Connect GitHub, or a GitHub Enterprise server."""
    _add(TrackerDraft(name.strip(), TrackerKind.GITHUB, None, checked_address(url), "", _token(token_env), target))


@add.command("jira")
@click.argument("name")
@click.option("--url", required=True, help="Address that you open in a browser.")
@click.option("--email", default="", help="Account of the API token (Jira Cloud).")
@token_option
@click.option("--target", default="", metavar="KEY", help="Project where tickets go unless somebody says otherwise.")
@click.option(
    "--flavour",
    type=click.Choice([flavour.value for flavour in JiraFlavour]),
    help="Left out: cloud with --email, server without.",
)
@in_app
def add_jira(name: str, url: str, email: str, token_env: str, target: str, flavour: str | None) -> None:
    """Connect Jira Cloud, Server or Data Center."""
    chosen = JiraFlavour(flavour) if flavour else JiraFlavour.CLOUD if email else JiraFlavour.SERVER
    if chosen is JiraFlavour.CLOUD and "@" not in email:
        raise RuleError("Jira Cloud needs --email: the account that the token belongs to.")
    account = email.strip() if chosen is JiraFlavour.CLOUD else ""
    url = checked_address(url)
    _add(TrackerDraft(name.strip(), TrackerKind.JIRA, chosen, url, account, _token(token_env), target))


@tracker.command("check")
@click.argument("name", required=False)
@as_json
@in_app
def check(name: str | None, as_json: bool) -> None:
    """Check credentials, reading, writing, rights and required fields. Leaves nothing there."""
    found = {one.slug: (one.name, try_tracker(one)) for one in _chosen(name)}
    if as_json:
        print_json({slug: _finding_values(finding) for slug, (_name, finding) in found.items()})
    else:
        for shown, finding in found.values():
            _say_finding(shown, finding)
    if any(not finding.is_healthy for _name, finding in found.values()):
        raise FollowthroughError("Not every tracker is ready. Mend what is said above, then check again.")


@click.command()
@click.argument("name", required=False)
@click.option("--full", is_flag=True, help="Read every linked ticket by its identity, to find moved and deleted ones.")
@as_json
@in_app
def sync(name: str | None, full: bool, as_json: bool) -> None:
    """One round now: make the tickets that are due, then read what changed."""
    rounds = [
        _sync(tracker_id, is_full=full) for tracker_id in [one.id for one in _chosen(name) if one.is_active or name]
    ]
    if as_json:
        print_json([vars(one) for one in rounds])
    else:
        for one in rounds:
            _say_round(one)
    if any(one.problems for one in rounds):
        raise FollowthroughError("Not everything could be done. It is said above, and on the page Sync health.")


def _add(draft: TrackerDraft) -> None:
    if not draft.name or len(draft.name) > 300:
        raise RuleError("Give the tracker a name of at most 300 characters.")
    found = mistake_in(access_of_draft(draft, tracker=None), name=draft.name)
    if found is not None:
        raise RuleError(f"{found[1]} Nothing is kept.")
    with transaction():
        added = operations.add_tracker(draft, vault=wiring().vault, by=None, now=clock.utcnow())
        name, slug = added.name, added.slug
    say(f"{name} is connected as {slug}.")
    _say_finding(name, try_tracker(queries.get_tracker_by_name(slug)))


def _token(variable: str) -> str:
    token = os.environ.get(variable, "").strip()
    if not token:
        raise RuleError(f"The environment variable {variable} is empty. Put the token there, then try again.")
    return token


def _chosen(name: str | None) -> Sequence[Tracker]:
    found = [queries.get_tracker_by_name(name)] if name else queries.trackers()
    if not found:
        say("No tracker is connected. Connect one with `followthrough tracker add`.")
    return found


def _sync(tracker_id: int, *, is_full: bool) -> Round:
    with transaction():
        chosen = queries.get_tracker(tracker_id)
        round_ = Round(chosen.name)
        operations.hurry(chosen, now=clock.utcnow())
    push_to(tracker_id, round_)
    session.rollback()
    if not pull_from(tracker_id, round_, is_full=is_full):
        round_.problems.append("It is being read by another worker, or asked us to wait. Try again in a minute.")
    return round_


def _say_finding(name: str, finding: Finding) -> None:
    if finding.is_healthy:
        click.echo(f"{name}: answers, we are {finding.account} there, and nothing is missing.")
    for sentence in finding.problems:
        click.echo(f"{name}: {sentence}")


def _finding_values(finding: Finding) -> dict[str, object]:
    return {"healthy": finding.is_healthy, "account": finding.account, "problems": list(finding.problems)}


def _say_round(one: Round) -> None:
    asked = ", ".join(one.targets) or "nothing to read yet"
    kind = "everything" if one.is_full else "what changed"
    seen = words.count(one.read, "ticket")
    click.echo(f"{one.tracker}: read {kind} ({asked}): {seen} seen, {one.changed} changed here.")
    for made in one.made:
        click.echo(f"{one.tracker}: ticket {made}")
    for ref in one.unknown:
        click.echo(f"{one.tracker}: {ref}: outcome unknown; we look for the ticket again")
    for sentence in one.problems:
        click.echo(f"{one.tracker}: {sentence}")


COMMANDS: tuple[click.Command, ...] = (tracker, sync)
