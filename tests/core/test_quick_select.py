"""A list written the quick way reads as WTForms writes it."""

import html5lib
import pytest
from flask import Flask
from markupsafe import Markup
from wtforms import SelectField
from wtforms.validators import InputRequired
from wtforms.widgets import Select

from tracker.forms import Form, QuickSelect, choice


class ServiceForm(Form):
    free = SelectField("Owner", choices=[choice("", "Nobody"), choice("7", "Ana & <Bo>"), choice("8", 'Zoë "Z"')])
    required = SelectField(
        "Team", choices=[choice(1, "Payments"), choice(2, "Shop")], coerce=int, validators=[InputRequired()]
    )
    off = SelectField("State", choices=[choice("a", Markup("A&nbsp;b"))], render_kw={"disabled": True, "class": "wide"})


def read(html: str) -> list[tuple[str, dict[str, str], str | None]]:
    """Each element with its attributes and text, as a browser would see it."""
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    return [(one.tag, dict(one.attrib), one.text) for one in tree.iter() if isinstance(one.tag, str)]


@pytest.mark.parametrize("name", ["free", "required", "off"])
@pytest.mark.parametrize("attributes", [{}, {"aria-describedby": "hint", "required": True}])
def test_it_is_the_same_to_a_browser(app: Flask, name: str, attributes: dict[str, object]) -> None:
    with app.test_request_context():
        field = ServiceForm(data={"free": "7", "required": 2})[name]
        quick = str(field.meta.render_field(field, dict(attributes)))
        assert isinstance(field.widget, QuickSelect)
        field.widget = Select()
        slow = str(field.widget(field, **{**(field.render_kw or {}), **attributes}))

    assert read(quick) == read(slow)
    assert "None" not in quick
