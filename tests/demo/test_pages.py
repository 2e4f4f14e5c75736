"""What a visitor sees of the sample data: every page answers, the report is full, rules of privacy and drills hold."""

import pytest

from tests.browser import Browser
from tracker.demo.cast import Cast

PAGES = (
    "/", "/incidents", "/actions", "/recurrences", "/services", "/teams", "/reports/weekly/2026-W48",
    "/reports/weekly/2026-W47", "/reports/definitions", "/profile",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_main_page_answers_admin_and_viewer(marta: Browser, helena: Browser, path: str) -> None:
    assert [browser.get(path).status for browser in (marta, helena)] == [200, 200]


def test_every_incident_and_postmortem_answers(marta: Browser, company: Cast) -> None:
    for incident in company.incidents.values():
        assert marta.get(f"/incidents/{incident.ref}").status == 200
        assert marta.get(f"/incidents/{incident.ref}/actions").status == 200
        assert marta.get(f"/incidents/{incident.ref}/postmortem").status == 200


def test_every_item_service_and_team_answers(marta: Browser, company: Cast) -> None:
    items = [f"/actions/AI-{number}" for number in range(1, len(company.items) + 1)]
    services = [f"/services/{slug}" for slug in company.services]
    teams = [f"/teams/{slug}" for slug in company.teams]

    for path in (*items, *services, *teams):
        assert marta.get(path).status == 200, path
