"""Page, mail, text, Markdown, JSON and CSV of a week say the same figures."""

import csv
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from click.testing import CliRunner
from flask import Flask

from tests import make
from tests.browser import Browser
from tracker.cli import main
from tracker.messages import Writer
from tracker.models import ActionState, Person, RecurrenceState
from tracker.reports.operations import render_report_mail
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.weekly import weekly_report
from tracker.wiring import settings

WEEK = "2026-W48"


def a_week_of_everything(now: datetime) -> None:
    """Cases enough for percentages of some figures, and too few for others."""
    long_ago = now - timedelta(days=60)
    for number in range(13):
        life: dict[str, Any] = {"created_at": long_ago, "due_on": now.date()}
        if number < 8:
            shown_at = long_ago + timedelta(days=30)
            life |= {"state": ActionState.VERIFIED, "done_at": long_ago, "verified_at": shown_at}
        make.action(**life)
    earlier, later = make.incident(declared_at=long_ago), make.incident("Again", declared_at=now)
    make.recurrence(later, earlier, state=RecurrenceState.SAME, decided_at=now)
    make.postmortem(later, is_required=True, due_on=now.date())


def test_every_form_of_the_report_says_the_same_figures(
    app: Flask, browser: Browser, responder: Person, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    a_week_of_everything(now)
    set_clock(now + timedelta(days=3))
    week = Week.parse(WEEK, zone=settings().timezone)
    report = weekly_report(week, scope=Scope(responder), now=now + timedelta(days=3))
    mail = render_report_mail(report, writer=Writer(settings()), to=responder)
    forms = {
        "page": browser.get(f"/reports/weekly/{WEEK}").text,
        "markdown": browser.get(f"/reports/weekly/{WEEK}.md").body,
        "mail": " ".join(mail.text.split()),
        "mail in HTML": mail.html,
        "command": CliRunner().invoke(main, ["report", "weekly", "--week", WEEK], obj=lambda: app).output,
    }
    in_json = json.loads(browser.get(f"/reports/weekly/{WEEK}.json").body)
    rows = {row["key"]: row for row in csv.DictReader(StringIO(browser.get(f"/reports/weekly/{WEEK}.csv").body))}

    assert {one.this.is_percentage for one in report.figures} == {True, False}
    for one in report.figures:
        key, share = one.definition.key, one.this
        assert (in_json["figures"][key]["part"], in_json["figures"][key]["whole"]) == (share.part, share.whole)
        assert (rows[key]["part_of"], rows[key]["whole"]) == (str(share.part), str(share.whole))
        for name, text in forms.items():
            assert share.words in text, (name, key)
            assert share.base in text, (name, key)
    for number in report.counts:
        assert rows[number.key]["part_of"] == str("" if number.number is None else number.number)
        for name in ("markdown", "mail", "command"):
            assert f"{number.name}: {number.words}" in forms[name], (name, number.key)
        assert number.words in forms["mail in HTML"], number.key
    assert in_json["late_postmortems"] == report.late_postmortems
    for line in report.overdue_owners:
        for name, text in forms.items():
            assert line.owner in text, name
            assert f"{line.oldest_days} days" in text, name
    for name, text in forms.items():
        assert report.headline in text, name
    assert in_json["overdue"]["count"] == report.overdue_count == 5 == int(rows["overdue"]["part_of"])
