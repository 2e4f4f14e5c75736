"""Teams: members, lead, services."""

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.db import session
from tracker.models import AuditEntry, Person, Team, TeamMember


def test_an_administrator_makes_a_team_and_the_lead_is_a_member(admin_browser: Browser, responder: Person) -> None:
    ana = make.person("Ana")

    page = admin_browser.get("/teams/new").submit(
        "Add team", name="Payments", email="payments@example.com", lead_id=str(ana.id), member_ids=[str(responder.id)]
    )

    assert page.heading == "Payments"
    assert page.url == "/teams/payments"
    team = session.scalars(select(Team)).one()
    assert [person.name for person in team.members] == ["Ana", "Bob"]
    assert session.scalars(select(AuditEntry.action)).all() == ["add_team"]


def test_a_team_is_changed(admin_browser: Browser, responder: Person) -> None:
    make.team("Payments")

    form = admin_browser.get("/teams/payments").click("Edit")
    page = form.submit("Save", name="Money", member_ids=[str(responder.id)])

    assert page.heading == "Money"
    assert "Bob" in page.text
    boxes = page.click("Edit").select("input[name=member_ids][checked]")
    assert [box["value"] for box in boxes] == [str(responder.id)]


def test_of_two_who_edit_a_team_the_second_sees_both_and_loses_nothing(
    admin_browser: Browser, responder: Person
) -> None:
    make.team("Payments")
    opened, other = (admin_browser.get("/teams/payments/edit") for _ in range(2))
    other.submit("Save", member_ids=[str(responder.id)])

    page = opened.submit("Save", name="Money")

    assert page.status == 409
    assert "Members: Bob" in page.text
    page = page.submit("Save", member_ids=[str(responder.id)])
    team = session.scalars(select(Team)).one()
    assert (team.name, [person.name for person in team.members]) == ("Money", ["Bob"])


def test_teams_and_their_services_are_listed(browser: Browser) -> None:
    team = make.team("Payments", lead_id=make.person("Ana").id)
    make.service("Checkout", team_id=team.id, escalation_contact="Rota A")
    make.service("Old shop", team_id=team.id, is_archived=True)

    page = browser.get("/teams")

    assert " ".join(page.select("tbody tr")[0].get_text(" ").split()) == "Payments A Ana 0 1"
    shown = page.click("Payments")
    assert "Checkout" in shown.text
    assert "Rota A" in shown.text
    assert "Archived" in shown.text


def test_only_administrators_change_teams(browser: Browser) -> None:
    make.team("Payments")

    assert browser.get("/teams/new").status == 403
    assert browser.get("/teams/payments/edit").status == 403
    assert "An administrator can add one" not in browser.get("/teams").text
    token = browser.token("/teams")
    assert browser.post("/teams/payments/edit", {"csrf_token": token, "name": "Mine"}).status == 403


def test_who_leads_one_team_is_a_member_like_any_other_of_the_next(browser: Browser, responder: Person) -> None:
    make.team("Payments", lead_id=responder.id)
    make.save(TeamMember(team_id=make.team("Search").id, person_id=responder.id))

    led = browser.get("/teams/payments/reminders").submit("Save", lead="3")
    member = browser.get("/teams/search/reminders")
    token = browser.token("/teams/search/reminders")
    refused = browser.post(member.url, {"csrf_token": token, "before": "1", "lead": "3", "owner": "9"})

    assert "After 3 days: who leads the team" in led.text
    assert "Save" not in member.text
    assert (refused.status, "Who leads Search chooses this, or an administrator." in refused.text) == (422, True)


def test_no_team_yet_says_who_can_add_one(app: Flask, browser: Browser) -> None:
    assert "An administrator can add one" in browser.get("/teams").text


def test_bad_input_is_told_and_kept(admin_browser: Browser) -> None:
    make.team("Payments")
    form = admin_browser.get("/teams/new")

    assert form.submit("Add team", name="").errors == ["Enter the name of the team."]
    assert form.submit("Add team", name="PAYMENTS").errors == ["There is a team Payments already. Choose another name."]
    wrong = form.submit("Add team", name="Search", email="nobody")
    assert wrong.errors == ["Write an address like payments@example.com."]
    assert wrong.select("#email")[0]["value"] == "nobody"
    assert admin_browser.get("/teams/no-such").status == 404


def test_more_teams_take_no_more_queries(browser: Browser) -> None:
    def more(number: int) -> None:
        for _ in range(number):
            team = make.team(make.unique("Team"), lead_id=make.person(make.unique("Lead")).id)
            make.service(make.unique("Service"), team_id=team.id)

    more(3)
    few = browser.get("/teams").queries
    more(57)

    assert len(browser.get("/teams").queries) == len(few) <= 12
