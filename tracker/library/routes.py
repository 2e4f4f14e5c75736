"""The library: every published postmortem, found by its words."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField

from tracker.forms import Form, choice, choices
from tracker.library import queries
from tracker.library.queries import Filter
from tracker.models import CauseCategory, Role, Severity
from tracker.pages import page, viewer
from tracker.security import allow

blueprint = Blueprint("library", __name__, url_prefix="/postmortems")


class FilterForm(Form):
    q = StringField("Words in title or text, services, causes, people")
    service = SelectField("Service", choices=[])
    severity = SelectField("Severity", choices=choices(Severity, blank="Any"))
    cause = SelectField("Cause", choices=choices(CauseCategory, blank="Any"))
    year = SelectField("Published in", choices=[])

    def offer(self) -> "FilterForm":
        self.service.choices = [choice("", "Any"), *(choice(slug, name) for slug, name in queries.services())]
        self.year.choices = [choice("", "Any"), *(choice(year, year) for year in queries.years(viewer=viewer()))]
        return self

    def chosen(self) -> Filter:
        """What was chosen; what is none of the choices counts as nothing."""
        values = {}
        for name in ("service", "severity", "cause", "year"):
            known = {str(one.value) for one in self[name].choices}
            values[name] = self[name].data if self[name].data in known else ""
        return Filter(q=(self.q.data or "")[:300], **values)


@blueprint.get("")
@allow(Role.VIEWER)
def index() -> ResponseReturnValue:
    form = FilterForm(request.args).offer()
    chosen = form.chosen()
    shelf = queries.shelf(chosen, viewer=viewer(), number=request.args.get("page", 1, type=int))
    return page("library/index.html", form=form, chosen=chosen, shelf=shelf)
