"""The forms of trackers and tickets."""

from collections.abc import Iterable
from typing import Any, NoReturn

from wtforms import BooleanField, EmailField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from tracker.clients.failures import BadCredentials
from tracker.clients.github_app import GithubApp, checked_app
from tracker.errors import RuleError
from tracker.forms import Form, InvalidForm, line, trim
from tracker.models import JiraFlavour, Tracker, TrackerKind
from tracker.sync.checking import Mistake, checked_address
from tracker.sync.operations import PushDraft, TrackerDraft, checked_target
from tracker.sync.several import SeveralDraft
from tracker.sync.ticket_showing import Suggestion

SITES = {
    "github": (TrackerKind.GITHUB, None),
    "github-app": (TrackerKind.GITHUB, None),
    "jira-cloud": (TrackerKind.JIRA, JiraFlavour.CLOUD),
    "jira-server": (TrackerKind.JIRA, JiraFlavour.SERVER),
}
SITE_NAMES = [
    SelectChoice("github", "GitHub"),
    SelectChoice("github-app", "GitHub, as a GitHub App"),
    SelectChoice("jira-cloud", "Jira Cloud"),
    SelectChoice("jira-server", "Jira Server or Data Center"),
]
GITHUB_URL = "https://api.github.com"
GITHUB_SITES = ("github", "github-app")
LONGEST_KEY = 4000


def site_of(tracker: Tracker) -> str:
    return next(site for site, kinds in SITES.items() if kinds == (tracker.kind, tracker.flavour))


class EditTrackerForm(Form):
    """A tracker that is connected already: what it is cannot change, and an empty token keeps the stored one."""

    site_kept = "github"

    name = line("Name", thing="a name", description="As your team calls it: GitHub, Jira of the platform team.")
    url = StringField(
        "Address",
        validators=[Optional(), Length(max=500, message="That is too long for an address.")],
        filters=[trim],
        description="GitHub: leave it empty, or https://your-host/api/v3 for your own server. Jira: as in a browser.",
    )
    email = EmailField(
        "E-mail",
        validators=[Optional(), Length(max=254, message="That is too long for an e-mail address.")],
        filters=[trim],
        description="The account that the token belongs to.",
    )
    token = PasswordField(
        "Token",
        validators=[Optional(), Length(max=4000, message="That is too long for a token.")],
        filters=[trim],
        description="It is kept sealed and never shown again.",
    )
    app_id = line("App ID", thing="the App's ID", required=False, description="From the App's page.")
    installation_id = line(
        "Installation ID",
        thing="the installation's ID",
        required=False,
        description="The number at the end of the address of the App's installation.",
    )
    private_key = TextAreaField(
        "Private key",
        validators=[Optional(), Length(max=LONGEST_KEY, message="That is too long for a private key.")],
        filters=[trim],
        description="The whole .pem file. It is kept sealed and never shown again.",
    )
    default_target = line(
        "Default repository or project",
        thing="where tickets go",
        required=False,
        description="Where tickets go unless somebody says otherwise: acme/shop on GitHub, OPS in Jira.",
    )

    @property
    def chosen_site(self) -> str:
        return self.site_kept

    def validate_url(self, field: StringField) -> None:
        if not field.data and self.chosen_site in GITHUB_SITES:
            field.data = GITHUB_URL
        if not field.data:
            raise ValidationError("Enter the address of your Jira.")
        try:
            field.data = checked_address(field.data)
        except RuleError as error:
            raise ValidationError(str(error)) from error

    def validate_default_target(self, field: StringField) -> None:
        if field.data and self.chosen_site in SITES:
            try:
                checked_target(field.data, kind=SITES[self.chosen_site][0])
            except RuleError as error:
                raise ValidationError(str(error)) from error

    def validate(self, extra_validators: Any = None) -> bool:
        """Fields that are needed for one kind of tracker only are not looked at by WTForms when they are empty."""
        is_valid = bool(super().validate(extra_validators))
        if not self.url.data and not self.url.errors:
            is_valid = self._try(self.url, self.validate_url) and is_valid
        if self.chosen_site == "jira-cloud" and "@" not in (self.email.data or ""):
            self.email.errors = ["Enter the e-mail address of the Jira Cloud account."]
            is_valid = False
        return self._has_credentials() and is_valid

    def refuse(self, mistake: Mistake, sentence: str) -> NoReturn:
        """Say beside its field what the tracker itself does not take.

        Raises:
            InvalidForm: always.
        """
        credentials = self.private_key if self.is_app else self.token
        field = self.url if mistake is Mistake.ADDRESS else credentials
        field.errors = [sentence]
        raise InvalidForm(self)

    @property
    def is_app(self) -> bool:
        """Whether what was typed is a GitHub App's."""
        return SITES[self.chosen_site][0] is TrackerKind.GITHUB and bool(self.private_key.data)

    def _has_credentials(self) -> bool:
        """Whether the App's numbers and key are whole where any of them was entered."""
        if not (self.app_id.data or self.installation_id.data or self.private_key.data):
            return True
        try:
            self._app()
        except BadCredentials as error:
            field = self.private_key if "key" in error.message else self.app_id
            field = self.installation_id if "installation" in error.message else field
            field.errors = [error.message]
            return False
        return True

    def _app(self) -> GithubApp:
        return checked_app(
            app_id=self.app_id.data or "",
            installation_id=self.installation_id.data or "",
            private_key=self.private_key.data or "",
        )

    @property
    def credentials(self) -> str:
        """What is sealed: the App's, or a token."""
        return self._app().sealed_text() if self.is_app else self.token.data or ""

    @staticmethod
    def _try(field: StringField, check: Any) -> bool:
        try:
            check(field)
        except ValidationError as error:
            field.errors = [str(error)]
            return False
        return True

    def draft(self) -> TrackerDraft:
        kind, flavour = SITES[self.chosen_site]
        return TrackerDraft(
            name=self.name.data or "",
            kind=kind,
            flavour=flavour,
            url=self.url.data or "",
            email=(self.email.data or "") if self.chosen_site == "jira-cloud" else "",
            token=self.credentials,
            default_target=self.default_target.data or "",
        )


