"""Questions about the wording: beside the text, never in the way, and dismissed for good."""

import pytest
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.postmortems.written import begun, edit_url
from tracker.blame import Wording
from tracker.db import session
from tracker.models import Answer, ContributingFactor, Incident, Why
from tracker.postmortems.wordings import hints_of

BLAMING = "The developer forgot the flag. It was human error."

KINDS = {
    Wording.SLIP: "It was human error.",
    Wording.LEFT_UNDONE: "We forgot the flag.",
    Wording.CARE: "That was sloppy.",
    Wording.SHOULD_HAVE: "It should have been tested.",
    Wording.COULD_HAVE: "A canary would have caught it.",
    Wording.PLAIN: "Obviously it was full.",
    Wording.NAME: "Ana restarted it.",
}


def wording_url(incident: Incident, question: str = "summary") -> str:
    return f"/incidents/{incident.ref}/postmortem/wording/{question}"


def asked(browser: Browser, incident: Incident, question: str = "summary") -> list[str]:
    page = browser.get(edit_url(incident))
    return [tag.get_text(" ", strip=True) for tag in page.select(f"#wording-{question} li strong")]


def test_a_saved_text_is_asked_about_beside_it_and_saved_all_the_same(browser: Browser) -> None:
    incident, _ = begun()

    browser.get(edit_url(incident)).submit("Save", summary=BLAMING)

    assert session.scalars(select(Answer)).one().text == BLAMING
    assert asked(browser, incident) == [
        "What made that the sensible thing to do?",
        "What made this easy to get wrong?",
    ]


def test_what_is_dismissed_is_not_asked_again_about_this_text_and_only_this(browser: Browser) -> None:
    incident, _ = begun()
    both = browser.get(edit_url(incident)).submit("Save", summary=BLAMING, what_broke=BLAMING)
    token = browser.token(edit_url(incident))
    key = "left undone: the developer forgot"

    fragment = browser.post(wording_url(incident), {"csrf_token": token, "summary": BLAMING, "dismiss": key}, htmx=True)
    again = browser.get(edit_url(incident)).submit("Save", summary=f"{BLAMING} Later it was seen.")

    assert "The developer forgot" not in fragment.body
    assert asked(browser, incident) == ["What made this easy to get wrong?"]
    assert len(asked(browser, incident, "what_broke")) == 2
    assert (both.status, again.status) == (200, 200)


@pytest.mark.once
@pytest.mark.parametrize("wording", Wording)
def test_each_kind_of_question_can_be_dismissed_for_good_where_it_was_asked(wording: Wording) -> None:
    text = KINDS[wording]
    (hint,) = hints_of(text, place="summary", dismissed={}, people=["Ana Lund"])

    again = hints_of(text, place="summary", dismissed={"summary": frozenset({hint.key})}, people=["Ana Lund"])
    elsewhere = hints_of(text, place="impact", dismissed={"summary": frozenset({hint.key})}, people=["Ana Lund"])

    assert (hint.wording, again, len(elsewhere)) == (wording, (), 1)
    assert hint.question.endswith("?")
    assert hint.explanation


def test_without_javascript_dismissing_saves_what_was_typed(browser: Browser) -> None:
    incident, _ = begun()
    page = browser.get(edit_url(incident)).submit("Save", summary=BLAMING)
    key = page.select("#wording-summary button")[1]["value"]

    browser.post(
        edit_url(incident),
        {
            "csrf_token": browser.token(edit_url(incident)),
            "summary": "It was human error.",
            "summary_version": 1,
            "dismissed": key,
        },
    )

    assert session.scalars(select(Answer)).one().text == "It was human error."
    assert asked(browser, incident) == []


def test_words_are_asked_about_as_they_are_typed_and_nothing_is_saved(browser: Browser) -> None:
    incident, _ = begun()
    token = browser.token(edit_url(incident))

    fragment = browser.post(wording_url(incident), {"csrf_token": token, "summary": "We should have known."}, htmx=True)
    elsewhere = browser.post(wording_url(incident, "nothing"), {"csrf_token": token, "nothing": "x"})

    assert "What did it look like at the time?" in fragment.body
    assert "judges by what we know today" in fragment.body
    assert elsewhere.status == 404
    assert session.scalars(select(Answer)).all() == []


def test_a_name_in_a_why_is_asked_about_until_it_is_dismissed(browser: Browser) -> None:
    incident, postmortem = begun()
    make.person("Ana Lund")
    make.save(Why(postmortem_id=postmortem.id, claim="Ana restarted it."))
    page = browser.get(edit_url(incident, "why"))

    page = page.submit("Do not ask about this again")

    assert page.select(".tree-node .margin-hint") == []
    assert "We will not ask about it again." in page.flashes


def test_the_evidence_of_a_why_and_a_factor_are_asked_about_too(browser: Browser) -> None:
    incident, postmortem = begun()
    make.save(Why(postmortem_id=postmortem.id, claim="The cache was cold.", evidence="It was obvious on the graph."))
    make.save(ContributingFactor(postmortem_id=postmortem.id, text="It was human error."))
    page = browser.get(edit_url(incident, "why"))
    asked = [tag.get_text(" ", strip=True) for tag in page.select(".margin-hint q")]
    dismiss = str(page.select("#factors .margin-hint form")[0]["action"])
    token = browser.token(edit_url(incident, "why"))

    browser.post(dismiss, {"csrf_token": token, "dismiss": "slip: human error"})

    after = browser.get(edit_url(incident, "why"))
    assert asked == ["was obvious", "human error"]
    assert [tag.get_text(strip=True) for tag in after.select(".margin-hint q")] == ["was obvious"]


@pytest.mark.once
def test_a_published_tree_asks_nobody(browser: Browser) -> None:
    incident, postmortem = begun()
    make.person("Ana Lund")
    make.save(Why(postmortem_id=postmortem.id, claim="Ana restarted it."))

    assert browser.get(f"/incidents/{incident.ref}/postmortem").select(".margin-hint") == []
