"""The form macros tie label, hint and error to their field, whatever its type."""

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, render_template_string
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Optional

from tracker.forms import Form

PAGE = """
{% from "_macros/forms.html" import error_summary, field, post_form, submit %}
{{ error_summary(form) }}
{% call post_form("/somewhere") %}
  {% for name in names %}{{ field(form[name], hint="A hint for " ~ name) }}{% endfor %}
  {{ submit("Send") }}
{% endcall %}
"""
SEVERITIES = [SelectChoice("sev1", "SEV1"), SelectChoice("sev2", "SEV2")]
NAMES = ("title", "severity", "service", "due_on", "text", "is_sure")


class EveryField(Form):
    title = StringField("Title", [InputRequired("Say what is wrong.")])
    severity = RadioField("Severity", [InputRequired("Choose one.")], choices=SEVERITIES)
    service = SelectField("Service", [InputRequired("Choose a service.")], choices=[SelectChoice("", "Not known")])
    due_on = DateField("Due", [InputRequired("Give a date.")])
    text = TextAreaField("Text", [Optional()])
    is_sure = BooleanField("I am sure", [InputRequired("Tick this first.")])


def rendered(app: Flask, *, failed: bool) -> BeautifulSoup:
    with app.test_request_context(method="POST" if failed else "GET"):
        form = EveryField(formdata=None, meta={"csrf": False})
        if failed:
            form.validate()
        return BeautifulSoup(render_template_string(PAGE, form=form, names=NAMES), "html5lib")


def one(soup: BeautifulSoup, selector: str) -> Tag:
    found = soup.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)}"
    return found[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_field_names_its_hint_and_its_error(app: Flask, name: str) -> None:
    soup = rendered(app, failed=True)

    described = str(one(soup, f"#{name}").get("aria-describedby", "")).split()

    assert f"{name}-hint" in described
    assert all(one(soup, f"#{part}").get_text(strip=True) for part in described)
    assert (f"{name}-error" in described) == (name != "text")


def test_every_line_of_the_summary_leads_to_a_control(app: Flask) -> None:
    soup = rendered(app, failed=True)

    links = [str(link["href"]) for link in soup.select(".error-summary a")]

    assert links == ["#title", "#severity-0", "#service", "#due_on", "#is_sure"]
    assert [one(soup, link).name for link in links] == ["input", "input", "select", "input", "input"]


def test_a_form_without_errors_has_no_summary_and_no_invalid_control(app: Flask) -> None:
    soup = rendered(app, failed=False)

    assert soup.select(".error-summary, [aria-invalid]") == []


def test_only_what_may_stay_empty_is_called_optional(app: Flask) -> None:
    soup = rendered(app, failed=False)

    optional = [label.get("for") for label in soup.select("label") if label.select(".optional")]

    assert optional == ["text"]


def test_a_form_posts_with_a_token_and_leaves_checking_to_us(app: Flask) -> None:
    form = one(rendered(app, failed=False), "form")

    assert (form.get("method"), form.get("action")) == ("post", "/somewhere")
    assert form.has_attr("novalidate")
    assert one(BeautifulSoup(str(form), "html5lib"), "input[name=csrf_token]")["value"]
