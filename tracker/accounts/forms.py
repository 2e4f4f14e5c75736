"""What people type to sign in, about themselves, and what administrators type about them."""

from datetime import timedelta

from wtforms import EmailField, HiddenField, PasswordField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Length, Optional

from tracker.accounts.operations import PasswordDraft, PersonDraft, ProfileDraft, RightsDraft, TokenDraft
from tracker.forms import Form, ZoneField, choices, line, trim
from tracker.models import Role, TokenScope
from tracker.security import MIN_PASSWORD

MAX_PASSWORD = 128
"""ASVS 4.0.3, 2.1.2: at least 64 are taken, and more than these refused."""
SCOPES = {"read": "Read", "write": "Read and write", "admin": "Read, write and administer"}
DAYS = {"30": "30 days", "90": "90 days", "365": "A year", "": "Until I revoke it"}


def _email(label: str) -> EmailField:
    presence = InputRequired("Enter an e-mail address.")
    length = Length(max=254, message="That is too long for an e-mail address.")
    return EmailField(label, validators=[presence, length], filters=[trim])


class SignInForm(Form):
    email = _email("E-mail")
    password = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password, or have a link mailed to you."), Length(max=MAX_PASSWORD)],
    )
    next = HiddenField()


class LinkForm(SignInForm):
    """The same page sends a link, for which no password is needed."""

    password = PasswordField("Password", validators=[Optional()])


class NextForm(Form):
    """One button, and where to go then."""

    next = HiddenField()


class ProfileForm(Form):
    name = line("Your name", thing="your name")
    timezone = ZoneField(otherwise="you see the times of this installation.")

    def draft(self) -> ProfileDraft:
        return ProfileDraft(name=self.name.data or "", timezone=self.timezone.data or None)


class PasswordForm(Form):
    present = PasswordField("Present password", validators=[Length(max=MAX_PASSWORD)])
    new = PasswordField(
        "New password",
        description=f"At least {MIN_PASSWORD} characters. A few unrelated words are easy to remember.",
        validators=[
            InputRequired("Enter a new password."),
            Length(min=MIN_PASSWORD, message=f"Use at least {MIN_PASSWORD} characters."),
            Length(max=MAX_PASSWORD, message=f"Use at most {MAX_PASSWORD} characters."),
        ],
    )

    def draft(self) -> PasswordDraft:
        return PasswordDraft(present=self.present.data or "", new=self.new.data or "")


class PersonForm(Form):
    email = _email("E-mail")
    name = line("Name", thing="a name", required=False, description="Left empty, we make one from the address.")
    role = SelectField("Role", choices=choices(Role), default=Role.RESPONDER.value)

    def draft(self) -> PersonDraft:
        return PersonDraft(email=self.email.data or "", name=self.name.data or "", role=Role(self.role.data))


class RightsForm(Form):
    name = line("Name", thing="a name")
    role = SelectField("Role", choices=choices(Role))

    def draft(self) -> RightsDraft:
        return RightsDraft(name=self.name.data or "", role=Role(self.role.data))


class TokenForm(Form):
    name = line("What is it for?", thing="what it is for", description="Such as “deploy pipeline”.")
    scope = SelectField("What it may do", choices=[SelectChoice(*one) for one in SCOPES.items()], default="read")
    days = SelectField("Valid for", choices=[SelectChoice(*one) for one in DAYS.items()], default="90")

    def offer(self, most: TokenScope) -> "TokenForm":
        """Only what its person may do."""
        self.scope.choices = [SelectChoice(*one) for one in SCOPES.items() if most.covers(TokenScope(one[0]))]
        return self

    def draft(self) -> TokenDraft:
        valid_for = timedelta(days=int(self.days.data)) if self.days.data else None
        return TokenDraft(name=self.name.data or "", valid_for=valid_for, scope=TokenScope(self.scope.data))


class ButtonForm(Form):
    """A single button: nothing is typed."""
