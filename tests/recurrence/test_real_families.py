"""Repeats among real postmortems: imported, found by what they say, and put together as families."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from tests.browser import Browser
from tests.recurrence.conftest import read_by_index
from tracker.cli import main
from tracker.db import session
from tracker.models import Incident

pytestmark = pytest.mark.once
DATA = Path(__file__).parents[1] / "data" / "postmortems"
PROMETHEUS = ("Unhealthy node", "Prometheus is down with connection refused errors", "Two Kuberneste nodes were down")
"""Prometheus takes all memory of its node, 2020 to 2022."""
PODS = ("2017-09-29, 504", "2017-10-17, Cluster Full", "2018-07-08, too many pods")
"""Pods that nobody cleans up fill the cluster."""


def incident(title: str) -> Incident:
    session.rollback()
    return session.scalars(select(Incident).where(Incident.title == title)).one()


@pytest.mark.parametrize(
    ("folder", "titles"), [("dfds__postmortems", PROMETHEUS), ("jupyterhub__mybinder.org-deploy", PODS)]
)
def test_a_real_family_of_three_is_found_after_the_import_and_put_together(
    folder: str, titles: tuple[str, str, str], app: Flask, browser: Browser
) -> None:
    done = CliRunner().invoke(main, ["import", str(DATA / folder)], obj=lambda: app)
    assert done.exit_code == 0, done.output
    read_by_index()

    for number, title in enumerate(titles[1:], start=1):
        page = browser.get(f"/incidents/{incident(title).ref}/recurrences")
        refs = [str(tag["aria-label"]).split()[-1] for tag in page.select("button[aria-label*='is the same as']")]
        earlier = {incident(one).ref for one in titles[:number]}
        found = next(ref for ref in refs[:3] if ref in earlier)
        page = page.submit(f"{incident(title).ref} is the same as {found}")

    assert "Happened 3 times" in page.text
    assert all(title in page.text for title in titles)
