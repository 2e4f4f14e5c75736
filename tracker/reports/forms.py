"""Forms of the weekly report's mail."""

from wtforms import IntegerField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from tracker.forms import Form
from tracker.models import Team
from tracker.reports.operations import SubscriptionDraft

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class SubscribeForm(Form):
    team_id = SelectField("Report on", coerce=int)
    weekday = SelectField("Day", coerce=int, choices=[SelectChoice(number, day) for number, day in enumerate(DAYS)])
    hour = SelectField(
        "Time", coerce=int, choices=[SelectChoice(hour, f"{hour:02}:00") for hour in range(24)], default=8
    )

    @classmethod
    def for_teams(cls, teams: list[Team]) -> "SubscribeForm":
        form = cls()
        form.team_id.choices = [SelectChoice(0, "All teams"), *(SelectChoice(team.id, team.name) for team in teams)]
        return form

    def draft(self) -> SubscriptionDraft:
        return SubscriptionDraft(team_id=self.team_id.data or None, weekday=self.weekday.data, hour=self.hour.data)


class UnsubscribeForm(Form):
    subscription_id = IntegerField("Subscription", widget=HiddenInput(), validators=[InputRequired()])
