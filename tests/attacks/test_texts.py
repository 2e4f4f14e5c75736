"""One hostile text in every column that holds words, and then everything that comes out: it is only ever text."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Enum, String, Table, Text, select, update
from werkzeug.test import TestResponse

from tests import make
from tests.api.client import calls_as
from tests.rules.walk import READING, World, browser_of, checks_itself, rules, send
from tracker.clients.memory import MemoryClient
from tracker.clients.ticket_text import new_marker
from tracker.db import session, transaction
from tracker.features import JOBS
from tracker.models import Base, Message, Person, Push, PushState
from tracker.spreadsheets import FORMULA_STARTS
from tracker.transfer.exporting import exported_files

pytestmark = pytest.mark.once

HOSTILE = "=1+zq9(\"'><zq9 onzq9=alert(1)>{{7*7}}[zq9](javascript:zq9)"
"""Leaves an attribute, opens an element, begins a formula, asks for a template and for a link that runs."""
RUNS = re.compile(r"<zq9|=[\"']?\s*javascript:|49(?:\[zq9\]|<a)", re.IGNORECASE)
NOT_WORDS = re.compile(
    r"hash|token|slug|secret|fingerprint|(?:^|_)url$|(?:^|_)to$|key|marker|email|timezone|media_type|service$|import"
    r"|issuer|subject$|remote_id|counted_as|week|period|about|step|question|place|term|item$|action$|alerted_state|cause$"
    r"|word$|target"
)
"""Columns whose values are names, numbers and states of ours; whoever writes text writes it into another one."""
NOT_TABLES = {"settings", "counters", "job_runs", "sessions", "messages", "audit_entries", "index_terms", "alerts"}
"""What is read back by the program, refuses a change, or is written by the jobs that this test runs."""


def word_columns() -> Iterator[tuple[Table, list[str]]]:
    for table in Base.metadata.sorted_tables:
        names = [
            column.name
            for column in table.columns
            if isinstance(column.type, String | Text)
            and not isinstance(column.type, Enum)
            and not column.unique
            and not NOT_WORDS.search(column.name)
        ]
        if names and table.name not in NOT_TABLES:
            yield table, names


def plant() -> int:
    """Write the hostile text wherever people or trackers write words; how many columns that were."""
    planted = 0
    with transaction():
        for table, names in word_columns():
            session.execute(update(table).values(dict.fromkeys(names, HOSTILE)))
            planted += len(names)
    session.expire_all()
    return planted


def faults(answer: TestResponse) -> list[str]:
    """What in an answer is more than text."""
    body = answer.get_data().decode(errors="replace")
    if answer.mimetype == "text/html":
        return faults_of_html(body)
    if answer.mimetype == "text/csv":
        cells = [cell for row in csv.reader(io.StringIO(body)) for cell in row]
        return [cell for cell in cells if cell.lstrip(" ").startswith(FORMULA_STARTS)]
    if answer.mimetype == "application/atom+xml":
        ET.fromstring(body)  # noqa: S314  our own, and the test is that it can be read
    if answer.is_json:
        json.loads(body)
    return ["raw"] if answer.mimetype in ("image/svg+xml", "text/javascript") and "<zq9" in body else []


def faults_of_html(body: str) -> list[str]:
    """What was not escaped shows as the element that the text opens, wherever on a page it stands."""
    return RUNS.findall(body)


def test_a_hostile_text_is_only_ever_text(app: Flask, world: World, admin: Person) -> None:
    planted, browser, offenders = plant(), browser_of(app, admin), []
    for rule in rules(app, method=READING):
        if checks_itself(app, rule):
            continue
        for path in world.paths(rule)[:1]:
            answer = send(browser, READING, path)
            offenders += [f"{path}: {fault}" for fault in faults(answer)]
            if answer.status_code >= 500:
                offenders.append(f"{path}: {answer.status_code}")
    call = calls_as(app, admin)
    for path in ("/incidents", "/action-items", "/services", "/recurrences", f"/incidents/{world.refs['incident']}"):
        assert call(READING, path).status_code == 200

    assert planted > 60
    assert not offenders, "\n".join(offenders)


def test_a_hostile_text_leaves_as_text_in_mails_tickets_and_files(
    app: Flask, world: World, responder: Person, tickets: MemoryClient
) -> None:
    pair = make.recurrence(make.incident("Again", declared_by_id=responder.id), make.incident("Then"))
    late = make.action(
        "Late", incidents=(world.incident,), owner_id=responder.id, created_at=make.NOW - timedelta(days=60),
        due_on=(make.NOW - timedelta(days=20)).date(),
    )  # fmt: skip
    push = make.push(late, world.tracker, marker=new_marker(late.ref))
    plant()
    for job in JOBS:
        job.run(make.NOW)
    session.rollback()
    mails = session.scalars(select(Message).where(Message.person_id == responder.id)).all()
    written = dict(exported_files(now=make.NOW))

    sent = [one for one in tickets.tickets.values() if one.marker == session.get_one(Push, push.id).marker]
    assert {pair.later.title, late.title} == {HOSTILE}
    assert mails
    assert [fault for mail in mails for fault in faults_of_html(mail.html)] == []
    assert not any("\n" in mail.subject for mail in mails)
    assert session.get_one(Push, push.id).state in (PushState.SENT, PushState.LINKED)
    assert ["\n" in one.snapshot.title for one in sent] == [False]
    assert all(json.loads(content) is not None for name, content in written.items() if name.endswith(".json"))
    assert not any(name.startswith(("/", "..")) or "/../" in name for name in written)


def test_the_rule_sees_what_it_looks_for() -> None:
    for html in (
        "<p><zq9 onzq9=x>",
        '<a href="javascript:zq9">',
        "<b>'&gt;49[zq9](javascript:zq9)</b>",
        "49<a href='x'>zq9",
    ):
        assert faults_of_html(html), html
    assert not faults_of_html("<p>&lt;zq9 onzq9=alert(1)&gt;{{7*7}}[zq9](javascript:zq9)</p>")
