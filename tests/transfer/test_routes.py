"""The page of import and export: nothing is written before it was seen, and only administrators come here."""

import io
import json
import zipfile
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.browser import Browser, Page
from tests.rules.walk import send
from tracker.db import session
from tracker.models import AuditEntry, Incident, Message
from tracker.transfer.uploads import LARGEST_TOTAL, MOST_DOCUMENTS

OUTAGE = b"# Outage\n\n## Timeline\n\nTimes in UTC.\n\n- 2026-03-01 10:00 Alert\n\n## Action items\n\n- [ ] Fix it\n"


def give(browser: Browser, *files: tuple[str, bytes], **values: str) -> Page:
    given = [(io.BytesIO(content), name) for name, content in files]
    return browser.get("/settings/transfer").submit("See what is found", files=given, **values)


def zipped(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def count(table: type = Incident) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_file_is_shown_then_taken(admin_browser: Browser) -> None:
    seen = give(admin_browser, ("outage.md", OUTAGE))
    before = count()
    done = seen.submit("Take in 1 incident")

    assert before == 0
    edition = admin_browser.get("/incidents/INC-1/postmortem/editions").click("Edition 1")
    assert "Fix it" in edition.text
    assert "1 incident can be taken in. Nothing is written yet." in seen.text
    assert "1 timeline row, 1 item" in seen.text
    assert "Fix it (open)" in seen.text
    assert done.heading == "1 incident taken in"
    assert done.click("INC-1").heading.startswith("INC-1")
    assert count() == 1


def test_the_preview_shows_what_went_where(admin_browser: Browser) -> None:
    text = b"# Outage\n\n## Root cause\n\nA cold cache.\n\n## Weather\n\nIt rained.\n"

    seen = give(admin_browser, ("outage.md", text)).text

    assert "Root causes A cold cache." in seen
    assert "Notes" in seen
    assert "It rained." in seen


def test_the_same_page_sent_twice_makes_one_incident(admin_browser: Browser) -> None:
    seen = give(admin_browser, ("outage.md", OUTAGE))
    seen.submit("Take in 1 incident")
    again = seen.submit("Take in 1 incident")

    assert "It is here already as INC-1. Nothing was changed." in again.text
    assert count() == 1


def test_what_cannot_be_taken_is_told_beside_what_can(admin_browser: Browser) -> None:
    others = (("graph.png", b"\x89PNG"), ("wiki.html", b"<p>Outage"), ("old.docx", b"PK\x03\x04"))
    page = give(admin_browser, ("outage.md", OUTAGE), ("empty.md", b""), *others)

    assert "empty.md is empty. There is nothing to import." in page.text
    assert "graph.png is no Markdown or text file." in page.text
    for name in ("wiki.html", "old.docx"):
        assert f"{name} is no Markdown or text file; save or export it as Markdown (or text)" in page.text
    assert page.submit("Take in 1 incident").heading == "1 incident taken in"


def test_nothing_chosen_is_told_beside_the_field(admin_browser: Browser) -> None:
    page = give(admin_browser)

    assert page.status == 422
    assert page.errors == ["Choose one or more Markdown files, or a zip archive of them."]


def test_a_wrong_zone_is_told_and_stays_as_typed(admin_browser: Browser) -> None:
    page = give(admin_browser, ("outage.md", OUTAGE), zone="Nowhere")

    assert page.errors == ["Write a time zone like Europe/Copenhagen or UTC+2."]
    assert page.select("#zone")[0]["value"] == "Nowhere"


def test_service_and_zone_hold_on_both_steps(admin_browser: Browser) -> None:
    make.service("Checkout")
    text = b"# Outage\n\n## Timeline\n\n- 2026-03-01 10:00 Alert\n"
    give(admin_browser, ("a.md", text), service="checkout", zone="UTC+2").submit("Take in 1 incident")

    incident = session.scalars(select(Incident)).one()
    assert [one.slug for one in incident.services] == ["checkout"]
    assert f"{incident.declared_at:%H:%M}" == "08:00"


def test_an_archive_is_opened(admin_browser: Browser) -> None:
    archive = zipped(**{"team/a.md": OUTAGE, "team/README.md": b"# About", "team/b.txt": b"x"})
    page = give(admin_browser, ("all.zip", archive))

    assert "1 incident can be taken in" in page.text
    assert "team/README.md is about the collection, no postmortem." in page.text


def test_names_in_an_archive_lead_nowhere(admin_browser: Browser) -> None:
    evil = {"../../../etc/evil.md": OUTAGE, "/root/evil.md": OUTAGE + b"1", "a\\..\\b.md": OUTAGE + b"2"}
    page = give(admin_browser, ("all.zip", zipped(**evil)))

    assert "3 incidents can be taken in" in page.text
    assert page.submit("Take in 3 incidents").heading == "3 incidents taken in"


def test_a_bomb_is_stopped_with_a_sentence(admin_browser: Browser) -> None:
    bomb = zipped(**{"a.md": b"a" * (LARGEST_TOTAL + 1)})
    many = zipped(**{f"{number}.md": OUTAGE + str(number).encode() for number in range(MOST_DOCUMENTS + 1)})

    for archive in (bomb, many, zipped(**{"inner.md": bomb, "b.md": b"b" * LARGEST_TOTAL})):
        page = give(admin_browser, ("all.zip", archive))
        assert page.status == 422
        assert page.errors[0].startswith("That is too much for the browser")


def test_an_archive_in_an_archive_stays_closed(admin_browser: Browser) -> None:
    page = give(
        admin_browser, ("all.zip", zipped(**{"inner.zip": zipped(**{"a.md": OUTAGE}), "b.md": b"PK\x03\x04\0"}))
    )

    assert "inner.zip is no Markdown or text file." in page.text
    assert "b.md is not a text file." in page.text


def test_damaged_and_locked_archives_are_told(admin_browser: Browser) -> None:
    whole = zipped(**{"a.md": OUTAGE})
    locked = bytearray(whole)
    locked[6] |= 1
    locked[whole.index(b"PK\x01\x02") + 8] |= 1

    for archive in (whole[:40], whole[:-30]):
        assert "all.zip is a damaged archive" in give(admin_browser, ("all.zip", archive)).text
    assert "a.md is locked with a password" in give(admin_browser, ("all.zip", bytes(locked))).text


def test_a_confirmation_that_was_changed_on_its_way_is_told(admin_browser: Browser) -> None:
    seen = give(admin_browser, ("outage.md", OUTAGE))
    for packed in ("", "not base64!", "AAAA", str(seen.select("input[name=packed]")[0]["value"])[:40]):
        page = seen.submit("Take in 1 incident", packed=packed)
        assert page.status == 422
        assert page.errors == ["The preview was cut off on its way. Give the files again."]
    assert count() == 0


def test_scripts_and_strange_names_are_only_words(admin_browser: Browser) -> None:
    evil = b"# <script>alert(1)</script>\n\n## Action items\n\n- [ ] <img src=x onerror=alert(1)>\n"
    page = give(admin_browser, ("all.zip", zipped(**{'"><b>x\r\n.json.md': evil})))

    assert "<script>alert(1)" in page.text
    assert not page.select("main script, main img, main td b")


def test_nobody_gets_mail_about_an_import(admin_browser: Browser) -> None:
    give(admin_browser, ("outage.md", OUTAGE)).submit("Take in 1 incident")

    assert count(Message) == 0


def test_an_import_and_an_export_are_noted_with_who(admin_browser: Browser) -> None:
    give(admin_browser, ("outage.md", OUTAGE)).submit("Take in 1 incident")
    download(admin_browser).close()

    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    noted = [(entry.action, entry.person.name if entry.person else None) for entry in entries]
    assert noted == [("import_documents", "Alice"), ("export_everything", "Alice")]


def download(browser: Browser) -> zipfile.ZipFile:
    token = browser.token("/settings/transfer")
    answer = send(browser, "POST", "/settings/transfer/export", data={"csrf_token": token})
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=followthrough-export-")
    return zipfile.ZipFile(io.BytesIO(answer.get_data()))


def test_everything_is_downloaded_private_incidents_too(admin_browser: Browser) -> None:
    make.incident("Open")
    make.incident("Secret", is_private=True)
    with download(admin_browser) as archive:
        values: Any = json.loads(archive.read("incidents/INC-2.json"))
        names = archive.namelist()

    assert values["incident"]["is_private"] is True
    assert {"incidents/INC-1.md", "tables/people.json", "followthrough.json"} <= set(names)


def test_a_download_given_back_is_known(admin_browser: Browser) -> None:
    make.incident("Open")
    with download(admin_browser) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    page = give(admin_browser, ("export.zip", zipped(**content)))

    assert "It is here already as INC-1. Nothing was changed." in page.text
    assert "tables" not in page.text


def test_only_administrators_come_here(app: Flask, browser: Browser, anonymous: Browser) -> None:
    assert browser.get("/settings/transfer").status == 403
    assert send(anonymous, "GET", "/settings/transfer").status_code == 303
    token = browser.token("/profile")
    for path in ("preview", "import", "export"):
        assert send(browser, "POST", f"/settings/transfer/{path}", data={"csrf_token": token}).status_code == 403


def test_the_page_asks_few_questions_however_many_documents(admin_browser: Browser) -> None:
    one = len(give(admin_browser, ("a.md", OUTAGE)).queries)
    many = len(give(admin_browser, *((f"{n}.md", OUTAGE + str(n).encode()) for n in range(10))).queries)

    assert many - one <= 9 * 5
