"""People and their rights: who may come in, who may do what. Every change of a right is noted in the audit log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tracker import audit, words
from tracker.accounts.guessable import refuse_guessable
from tracker.clients.mail import Mailbox
from tracker.db import session
from tracker.errors import RuleError
from tracker.messages import Writer
from tracker.models import ApiToken, MessageKind, Person, PersonSession, Role, SignInLink, TokenScope
from tracker.security import hash_password, new_token, password_fits, token_hash

LINK_LIFE = timedelta(minutes=30)
WELCOME_LIFE = timedelta(hours=12)
"""A link printed at the start is read by whoever started the program, maybe after lunch."""
TOKEN_PREFIX = "ft_"  # noqa: S105  not a secret: it lets a scanner for leaked secrets know what it found
TOKEN_SHOWN = 9
WHO_MAY = {
    TokenScope.READ: "Everybody",
    TokenScope.WRITE: "Responders and administrators",
    TokenScope.ADMIN: "Only administrators",
}


@dataclass(frozen=True)
class PersonDraft:
    email: str
    name: str
    role: Role


@dataclass(frozen=True)
class RightsDraft:
    name: str
    role: Role


@dataclass(frozen=True)
class ProfileDraft:
    name: str
    timezone: str | None


@dataclass(frozen=True)
class PasswordDraft:
    present: str
    new: str


@dataclass(frozen=True)
class TokenDraft:
    name: str
    valid_for: timedelta | None
    """``None``: until it is revoked."""
    scope: TokenScope


def clean_email(text: str) -> str:
    """The address as it is stored.

    Raises:
        RuleError: it is not an e-mail address.
    """
    try:
        address = Mailbox(text.strip()).address.lower()
    except ValueError as error:
        raise RuleError(str(error)) from error
    if len(address) > 254:
        raise RuleError("That is too long for an e-mail address: use at most 254 characters.")
    return address


def name_from(email: str) -> str:
    """A name to begin with: "ana.berg@example.com" gives "Ana Berg"."""
    return " ".join(part.capitalize() for part in email.partition("@")[0].replace("_", ".").split(".") if part) or email


def add_person(draft: PersonDraft, *, by: Person | None, now: datetime) -> Person:
    """A new account without a password; ``by=None`` from the command line.

    Raises:
        RuleError: the address is taken, or is none.
    """
    email = clean_email(draft.email)
    person = Person(email=email, name=draft.name or name_from(email), role=draft.role, created_at=now, is_active=True)
    session.add(person)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleError(f"{email} has an account already. Look for it in the list of people.") from error
    audit.note("add_person", email, by=by, now=now, role=draft.role.value)
    return person


def change_rights(person: Person, draft: RightsDraft, *, by: Person | None, now: datetime) -> None:
    """Change the name and what the person may do; the last administrator stays one."""
    if draft.role is not person.role:
        if person.is_admin and person.is_active:
            _keep_an_admin(person)
        audit.note("change_role", person.email, by=by, now=now, before=person.role.value, after=draft.role.value)
        person.role = draft.role
    person.name = draft.name


def deactivate(person: Person, *, by: Person, now: datetime) -> None:
    """Nobody comes in as this person any more; what they wrote stays."""
    if not person.is_active:
        raise RuleError(f"{person.name} is switched off already.")
    if person.is_admin:
        _keep_an_admin(person)
    person.is_active = False
    end_sessions(person, now=now)
    audit.note("deactivate_person", person.email, by=by, now=now)


def reactivate(person: Person, *, by: Person | None, now: datetime) -> None:
    if person.is_active:
        raise RuleError(f"{person.name} can sign in already.")
    person.is_active = True
    audit.note("reactivate_person", person.email, by=by, now=now)


def _keep_an_admin(leaving: Person) -> None:
    """Refuse when nobody else could change the settings. The rows stay locked, so two cannot leave at once."""
    admins = session.scalars(
        select(Person.id).where(Person.role == Role.ADMIN, Person.is_active).order_by(Person.id).with_for_update()
    )
    if not set(admins) - {leaving.id}:
        raise RuleError(f"{leaving.name} is the last administrator. Make somebody else an administrator first.")


def end_sessions(person: Person, *, now: datetime) -> None:
    """End every session, and every sign-in link that is still open."""
    session.execute(
        update(PersonSession)
        .where(PersonSession.person_id == person.id, PersonSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.execute(
        update(SignInLink)
        .where(SignInLink.person_id == person.id, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(expires_at=now)
    )


def sign_out_everywhere(person: Person, *, now: datetime) -> None:
    """End every session because the person asked for it."""
    end_sessions(person, now=now)
    audit.note("end_sessions", person.email, by=person, now=now)


def change_profile(person: Person, draft: ProfileDraft) -> None:
    person.name = draft.name
    person.timezone = draft.timezone


def change_password(person: Person, draft: PasswordDraft, *, now: datetime) -> None:
    """Set a password, or replace it by somebody who knows the present one. Ends the other sessions.

    Raises:
        RuleError: the present password is wrong, or the new one too short or easy to guess.
    """
    if person.password_hash and not password_fits(person.password_hash, draft.present):
        raise RuleError("Your present password is not right. If you forgot it, sign in with a link instead.")
    refuse_guessable(draft.new, of=person)
    audit.note("change_password" if person.password_hash else "set_password", person.email, by=person, now=now)
    person.password_hash = hash_password(draft.new)
    end_sessions(person, now=now)


def make_link(person: Person, *, life: timedelta, now: datetime) -> tuple[SignInLink, str]:
    """A one-time sign-in link: its row, and the token that is never stored.

    Raises:
        RuleError: the person cannot sign in.
    """
    if not person.is_active:
        raise RuleError(f"{person.name} is switched off. Let them sign in again first.")
    token = new_token()
    link = SignInLink(person_id=person.id, token_hash=token_hash(token), created_at=now, expires_at=now + life)
    session.add(link)
    session.flush()
    return link, token


def hand_out_link(
    person: Person, *, by: Person | None, now: datetime, life: timedelta = LINK_LIFE
) -> tuple[SignInLink, str]:
    """A link for somebody else's hands, which is noted; ``by=None`` on the command line."""
    made = make_link(person, life=life, now=now)
    audit.note("make_sign_in_link", person.email, by=by, now=now)
    return made


