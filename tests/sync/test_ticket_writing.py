"""What stands in the tickets we make."""

from flask import Flask

from tests import make
from tracker.clients.tickets import NewTicket
from tracker.models import ActionItem, TrackerKind
from tracker.sync.making.ticket_writing import wiki, write_ticket


def written(action: ActionItem, *, kind: TrackerKind = TrackerKind.GITHUB) -> NewTicket:
    push = make.push(action, make.tracker(kind=kind))
    return write_ticket(push.id, base_url="https://ft.example.com")


def test_a_ticket_says_what_when_and_why_and_leads_back(app: Flask) -> None:
    incident = make.incident("Checkout answers 503")
    action = make.action(
        "Add a cache warm-up", detail="Before traffic comes.", done_when="Cold starts are fast.", incidents=(incident,)
    )

    new = written(action)

    assert (new.title, new.due_on) == ("Add a cache warm-up", action.due_on)
    assert "Before traffic comes." in new.body
    assert "### Done when\n\nCold starts are fast.\n" in new.body
    assert f"- [{incident.ref}](https://ft.example.com/incidents/{incident.ref}): Checkout answers 503" in new.body
    assert f"[{action.ref}](https://ft.example.com/actions/{action.ref})" in new.body
    assert new.back_link is not None
    assert new.back_link.url == f"https://ft.example.com/actions/{action.ref}"


def test_of_a_private_item_no_text_tells_when_it_is_due(app: Flask) -> None:
    action = make.action(incidents=(make.incident(is_private=True),))

    new = written(action)

    assert (new.due_on, new.title) == (None, f"{action.ref}, see Followthrough")


def test_jira_gets_its_own_markup_and_ours_stays_words(app: Flask) -> None:
    action = make.action(detail="Set {color:red} to [off] | done!", done_when="It is.")

    body = written(action, kind=TrackerKind.JIRA).body

    assert "Set \\{color:red\\} to \\[off\\] \\| done\\!" in body
    assert "h3. Done when" in body
    assert wiki("plain words") == "plain words"


def test_an_item_without_details_still_makes_a_tidy_ticket(app: Flask) -> None:
    body = written(make.action()).body

    assert body.startswith("---\nFollow-through: [AI-1]")
    assert "\n\n\n" not in body