class TrackerForm(EditTrackerForm):
    """A new tracker."""

    site = RadioField("What it is", choices=SITE_NAMES, validators=[InputRequired("Choose what it is.")])
    token = PasswordField(
        "Token",
        validators=[Optional(), Length(max=4000, message="That is too long for a token.")],
        filters=[trim],
        description="GitHub: a token that may read and write issues. Jira Cloud: an API token. Jira Server: a personal "
        "access token. It is kept sealed and never shown again.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.url, self.email, self.token, self.app_id, self.installation_id, self.private_key):
            field.flags.optional = False  # the site that shows a field needs it; of the address the hint says more

    @property
    def chosen_site(self) -> str:
        return self.site.data or ""

    @property
    def is_app(self) -> bool:
        """As was chosen: what was typed before another site was chosen is not shown any more, and says nothing."""
        return self.chosen_site == "github-app"

    def _has_credentials(self) -> bool:
        needed, sentence = (
            (self.private_key, "Enter the App's private key.") if self.is_app else (self.token, "Enter a token.")
        )
        if not needed.data:
            needed.errors = [sentence]
            return False
        return super()._has_credentials() if self.is_app else True


class PushForm(Form):
    tracker_id = SelectField("Tracker", coerce=int, validators=[InputRequired("Choose a tracker.")])
    target = line(
        "Repository or project",
        thing="where the ticket goes",
        required=False,
        description="Left empty, it goes where the tracker's tickets usually go.",
    )
    is_confirmed = BooleanField("The ticket may be read there")

    def draft(self, suggested: Suggestion) -> PushDraft:
        """``suggested`` stood in the form: it is no wish of anybody's once another tracker was chosen."""
        is_left_over = self.tracker_id.data != suggested.tracker_id and self.target.data == suggested.target
        target = "" if is_left_over else self.target.data or ""
        return PushDraft(self.tracker_id.data, target, is_confirmed=bool(self.is_confirmed.data))


class SeveralForm(Form):
    tracker_id = SelectField("Tracker", default="", validators=[Optional()])
    is_confirmed = BooleanField("Make tickets of the private ones too")

    def offer(self, trackers: Iterable[Tracker]) -> "SeveralForm":
        named = [SelectChoice(str(tracker.id), tracker.name) for tracker in trackers]
        self.tracker_id.flags.optional = False  # the first choice says what happens without one
        self.tracker_id.choices = [SelectChoice("", "Where each service has its tickets"), *named]
        return self

    def draft(self) -> SeveralDraft:
        tracker_id = int(self.tracker_id.data) if self.tracker_id.data else None
        return SeveralDraft(tracker_id, takes_private=bool(self.is_confirmed.data))


class LinkForm(Form):
    linked_tracker_id = SelectField("Tracker", coerce=int, validators=[InputRequired("Choose a tracker.")])
    ticket = line("Ticket", thing="the ticket's key or address", description="Its key or address: acme/shop#12, OPS-7.")


class ButtonForm(Form):
    """A button that needs nothing but the token of the page."""
