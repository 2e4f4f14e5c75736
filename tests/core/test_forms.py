"""What every form does with what is typed."""

import pytest
from flask import Flask

from tracker.forms import Form, line


class TitleForm(Form):
    class Meta:
        csrf = False

    title = line("Title", thing="a title")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Checkout \u202egnirts\u202c answers", "Checkout gnirts answers"),
        ("\u2066Search\u2069 is \u2067slow", "Search is slow"),
        ("bell\x07 and escape\x1b[31m", "bell and escape[31m"),
        ("two\r\nlines\tand  spaces", "two lines and spaces"),
        ("Ärger \u200e(שלום) \U0001f469\u200d\U0001f692", "Ärger \u200e(שלום) \U0001f469\u200d\U0001f692"),
    ],
)
def test_a_line_keeps_words_and_drops_what_would_rewrite_the_page(app: Flask, typed: str, kept: str) -> None:
    with app.test_request_context("/", method="POST", data={"title": typed}):
        form = TitleForm()

        assert form.validate()
        assert form.title.data == kept


def test_a_line_of_control_characters_alone_is_empty(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"title": "\u202e\x07"}):
        form = TitleForm()

        assert not form.validate()
        assert form.title.errors == ["Enter a title."]
