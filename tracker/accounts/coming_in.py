"""Coming in through single sign-on: whose account it is, whether there may be one, and what their groups may do."""

import logging
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from tracker import audit
from tracker.accounts import queries
from tracker.accounts.operations import PersonDraft, RightsDraft, add_person, change_rights
from tracker.clients.oidc_claims import Claims
from tracker.clients.oidc_settings import ProviderSettings
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import Identity, Person, Role

log = logging.getLogger(__name__)
SWITCHED_OFF = "This account is switched off. An administrator can switch it on again."


def come_in(claims: Claims, *, provider: ProviderSettings, now: datetime) -> Person:
    """The person whom the provider vouches for, with an account made if need be.

    The first person to come in where no administrator ever signed in becomes administrator, unless groups say who is.

    Raises:
        RuleError: they may not come in; the sentence says why and whom to ask.
    """
    role = _role(claims, provider=provider)
    known = _known(claims)
    person = known.person if known else _by_email(claims, provider=provider, role=role, now=now)
    if not person.is_active:
        raise RuleError(SWITCHED_OFF)
    if known is None:
        _link(person, claims, now=now)
    if role is not None:
        _follow_groups(person, role, now=now)
    person.signed_in_at = now
    return person


def forget_identity(person: Person, *, by: Person, now: datetime) -> None:
    """Whoever comes next with this address through single sign-on is this person; for people who got a new account."""
    session.execute(delete(Identity).where(Identity.person_id == person.id))
    audit.note("forget_identity", person.email, by=by, now=now)


def _link(person: Person, claims: Claims, *, now: datetime) -> None:
    """Remember who comes, by the name that never changes: an address may be given to somebody else one day."""
    taken = select(Identity.id).where(Identity.person_id == person.id, Identity.issuer == claims.issuer)
    if session.scalar(taken.limit(1)) is not None:
        raise RuleError(
            f"{person.email} is the account of somebody else with that address. If it is yours, an administrator can "
            "connect it with you again, under Settings, People."
        )
    session.add(Identity(person_id=person.id, issuer=claims.issuer, subject=claims.subject[:255], created_at=now))
    audit.note("link_identity", person.email, by=None, now=now, issuer=claims.issuer)


def _follow_groups(person: Person, role: Role, *, now: datetime) -> None:
    try:
        change_rights(person, RightsDraft(person.name, role), by=None, now=now)
    except RuleError:  # the last administrator stays one, whatever the groups say: somebody must be able to mend it
        log.warning("The last administrator is in no group that makes one. Look at OIDC_ROLES.")


def _role(claims: Claims, *, provider: ProviderSettings) -> Role | None:
    """What the groups give; ``None`` where roles are given here."""
    if not provider.roles:
        return None
    role = provider.role_of(claims.groups)
    if role is None:
        raise RuleError("None of your groups may use this. Ask an administrator which group you need.")
    return role


def _known(claims: Claims) -> Identity | None:
    statement = select(Identity).where(Identity.issuer == claims.issuer, Identity.subject == claims.subject[:255])
    return session.scalar(statement.options(joinedload(Identity.person)))


def _by_email(claims: Claims, *, provider: ProviderSettings, role: Role | None, now: datetime) -> Person:
    """The account of somebody who comes for the first time: the one with their address, or a new one."""
    if not claims.email:
        raise RuleError(f"{provider.name} did not tell your e-mail address. Ask its administrator to share it.")
    if not claims.is_email_verified:
        raise RuleError(
            f"{provider.name} does not say that {claims.email} is yours for certain. Verify the address there, then "
            "come back."
        )
    if provider.domains and claims.email.rpartition("@")[2] not in provider.domains:
        raise RuleError(f"Addresses like {claims.email} cannot come in here. Use the one of your company.")
    is_first = role is None and not queries.has_an_admin_been_here()
    person = queries.find_person_by_email(claims.email)
    if person is None:
        draft = PersonDraft(claims.email, claims.name, role or (Role.ADMIN if is_first else Role.RESPONDER))
        return add_person(draft, by=None, now=now)
    if is_first:
        change_rights(person, RightsDraft(person.name, Role.ADMIN), by=None, now=now)
    return person
