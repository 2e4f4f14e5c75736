"""Accounts on the command line, and the link for the first administrator."""

from datetime import timedelta

import click

from tracker import clock
from tracker.accounts import operations, queries
from tracker.accounts.operations import PersonDraft, RightsDraft, TokenDraft
from tracker.console import as_json, in_app, print_json, say
from tracker.db import transaction
from tracker.models import Person, Role, TokenScope
from tracker.wiring import settings

FIRST_ADMIN = PersonDraft(email="admin@localhost", name="Administrator", role=Role.ADMIN)


@click.group()
def user() -> None:
    """People and their accounts."""


@user.command("add")
@click.argument("email")
@click.option("--name", default="", help="Full name; made from the address when left out.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.RESPONDER.value, show_default=True
)
@as_json
@in_app
def add(email: str, name: str, role: str, as_json: bool) -> None:
    """Add a person. They sign in with a link: see `user link`."""
    with transaction():
        person = operations.add_person(PersonDraft(email, name.strip(), Role(role)), by=None, now=clock.utcnow())
    if as_json:
        print_json({"email": person.email, "name": person.name, "role": person.role.value})
    else:
        say(f"{person.name} <{person.email}> is added as {person.role.value}.")


@user.command("link")
@click.argument("email")
@as_json
@in_app
def link(email: str, as_json: bool) -> None:
    """Print a one-time sign-in link. Whoever has it comes in as this person: hand it over with care."""
    with transaction():
        person, now = queries.get_person_by_email(email), clock.utcnow()
        row, token = operations.hand_out_link(person, by=None, now=now)
    address = link_address(settings().base_url, token=token)
    if as_json:
        print_json({"email": person.email, "url": address, "expires_at": row.expires_at.isoformat()})
    else:
        click.echo(address)


@click.group()
def token() -> None:
    """Tokens of the JSON API."""


@token.command("create")
@click.argument("email")
@click.option("--name", default="command line", show_default=True, help="What it is for.")
@click.option("--scope", type=click.Choice([scope.value for scope in TokenScope]), help="Else all the person may do.")
@click.option("--days", type=click.IntRange(1, 3650), help="It works so long; else until it is revoked.")
@as_json
@in_app
def create(email: str, name: str, scope: str | None, days: int | None, as_json: bool) -> None:
    """Print a new API token of a person. It is shown this once: whoever has it acts as this person."""
    with transaction():
        person = queries.get_person_by_email(email)
        draft = TokenDraft(
            name=name.strip()[:300] or "command line",
            valid_for=timedelta(days=days) if days else None,
            scope=TokenScope(scope) if scope else operations.largest_scope(person),
        )
        row, secret = operations.create_token(person, draft, by=None, now=clock.utcnow())
    if as_json:
        expires_at = row.expires_at.isoformat() if row.expires_at else None
        made = {"email": person.email, "name": row.name, "scope": row.scope.value, "expires_at": expires_at}
        print_json(made | {"token": secret})
    else:
        click.echo(secret)


def link_address(base: str, *, token: str) -> str:
    """The web address of a one-time link; there is no request here that could build it."""
    return f"{base}/sign-in/link/{token}"


def welcome(address: str) -> None:
    """Print a one-time sign-in link for the first administrator, who is made if there is none.

    ``address`` is where this start listens. An installation that was given an address of its own and whose
    administrators have signed in before prints none: its output may be kept for years.
    """
    is_own = settings().base_url != address
    if is_own and queries.has_an_admin_been_here():
        return
    with transaction():
        now = clock.utcnow()
        person = queries.find_first_admin() or first_admin()
        _row, token = operations.hand_out_link(person, by=None, now=now, life=operations.WELCOME_LIFE)
    link = link_address(settings().base_url, token=token)
    click.echo(f"Sign in as {person.name} (once, within 12 hours): {link}")


def first_admin() -> Person:
    """The administrator of an installation that has none; switched on again if they were there before."""
    found = queries.find_person_by_email(FIRST_ADMIN.email)
    if found is None:
        return operations.add_person(FIRST_ADMIN, by=None, now=clock.utcnow())
    if not found.is_active:
        operations.reactivate(found, by=None, now=clock.utcnow())
    operations.change_rights(found, RightsDraft(found.name, Role.ADMIN), by=None, now=clock.utcnow())
    return found


COMMANDS: tuple[click.Command, ...] = (user, token)
