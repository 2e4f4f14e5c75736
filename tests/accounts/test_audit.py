"""The audit log as administrators read it."""

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests import make
from tests.browser import Browser
from tracker import audit
from tracker.accounts.audit_words import DONE
from tracker.db import session, transaction
from tracker.models import AuditEntry, Person
from tracker.paths import CHECKOUT


def note(action: str, subject: str, *, by: Person | None, at: datetime, **detail: Any) -> None:
    with transaction():
        audit.note(action, subject, by=by, now=at, **detail)


def test_the_newest_change_comes_first_with_who_and_what(admin_browser: Browser, admin: Person, now: datetime) -> None:
    note("add_tracker", "GitHub", by=admin, at=now - timedelta(days=1))
    note("change_role", "ana@example.com", by=None, at=now, before="viewer", after="admin")

    rows = [row.get_text(" ", strip=True) for row in admin_browser.get("/settings/audit").select("tbody tr")]

    assert "Changed what a person may do ana@example.com From viewer to administrator." in rows[0]
    assert "command line or clock" in rows[0]
    assert "Alice" in rows[1]
    assert "Connected a tracker GitHub" in rows[1]


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


@pytest.mark.once
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


@pytest.mark.parametrize(
    ("action", "detail", "sentence"),
    [
        ("add_person", {"role": "admin"}, "As administrator."),
        ("change_privacy", {"is_private": False, "named": []}, "Everybody may see it."),
        ("change_privacy", {"is_private": True, "named": []}, "Only administrators may see it."),
        ("decide_recurrence", {"decision": "not the same"}, "They are not the same."),
        ("undo_recurrence_decision", {"was": "same"}, "They were the same; now that is open again."),
        ("unpublish_postmortem", {"reason": "A wrong number."}, "Because: A wrong number."),
        ("unpublish_postmortem", {}, ""),
        ("add_tracker", {"kind": "github", "url": "https://github.com"}, "GitHub at https://github.com."),
        ("edit_tracker", {"url": "https://x.test", "new_token": True}, "At https://x.test. With a new token."),
        ("create_token", {"begins_with": "ft_ab"}, "It begins with ft_ab."),
        ("something_new", {"how_many": 3}, "how many: 3"),
    ],
)
def test_details_are_told_in_a_sentence(
    admin_browser: Browser, now: datetime, action: str, detail: dict[str, Any], sentence: str
) -> None:
    note(action, "INC-1", by=None, at=now, **detail)

    page = admin_browser.get("/settings/audit")

    assert page.select("td[data-label=Details]")[0].get_text(strip=True) == sentence


@pytest.mark.once
def test_people_are_told_by_name_with_as_many_queries_for_many_as_for_one(
    admin_browser: Browser, now: datetime
) -> None:
    ana, bo, cy = make.person("Ana Lund"), make.person("Bo Berg"), make.person("Cy Dahl")
    note("change_privacy", "INC-3", by=None, at=now, is_private=True, named=[ana.id])
    few = admin_browser.get("/settings/audit")
    for number in range(20):
        note("change_privacy", f"INC-{number + 4}", by=None, at=now, is_private=True, named=[ana.id, bo.id, cy.id, 999])

    page = admin_browser.get("/settings/audit")

    assert "Only administrators and Ana Lund may see it." in few.text
    assert "Only administrators, Ana Lund, Bo Berg, Cy Dahl and somebody who is gone may see it." in page.text
    assert len(page.queries) == len(few.queries)
    assert "/incidents/INC-3" in page.links()


def test_the_log_is_filtered_by_day_and_by_what_stands_in_the_details(admin_browser: Browser, now: datetime) -> None:
    note("edit_tracker", "GitHub", by=None, at=now - timedelta(days=2), url="https://old.example")
    note("edit_tracker", "GitHub", by=None, at=now, url="https://new.example")

    def details(**query: object) -> list[str]:
        page = admin_browser.get("/settings/audit", query=query)
        return [cell.get_text(strip=True) for cell in page.select("td[data-label='Details']")]

    assert details(since="2026-11-23") == ["At https://new.example."]
    assert details(until="2026-11-22") == ["At https://old.example."]
    assert details(until="9999-12-31", q="old.ex") == ["At https://old.example."]
    assert len(details(since="soon", until="0000-99-99")) == 2


def test_what_is_chosen_is_taken_out_as_csv_and_that_is_noted(
    admin_browser: Browser, admin: Person, now: datetime
) -> None:
    note("add_tracker", "=cmd()", by=admin, at=now, kind="github", url="https://github.com")
    note("add_person", "ana@example.com", by=None, at=now, role="admin")

    taken = admin_browser.get("/settings/audit", query={"action": "add_tracker"}).submit("Take these out as CSV")

    assert taken.response.mimetype == "text/csv"
    assert list(csv.reader(io.StringIO(taken.body))) == [
        ["at", "who", "e-mail", "what", "action", "to what", "details"],
        ["2026-11-23T09:05:00+00:00", "Alice", "alice@example.com", "Connected a tracker", "add_tracker", "'=cmd()",
         "GitHub at https://github.com."],
    ]  # fmt: skip
    assert "Took the audit log out" in admin_browser.get("/settings/audit").text


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET subject = 'x'", "DELETE FROM audit_entries"])
def test_the_database_itself_refuses_to_change_or_delete_an_entry(app: Flask, now: datetime, statement: str) -> None:
    note("add_person", "ana@example.com", by=None, at=now)

    with pytest.raises(IntegrityError, match="only added, never changed or deleted"), transaction():
        session.execute(text(statement))

    assert [row.subject for row in session.scalars(select(AuditEntry))] == ["ana@example.com"]


@pytest.mark.skipif(CHECKOUT is None, reason="reads the source")
def test_everything_that_is_noted_has_words() -> None:
    assert CHECKOUT is not None
    source = "\n".join(path.read_text() for path in (CHECKOUT / "tracker").rglob("*.py"))

    noted = set(re.findall(r"audit(?:_log)?\.note\(\s*\"(\w+)\"", source))

    assert len(noted) > 20
    assert noted - set(DONE) == set()
