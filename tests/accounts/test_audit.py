"""The audit log as administrators read it."""

from datetime import datetime, timedelta

from tests import make
from tests.browser import Browser
from tracker import audit
from tracker.db import transaction
from tracker.models import Person


def note(action: str, subject: str, *, by: Person | None, at: datetime, **detail: str) -> None:
    with transaction():
        audit.note(action, subject, by=by, now=at, **detail)


def test_the_newest_change_comes_first_with_who_and_what(admin_browser: Browser, admin: Person, now: datetime) -> None:
    note("add_tracker", "GitHub", by=admin, at=now - timedelta(days=1))
    note("change_role", "ana@example.com", by=None, at=now, before="viewer", after="admin")

    rows = [row.get_text(" ", strip=True) for row in admin_browser.get("/settings/audit").select("tbody tr")]

    assert "Change role ana@example.com before: viewer, after: admin" in rows[0]
    assert "command line or clock" in rows[0]
    assert "Alice" in rows[1]
    assert "Add tracker GitHub" in rows[1]


def test_the_log_is_filtered_by_what_who_and_to_what(admin_browser: Browser, admin: Person, now: datetime) -> None:
    bo = make.person("Bo")
    note("add_tracker", "GitHub", by=admin, at=now)
    note("add_person", "ana@example.com", by=bo, at=now)

    def subjects(**query: object) -> list[str]:
        page = admin_browser.get("/settings/audit", query=query)
        return [cell.get_text(strip=True) for cell in page.select("td[data-label='To what']")]

    assert subjects(action="add_tracker") == ["GitHub"]
    assert subjects(person=bo.id) == ["ana@example.com"]
    assert subjects(q="git") == ["GitHub"]
    assert subjects(q="nothing like it") == []


def test_a_long_log_comes_in_parts_with_the_same_number_of_queries(
    admin_browser: Browser, admin: Person, now: datetime
) -> None:
    note("add_person", "first@example.com", by=admin, at=now - timedelta(days=1))
    few = admin_browser.get("/settings/audit")
    for number in range(50):
        note("add_person", f"person{number}@example.com", by=admin, at=now)

    first = admin_browser.get("/settings/audit")

    assert len(first.queries) == len(few.queries)
    assert "first@example.com" not in first.text
    assert "first@example.com" in first.click("Older").text


def test_a_page_number_that_makes_no_sense_shows_the_first_page(admin_browser: Browser) -> None:
    assert admin_browser.get("/settings/audit", query={"page": "-3"}).status == 200
    assert admin_browser.get("/settings/audit", query={"page": "many"}).status == 200
