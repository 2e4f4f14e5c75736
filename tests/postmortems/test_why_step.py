"""The tree of whys and the contributing factors, changed in place."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.postmortems.written import begun, edit_url, why
from tracker.action_links import unlink_incident
from tracker.db import session, transaction
from tracker.models import (
    CauseCategory,
    Comparison,
    ContributingFactor,
    Incident,
    Person,
    Postmortem,
    Why,
    WhyAction,
    WhyEnding,
)
from tracker.postmortems.whys import DEEPEST
from tracker.why_texts import WhyText


def whys_url(incident: Incident, query: str = "") -> str:
    return f"/incidents/{incident.ref}/postmortem/whys{query}"


def step_url(incident: Incident, query: str) -> str:
    return edit_url(incident, "why") + query


def claims(postmortem: Postmortem) -> list[tuple[str, int | None, int]]:
    session.expire_all()
    rows = session.scalars(select(Why).where(Why.postmortem_id == postmortem.id).order_by(Why.parent_id, Why.position))
    return [(row.claim, row.parent_id, row.position) for row in rows]


def test_a_first_why_and_one_below_it_make_a_tree(browser: Browser) -> None:
    incident, _ = begun()
    page = browser.get(edit_url(incident, "why")).submit("Add this why", claim="The pool was empty.")

    page = page.click("Ask why : The pool was empty.").submit(
        "Add this why", claim="Retries held it.", evidence="Graph", ending="we can act here"
    )

    assert [tag.get_text(strip=True) for tag in page.select(".tree > li > ul > li .tree-node > p:first-child")] == [
        "Retries held it."
    ]
    assert "It ends here: we can act here." in page.text


def test_a_why_without_words_is_asked_for_again_and_keeps_the_evidence(browser: Browser) -> None:
    incident, _ = begun()

    page = browser.get(edit_url(incident, "why")).submit("Add this why", evidence="Graph of the pool")

    assert page.status == 422
    assert page.errors == ["Enter what you think is the reason."]
    assert page.select("#evidence")[0].get_text(strip=True) == "Graph of the pool"


def test_a_why_is_changed_in_place(browser: Browser) -> None:
    incident, postmortem = begun()
    row = why(postmortem, "The pool was empty.")

    page = browser.get(step_url(incident, f"?change={row.id}"))
    page = page.submit("Save this why", claim="The pool was full.", ending="not known yet")

    session.expire_all()
    changed = session.scalars(select(Why)).one()
    assert (changed.claim, changed.ending) == ("The pool was full.", WhyEnding.NOT_KNOWN_YET)
    assert "Saved." in page.flashes


def test_two_people_change_one_why_and_both_texts_are_kept(app: Flask, browser: Browser, admin: Person) -> None:
    incident, postmortem = begun()
    row = why(postmortem, "The pool was empty.")
    url = step_url(incident, f"?change={row.id}")
    his = browser.get(url)
    Browser(app, person=admin).get(url).submit("Save this why", claim="Alice: the pool leaked.")

    clash = his.submit("Save this why", claim="Bob: the pool was small.")

    assert clash.status == 409
    assert "Alice: the pool leaked." in clash.text
    assert clash.select("#claim")[0].get_text(strip=True) == "Bob: the pool was small."
    assert claims(postmortem)[0][0] == "Alice: the pool leaked."
    clash.submit("Save this why")
    assert claims(postmortem)[0][0] == "Bob: the pool was small."


def test_whys_move_among_those_beside_them_without_refusing_anybodys_words(browser: Browser) -> None:
    incident, postmortem = begun()
    first, second = why(postmortem, "First", position=0), why(postmortem, "Second", position=1)
    open_form = browser.get(step_url(incident, f"?change={first.id}"))

    browser.get(step_url(incident, f"?change={second.id}")).submit("Move up")
    saved = open_form.submit("Save this why", claim="First, in other words")

    assert [claim for claim, _, _ in claims(postmortem)] == ["Second", "First, in other words"]
    assert saved.status == 200


def test_moving_the_first_why_up_changes_nothing(browser: Browser) -> None:
    incident, postmortem = begun()
    first = why(postmortem, "First", position=0)
    why(postmortem, "Second", position=1)

    browser.get(step_url(incident, f"?change={first.id}")).submit("Move up")

    assert [claim for claim, _, _ in claims(postmortem)] == ["First", "Second"]


def test_a_why_moves_in_below_the_one_above_it_and_out_again_with_what_hangs_below_it(browser: Browser) -> None:
    incident, postmortem = begun()
    first, second = why(postmortem, "First", position=0), why(postmortem, "Second", position=1)
    why(postmortem, "Deep", parent_id=second.id)
    url = step_url(incident, f"?change={second.id}")

    inside = browser.get(url).submit("Move in")
    in_words = [tag.get_text(strip=True) for tag in inside.select(f"#why-{first.id} > ul > li > .tree-node > p")]
    browser.get(url).submit("Move out")

    assert in_words[0] == "Second"
    assert set(claims(postmortem)) == {("First", None, 0), ("Second", None, 1), ("Deep", second.id, 0)}
    assert "It cannot go further that way." in browser.get(url).submit("Move out").flashes


def test_a_why_beside_another_stands_right_after_it(browser: Browser) -> None:
    incident, postmortem = begun()
    first = why(postmortem, "First", position=0)
    why(postmortem, "Last", position=1)

    browser.get(step_url(incident, f"?beside={first.id}")).submit("Add this why", claim="Between")

    assert [claim for claim, _, _ in claims(postmortem)] == ["First", "Between", "Last"]


def test_a_why_tells_its_kind_how_sure_we_are_and_the_items_it_leads_to(browser: Browser) -> None:
    incident, postmortem = begun()
    item = make.action("Limit retries", incidents=(incident,))
    foreign = make.action("Of another incident", incidents=(make.incident(),))
    row = why(postmortem, "Retries hold it.")
    said = {"kind": "process", "confidence": "a guess", "is_root_cause": "y", "ending": "we can act here"}

    browser.get(step_url(incident, f"?change={row.id}")).submit(
        "Save this why", **said, items=[str(item.id), str(foreign.id)]
    )

    session.expire_all()
    changed = session.scalars(select(Why)).one()
    assert [one.ref for one in changed.items] == [item.ref]
    assert str(WhyText.of(changed)) == (
        f"Retries hold it. (kind: process) (how sure: a guess) (a root cause) (leads to: {item.ref})"
        " (ends here: we can act here)"
    )
    assert WhyText.read(str(WhyText.of(changed))) == WhyText.from_values(WhyText.of(changed).values())
    read = browser.get(f"/incidents/{incident.ref}/postmortem")
    node = read.select(".tree-node.root-cause.unsure")[0].get_text(" ", strip=True)
    assert "Process · a guess" in node
    assert f"{item.ref} Limit retries Open" in node


def test_an_item_that_the_incident_no_longer_asks_for_leaves_the_why(browser: Browser, responder: Person) -> None:
    incident, postmortem = begun()
    item = make.action("Limit retries", incidents=(incident, make.incident()))
    row = why(postmortem, "Retries hold it.")
    make.save(WhyAction(why_id=row.id, action_id=item.id))

    with transaction():
        action, one = session.merge(item), session.merge(incident)
        unlink_incident(action, one, by=session.merge(responder), now=make.NOW)

    assert item.ref not in browser.get(edit_url(incident, "why")).select("#whys")[0].get_text()


def test_a_text_that_only_looks_like_ours_is_a_claim_as_a_whole() -> None:
    for text in ("It broke (kind: purple)", "It broke (ends here: never)", "It broke (leads to: PR-7)"):
        assert WhyText.read(text) == WhyText(claim=text)


def test_removing_a_why_lifts_those_below_it_into_its_place(browser: Browser) -> None:
    incident, postmortem = begun()
    top, last = why(postmortem, "Top", position=0), why(postmortem, "Last", position=1)
    why(postmortem, "Below one", parent_id=top.id, position=0)
    why(postmortem, "Below two", parent_id=top.id, position=1)

    browser.get(step_url(incident, f"?change={top.id}")).submit("Remove this why")

    assert claims(postmortem) == [("Below one", None, 0), ("Below two", None, 1), ("Last", None, 2)]
    assert last.id


def test_a_why_that_somebody_changed_is_read_before_it_is_removed(app: Flask, browser: Browser, admin: Person) -> None:
    incident, postmortem = begun()
    row = why(postmortem, "The pool was empty.")
    url = step_url(incident, f"?change={row.id}")
    his = browser.get(url)
    Browser(app, person=admin).get(url).submit("Save this why", claim="New words")

    page = his.submit("Remove this why")

    assert page.status == 422
    assert "Read it again before you remove it." in page.text
    assert claims(postmortem)[0][0] == "New words"


def test_a_tree_has_an_end(browser: Browser) -> None:
    incident, postmortem = begun()
    row = why(postmortem, "Level 1")
    for level in range(2, DEEPEST + 1):
        row = why(postmortem, f"Level {level}", parent_id=row.id)

    page = browser.get(step_url(incident, f"?below={row.id}")).submit("Add this why", claim="One too many")

    assert page.status == 422
    assert "20 levels deep" in page.errors[0]


def test_a_why_of_another_postmortem_is_not_there(browser: Browser) -> None:
    incident, _ = begun()
    _, other = begun()
    foreign = why(other, "Elsewhere")
    token = browser.token(edit_url(incident))

    page = browser.post(f"{whys_url(incident)}/{foreign.id}/remove", {"csrf_token": token, "version": 1})

    assert page.status == 404
    assert claims(other) == [("Elsewhere", None, 0)]


def test_htmx_gets_the_tree_alone(browser: Browser) -> None:
    incident, postmortem = begun()
    row = why(postmortem, "The pool was empty.")

    fragment = browser.get(whys_url(incident, f"?below={row.id}"), htmx=True)

    assert fragment.body.lstrip().startswith('<section class="card" id="whys"')
    assert "Why was that so?" in fragment.body


def test_a_why_that_names_a_person_asks_one_question_more_and_is_saved_all_the_same(browser: Browser) -> None:
    incident, postmortem = begun()
    make.person("Ana Lund")

    page = browser.get(edit_url(incident, "why")).submit("Add this why", claim="Ana forgot the migration.")

    assert "What made that the sensible thing to do?" in page.text
    assert claims(postmortem)[0][0] == "Ana forgot the migration."


def test_factors_are_added_changed_and_removed(browser: Browser) -> None:
    incident, _ = begun()
    page = browser.get(edit_url(incident, "why")).submit(
        "Add this factor", factor="Four changes at once", category="recent deploy"
    )
    row = session.scalars(select(ContributingFactor)).one()
    change = step_url(incident, f"?factor={row.id}")

    changed = browser.get(change).submit("Save this factor", factor="Five changes at once")
    removed = browser.get(change).submit("Remove this factor")

    assert "Four changes at once recent deploy" in page.text
    assert "Five changes at once" in changed.text
    assert "Five changes at once" not in removed.text


def test_two_people_change_one_factor_and_both_texts_are_kept(app: Flask, browser: Browser, admin: Person) -> None:
    incident, postmortem = begun()
    row = make.save(ContributingFactor(postmortem_id=postmortem.id, text="Four changes"))
    url = step_url(incident, f"?factor={row.id}")
    his = browser.get(url)
    Browser(app, person=admin).get(url).submit("Save this factor", factor="Alice: five")

    clash = his.submit("Save this factor", factor="Bob: six")

    assert clash.status == 409
    assert "Alice: five" in clash.text
    assert clash.select("#factor")[0].get_text(strip=True) == "Bob: six"


def test_the_main_cause_is_kept_and_compared(browser: Browser) -> None:
    incident, _ = begun()

    browser.get(edit_url(incident, "why")).submit("Save the cause", cause_category="resource exhaustion")

    assert session.scalars(select(Postmortem)).one().cause_category is CauseCategory.RESOURCE_EXHAUSTION
    assert len(session.scalars(select(Comparison)).all()) == 1


@pytest.mark.parametrize("number", ["0", "abc", "-1", "9" * 30, "1e3", "٣"])
def test_numbers_that_name_nothing_are_answered_with_a_sentence(browser: Browser, number: str) -> None:
    incident, postmortem = begun()
    row = why(postmortem, "The pool was empty.")
    typed = {"csrf_token": browser.token(edit_url(incident)), "claim": "x", "below": number, "version": number}
    base = f"/incidents/{incident.ref}/postmortem"

    answers = [
        browser.get(f"{base}/edit/why?change={number}&below={number}&factor={number}"),
        browser.post(f"{base}/whys/{number}/remove", typed),
        browser.post(f"{base}/whys/{row.id}/remove", typed),
        browser.post(f"{base}/whys/{row.id}", typed),
        browser.post(f"{base}/answers/summary", typed | {"summary": "x"}, htmx=True),
        browser.post(f"{base}/answers/summary/restore/{number}", typed),
    ]

    assert {page.status for page in answers} <= {200, 404, 405, 409, 422}
    assert claims(postmortem)[0][0] == "The pool was empty."


def test_a_why_below_nothing_begins_a_branch(browser: Browser) -> None:
    incident, postmortem = begun()
    typed = {"csrf_token": browser.token(edit_url(incident)), "claim": "The pool was empty.", "below": "abc"}

    browser.post(whys_url(incident), typed)

    assert claims(postmortem) == [("The pool was empty.", None, 0)]
