"""Markdown and JSON: every word that was typed, and what the importer reads back."""

import json
import string
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import make
from tests.browser import Browser
from tests.postmortems.written import KEYS, begun, why
from tracker.documents import documents_of
from tracker.markdown_documents import HEADINGS, IncidentDocument, to_json, to_markdown
from tracker.models import (
    ActionState,
    CauseCategory,
    ContributingFactor,
    EntryKind,
    Incident,
    Phase,
    Postmortem,
    PostmortemState,
    Severity,
    TimelineEntry,
    WhyEnding,
)
from tracker.postmortems.outline import BUILT_IN
from tracker.transfer.reading import read_postmortem
from tracker.transfer.values import QUESTION_KEYS, ReadPostmortem


def whole() -> Incident:
    """An incident with something in every place."""
    incident = make.incident(
        "Checkout: answers 503",
        summary="Declared by phone.",
        alert_name="ErrorRateHigh",
        detected_at=make.NOW + timedelta(minutes=18),
        services=[make.service("Checkout")],
    )
    _, postmortem = begun(
        incident,
        cause_category=CauseCategory.TRAFFIC_SPIKE,
        lead_id=make.person("Ana").id,
        left_over=["Stray", "", "x"],
    )
    for question in KEYS:
        make.answer(postmortem, question, f"Words for {question}\n\n# A heading\n<!-- /ft -->\n- and a list")
    make.entry(incident, "First line\nsecond line", kind=EntryKind.DETECTION, is_starred=True)
    make.entry(incident, "Nobody knows when", at=None, at_text="~10:30", position=1, is_starred=True)
    root = why(postmortem, "The pool was empty.")
    why(postmortem, "Retries\nheld it.", parent_id=root.id, evidence="Graph", ending=WhyEnding.CAN_ACT)
    make.save(ContributingFactor(postmortem_id=postmortem.id, text="Four changes", category=CauseCategory.OTHER))
    item = make.action(
        "Limit retries",
        incidents=(incident,),
        detail="At most ten\nof forty",
        done_when="A test shows it",
        owner_text="Platform",
        state=ActionState.DONE,
        done_at=make.NOW,
    )
    make.ticket(action=item, url="https://github.com/acme/shop/issues/7")
    return incident


def read_back(incident: Incident) -> tuple[str, ReadPostmortem]:
    text = to_markdown(documents_of([incident])[0])
    return text, read_postmortem(text.encode(), name=f"{incident.ref}.md")


def test_the_importer_knows_every_question_that_the_form_asks() -> None:
    assert set(QUESTION_KEYS) | {"no_items"} == set(BUILT_IN.questions) == set(HEADINGS)


def test_what_the_markdown_says_is_read_back(browser: Browser) -> None:
    incident = whole()

    _, read = read_back(incident)

    assert read.title == "Checkout: answers 503"
    assert read.front["ref"] == incident.ref
    assert read.front["services"] == "Checkout"
    assert (read.severity_text, read.category_text, read.detected_text) == (
        "SEV2",
        "traffic spike",
        "2026-11-23 09:23 UTC",
    )
    assert read.answers == {
        key: f"Words for {key}\n\n# A heading\n<!-- /ft -->\n- and a list" for key in KEYS if key != "no_items"
    }
    assert [(row.at, row.at_text, row.kind_hint, row.text) for row in read.timeline] == [
        (make.NOW, "2026-11-23 09:05 UTC", "detection", "First line\nsecond line"),
        (None, "~10:30", "event", "Nobody knows when"),
    ]
    assert [(one.depth, one.text) for one in read.whys] == [
        (0, "The pool was empty."),
        (1, "Retries\nheld it. (evidence: Graph) (ends here: we can act here)"),
    ]
    assert read.contributing_factors == ("Four changes (cause: other)",)
    assert read.left_over == ("Stray", "", "x")
    assert [heading for heading, _ in read.notes] == ["As it was declared", "Why there are no action items"]


def test_the_items_of_the_markdown_are_read_back(browser: Browser) -> None:
    incident = whole()

    _, read = read_back(incident)

    (item,) = read.actions
    assert (item.title, item.detail, item.is_done) == ("Limit retries", "At most ten\nof forty", True)
    assert (item.owner_text, item.state_text, item.priority_text) == ("Platform", "done", "P2")
    assert (str(item.due_on), item.ticket_refs) == ("2026-12-21", ("https://github.com/acme/shop/issues/7",))
    assert ("done when", "A test shows it") in item.extras


def test_the_json_has_the_promised_shape_and_every_word(browser: Browser) -> None:
    incident = whole()

    page = browser.get(f"/incidents/{incident.ref}/postmortem.json")

    written = json.loads(page.body)
    assert list(written) == ["action_items", "incident", "postmortem", "timeline"]
    assert written["incident"]["ref"] == incident.ref
    assert written["incident"]["detected_at"] == "2026-11-23T09:23:00Z"
    assert written["incident"]["resolved_at"] is None
    assert set(KEYS) <= set(written["postmortem"])
    assert written["postmortem"]["whys"][1] == {
        "depth": 1,
        "claim": "Retries\nheld it.",
        "evidence": "Graph",
        "kind": None,
        "confidence": None,
        "is_root_cause": False,
        "items": [],
        "ending": "we can act here",
    }
    assert written["postmortem"]["left_over"] == ["Stray", "", "x"]
    unknown = {"at": None, "at_text": "~10:30", "kind": "event", "text": "Nobody knows when", "is_starred": True}
    assert written["timeline"][1] == unknown
    assert written["action_items"][0]["tickets"][0]["url"] == "https://github.com/acme/shop/issues/7"


def test_the_markdown_is_a_file_of_the_incidents_name(browser: Browser) -> None:
    incident = whole()

    page = browser.get(f"/incidents/{incident.ref}/postmortem.md")

    assert page.response.mimetype == "text/markdown"
    assert page.response.headers["Content-Disposition"] == f'attachment; filename="{incident.ref}.md"'
    assert page.body.startswith("---\nfollowthrough: 1\n")


def test_an_incident_without_a_postmortem_is_exported_too(browser: Browser) -> None:
    incident = make.incident("Small one")

    text, read = read_back(incident)

    assert read.title == "Small one"
    assert to_json(documents_of([incident])[0])["postmortem"] is None
    assert "category" not in text


# Characters that stand in no sentence: the reader takes a file full of them for a program's data, and says so.
controls = [chr(code) for code in (*range(32), *range(127, 160), 0x2028, 0x2029) if chr(code) not in "\n\t"]
typed = st.text(alphabet=st.characters(codec="utf-8", exclude_characters=controls), max_size=200) | st.text(
    alphabet=string.punctuation + " \n-#>`<!", max_size=80
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=typed, claim=typed)
def test_any_text_comes_back_as_it_was_typed(text: str, claim: str) -> None:
    words, row_text = text.strip(), claim.strip() or "x"
    columns = {"number": 1, "title": "T", "summary": "", "alert_name": "", "declared_at": make.NOW}
    incident = Incident(severity=Severity.SEV3, phase=Phase.CLOSED, **columns)
    document = IncidentDocument(
        incident=incident,
        postmortem=Postmortem(left_over=[], state=PostmortemState.DRAFT, skipped_reason=""),
        answers={"summary": words, "notes": words} if words else {},
        entries=[TimelineEntry(id=1, at=make.NOW, at_text="", kind=EntryKind.EVENT, text=row_text)],
    )

    read = read_postmortem(to_markdown(document).encode(), name="INC-1.md")

    assert read.answers == dict(document.answers)
    assert [row.text for row in read.timeline] == [row_text]
