"""What only Jira does: links back, transitions that want something, search that lags, projects that demand fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.clients.worlds import Broken, JiraWorld
from tests.servers import proxy
from tests.servers.proxy import Answer, Request, json_answer, status_fault
from tracker.clients.failures import AnswerLost, NoAccess, StrangeAnswer, TransitionMissing, Unavailable
from tracker.clients.jira_answers import jql_since
from tracker.clients.tickets import BackLink, TicketField, TicketSnapshot, TicketState

pytestmark = pytest.mark.once

LINK = BackLink(global_id="followthrough:AI-7", url="https://ft.example.com/actions/AI-7", title="AI-7: add an alert")

ON_SCREEN = [{"fieldId": name, "name": name, "required": False} for name in ("labels", "duedate")]


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def test_the_link_back_is_there_once_however_often_it_is_added(jira: JiraWorld) -> None:
    made = jira.client.create(jira.new("Linked", back_link=LINK))

    jira.client.link_back(made.handle, link=LINK)

    (link,) = jira.server.links(made.key)
    assert (link["globalId"], link["object"]["url"]) == (LINK.global_id, LINK.url)


@pytest.mark.parametrize("fault", [proxy.RESET_BEFORE, proxy.HTML_502, status_fault(403), proxy.HALF_JSON])
def test_a_link_that_fails_does_not_unmake_the_ticket(jira: JiraWorld, fault: proxy.Fault) -> None:
    jira.server.proxy.break_next(fault, method="POST", path="/remotelink")
    new = jira.new("Link fails", back_link=LINK)

    made = jira.client.create(new)

    assert (jira.count(new.title), jira.writes()) == (1, 1)
    assert "link back" in made.notes[0]


def test_a_ticket_that_cannot_be_read_after_it_was_made_is_made(jira: JiraWorld) -> None:
    jira.break_next_read(Broken(proxy.ERROR_500, AnswerLost, Unavailable))
    new = jira.new("Unread")

    made = jira.client.create(new)

    read = jira.client.read_many([made.handle])[made.remote_id]
    assert isinstance(read, TicketSnapshot)
    assert (made.key, made.title, made.state) == (read.key, read.title, TicketState.OPEN)
    assert made.updated_at < read.updated_at
    assert "could not be read" in made.notes[0]


def test_a_way_that_asks_for_more_is_named_and_not_taken(either_jira: JiraWorld) -> None:
    made = either_jira.client.create(either_jira.new("Parked"))
    either_jira.server.park(made.key)

    with pytest.raises(TransitionMissing, match="Log Work"):
        either_jira.client.close(made.handle)

    assert either_jira.client.fetch(made.key).state is TicketState.OPEN


def test_a_missing_way_back_says_what_is_possible(jira: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made = jira.client.create(jira.new("No way back"))
    jira.client.close(made.handle)
    usual = jira.server.dress.before

    def without_ways(request: Request) -> Request | Answer:
        return json_answer(200, {"transitions": []}) if "/transitions" in request.path else usual(request)

    monkeypatch.setattr(jira.server.dress, "before", without_ways)

    with pytest.raises(TransitionMissing, match="No step is possible"):
        jira.client.reopen(made.handle)


def test_a_ticket_that_search_does_not_know_yet_is_found(jira_cloud: JiraWorld) -> None:
    jira_cloud.client.create(jira_cloud.new("Known"))
    new = jira_cloud.new("Not searchable yet")
    made = jira_cloud.client.create(new)
    jira_cloud.server.dress.lagging.add(made.key)

    assert jira_cloud.client.find_by_marker("OPS", marker=new.marker, since=an_hour_ago()) == made


def test_server_finds_a_lagging_ticket_past_a_hole_left_by_a_deleted_one(jira: JiraWorld) -> None:
    hole = jira.client.create(jira.new("Deleted"))
    new = jira.new("Behind the hole")
    made = jira.client.create(new)
    jira.delete(hole)
    jira.server.dress.lagging |= {hole.key, made.key}

    assert jira.client.find_by_marker("OPS", marker=new.marker, since=an_hour_ago()) == made


def test_lists_are_read_page_by_page(either_jira: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(either_jira.server.dress, "page_size", 2)
    made = [either_jira.client.create(either_jira.new("Paged")) for _ in range(5)]

    listed = {one.remote_id for one in either_jira.client.changed_since("OPS", since=an_hour_ago())}

    assert {one.remote_id for one in made} <= listed


def test_many_tickets_are_read_with_one_question(either_jira: JiraWorld) -> None:
    made = [either_jira.client.create(either_jira.new("Many")) for _ in range(4)]
    either_jira.server.proxy.heal()

    read = either_jira.client.read_many([one.handle for one in made])

    assert len(read) == 4
    assert len(either_jira.server.proxy.requests) == 1


def test_the_check_names_fields_that_nobody_fills(jira: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = jira.server.dress.before
    field = {"required": True, "name": "Cost centre", "schema": {"type": "string"}}
    kinds = {"projects": [{"issuetypes": [{"id": "6", "name": "Task", "fields": {"customfield_1": field}}]}]}

    def demanding(request: Request) -> Request | Answer:
        return json_answer(200, kinds) if "/createmeta?" in request.path else usual(request)

    monkeypatch.setattr(jira.server.dress, "before", demanding)

    assert "Cost centre" in jira.client.check(targets=["OPS"]).problems[0]


def test_a_newer_server_tells_its_fields_in_two_steps(jira: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = jira.server.dress.before
    answers = {
        "/createmeta/OPS/issuetypes": {"values": [{"id": "6", "name": "Task"}]},
        "/createmeta/OPS/issuetypes/6": {"values": [{"fieldId": "cf", "name": "Region", "required": True}, *ON_SCREEN]},
        "/mypermissions": {"permissions": {"CREATE_ISSUES": {"havePermission": False}}},
    }

    def newer(request: Request) -> Request | Answer:
        path = request.path.partition("?")[0]
        for end, answer in answers.items():
            if path.endswith(end):
                return json_answer(200, answer)
        return usual(request)

    monkeypatch.setattr(jira.server.dress, "before", newer)

    rights, fields = jira.client.check(targets=["OPS"]).problems
    assert "create issues" in rights
    assert "Region" in fields


def test_an_assignee_is_a_name_on_servers_and_an_account_on_cloud(either_jira: JiraWorld) -> None:
    made = either_jira.client.create(either_jira.new("For somebody", assignee="admin"))

    (create,) = [
        one.json["fields"]
        for one in either_jira.server.proxy.requests
        if one.method == "POST" and one.path.endswith("/issue")
    ]
    assert create["assignee"] == {"accountId" if either_jira.server.is_cloud else "name": "admin"}
    assert made.assignee == "admin"


def test_a_wrong_project_is_not_an_empty_list(jira: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = jira.server.dress.before
    said = {"errorMessages": ["The value 'OPS' does not exist for the field 'project'."], "errors": {}}

    def unknown_project(request: Request) -> Request | Answer:
        is_strict = "/search?" in request.path and "validateQuery=true" in request.path
        return json_answer(400, said) if is_strict else usual(request)

    monkeypatch.setattr(jira.server.dress, "before", unknown_project)

    with pytest.raises(Exception, match="does not exist for the field"):
        list(jira.client.changed_since("OPS", since=None))


def test_a_strange_account_is_an_error_in_words(jira: JiraWorld) -> None:
    jira.server.proxy.break_next(proxy.WRONG_TYPES, method="GET", path="/myself")

    with pytest.raises(StrangeAnswer, match="do not understand"):
        jira.client.check()


def test_jira_reads_times_in_the_zone_of_the_account() -> None:
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    assert jql_since(noon, time_zone="UTC") == "2026-11-23 11:59"
    assert jql_since(noon, time_zone="America/New_York") == "2026-11-23 06:59"
    assert jql_since(noon, time_zone="Pacific/Kiritimati") == "2026-11-24 01:59"
    assert jql_since(noon, time_zone="Mars/Olympus") == "2026-11-22 21:59"
    assert jql_since(noon, time_zone="") == "2026-11-22 21:59"


def test_a_hidden_issue_is_no_access_when_linked_by_hand(jira: JiraWorld) -> None:
    with pytest.raises(NoAccess):
        jira.client.fetch("OPS-99999")


def test_the_check_names_what_is_not_on_the_screen(jira: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = jira.server.dress.before
    kinds = {"projects": [{"issuetypes": [{"id": "6", "name": "Task", "fields": {"summary": {"name": "Summary"}}}]}]}

    def bare(request: Request) -> Request | Answer:
        return json_answer(200, kinds) if "/createmeta?" in request.path else usual(request)

    monkeypatch.setattr(jira.server.dress, "before", bare)

    labels, due = jira.client.check(targets=["OPS"]).problems
    assert "Labels" in labels
    assert "Due date" in due


def test_fields_that_a_mapping_fills_are_not_missing(jira: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = jira.server.dress.before
    choices = [{"id": "1", "value": "North"}, {"id": "2", "value": "South"}]
    region = {"required": True, "name": "Region", "schema": {"type": "option"}, "allowedValues": choices}
    fields = {"cf": region, "labels": {"name": "Labels"}, "duedate": {"name": "Due date"}}
    kinds = {"projects": [{"issuetypes": [{"id": "6", "name": "Task", "fields": fields}]}]}

    def demanding(request: Request) -> Request | Answer:
        return json_answer(200, kinds) if "/createmeta?" in request.path else usual(request)

    monkeypatch.setattr(jira.server.dress, "before", demanding)

    offered = {one.name: one for one in jira.client.fields("OPS")}
    assert offered["cf"] == TicketField(
        name="cf", shown="Region", is_required=True, kind="option", choices=("North", "South")
    )
    assert "Region" in jira.client.check(targets=["OPS"]).problems[0]
    assert jira.client.check(targets=["OPS"], filled=["cf"]).problems == ()


def test_the_check_names_a_workflow_that_we_cannot_close(jira: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    jira.client.create(jira.new("Open"))
    usual = jira.server.dress.before

    def without_ways(request: Request) -> Request | Answer:
        return json_answer(200, {"transitions": []}) if "/transitions" in request.path else usual(request)

    monkeypatch.setattr(jira.server.dress, "before", without_ways)

    assert "no way to close" in jira.client.check(targets=["OPS"]).problems[0]


def test_a_way_that_asks_for_more_says_what(either_jira: JiraWorld) -> None:
    made = either_jira.client.create(either_jira.new("Parked"))
    either_jira.server.park(made.key)

    (way,) = either_jira.client.ways(made.handle)

    assert (way.leads_to, way.closes, way.asks_for) == ("Closed", True, ("Log Work",))