def mail_link(person: Person, *, writer: Writer, address: Callable[[str], str], now: datetime) -> None:
    """Write the mail with a sign-in link; ``address`` makes the web address of a token."""
    link, token = make_link(person, life=LINK_LIFE, now=now)
    _write_link_mail(writer, person, period=f"link:{link.id}", sign_in_url=address(token), now=now)


def mail_link_if_known(email: str, *, writer: Writer, address: Callable[[str], str], now: datetime) -> None:
    """The same for an address somebody typed. One that nobody has takes the same work, so time tells nothing."""
    person = session.scalar(select(Person).where(Person.email == email.strip().lower(), Person.is_active))
    if person is not None:
        mail_link(person, writer=writer, address=address, now=now)
        return
    stranger = Person(id=0, email=email, name="", is_active=True)
    _write_link_mail(writer, stranger, period="", sign_in_url=address(new_token()), now=now)
    session.expunge_all()


def _write_link_mail(writer: Writer, person: Person, *, period: str, sign_in_url: str, now: datetime) -> None:
    writer.write(
        "sign_in_link",
        kind=MessageKind.SIGN_IN_LINK,
        to=person,
        about=f"person:{person.id}",
        period=period,
        now=now,
        person_name=person.name,
        email=person.email,
        sign_in_url=sign_in_url,
        valid_for=words.count(LINK_LIFE.seconds // 60, "minute"),
    )


def why_refused(link: SignInLink | None, *, now: datetime) -> str | None:
    """Why nobody can sign in with this link; ``None`` when one can."""
    if link is None:
        return "This sign-in link is not complete. Copy the whole address from the mail, or ask for a new one."
    if not link.person.is_active:
        return "This account is switched off. An administrator can switch it on again."
    if link.used_at is not None:
        return "This sign-in link was used already; each works once. Ask for a new one."
    if link.expires_at <= now:
        return "This sign-in link is too old. Ask for a new one, and use it within half an hour."
    return None


def use_link(token: str, *, now: datetime) -> Person:
    """Sign in with a link, which is used up by it.

    Raises:
        RuleError: it was used, is too old or is none.
    """
    statement = select(SignInLink).where(SignInLink.token_hash == token_hash(token)).with_for_update()
    link = session.scalar(statement)
    refusal = why_refused(link, now=now)
    if link is None or refusal:
        raise RuleError(refusal or "")
    link.used_at = now
    link.person.signed_in_at = now
    return link.person


def create_token(person: Person, draft: TokenDraft, *, by: Person | None, now: datetime) -> tuple[ApiToken, str]:
    """A token of the API: its row, and the secret that is shown once and never stored.

    Raises:
        RuleError: the person cannot sign in, or may do less than the token would.
    """
    if not person.is_active:
        raise RuleError(f"{person.name} is switched off. Let them sign in again first.")
    if not person.role.covers(draft.scope.least_role):
        raise RuleError(f"{WHO_MAY[draft.scope]} may have a token to {draft.scope.value}. Choose a lesser one.")
    secret = TOKEN_PREFIX + new_token()
    token = ApiToken(
        person_id=person.id,
        name=draft.name,
        token_hash=token_hash(secret),
        first_characters=secret[:TOKEN_SHOWN],
        scope=draft.scope,
        created_at=now,
        expires_at=now + draft.valid_for if draft.valid_for else None,
    )
    session.add(token)
    told = {"begins_with": token.first_characters, "scope": draft.scope.value}
    audit.note("create_token", f"{draft.name} of {person.email}", by=by, now=now, **told)
    return token, secret


def largest_scope(person: Person) -> TokenScope:
    """The most that a token of this person may do."""
    return next(scope for scope in reversed(TokenScope) if person.role.covers(scope.least_role))


def revoke_token(token: ApiToken, *, by: Person, now: datetime) -> None:
    """The token works no more; the row stays as a record."""
    if token.revoked_at is not None:
        raise RuleError(f"“{token.name}” was revoked already.")
    token.revoked_at = now
    audit.note(
        "revoke_token", f"{token.name} of {token.person.email}", by=by, now=now, begins_with=token.first_characters
    )
