"""Badges and icons, which are made once and remembered."""

from markupsafe import Markup

from tracker import badges
from tracker.models import ActionState

SPRITE = "/static/img/icons.svg"


def test_a_state_is_a_word_with_a_shape() -> None:
    drawn = badges.badge(ActionState.DID_NOT_HOLD, None, None, None, sprite=SPRITE)

    assert drawn.striptags() == "Did not hold"
    assert 'class="badge bad"' in drawn
    assert f'href="{SPRITE}#x-circle"' in drawn


def test_a_word_from_outside_is_never_taken_for_html_even_when_the_same_letters_were_html_before() -> None:
    text = "<em>In work</em>"

    trusted = badges.badge("open", Markup("<em>{}</em>").format("In work"), None, None, sprite=SPRITE)
    typed = badges.badge("open", text, None, None, sprite=SPRITE)

    assert text in trusted
    assert "<em>" not in typed
    assert "&lt;em&gt;" in typed


def test_a_state_that_nobody_named_shows_as_it_is() -> None:
    drawn = badges.badge("not_seen_before", None, None, None, sprite=SPRITE)

    assert drawn.striptags() == "Not seen before"


def test_a_person_is_initials_and_a_name() -> None:
    assert "<span>Ada Lovelace</span>" in badges.person("Ada Lovelace")
    assert ">AL</span>" in badges.person("Ada Lovelace")
    assert ">A</span>" in badges.avatar("ada")
    assert badges.person(None) == '<span class="person nobody">Nobody yet</span>'


def test_a_name_is_text_and_no_html() -> None:
    shown = badges.person("<b> x", url='/people/1"', detail="<i>")

    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "&lt;b&gt; x" in shown
    assert '"/people/1&#34;"' in shown
