"""Every call that the clients can make: made once here, and judged by the tracker's own description.

A call that is new in a client is red here until it stands in the lists, and so is made and judged.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from graphql import build_schema, parse, validate

from tests.clients.descriptions import Description, github_description, jira_description
from tests.clients.test_github_app import client_of
from tests.clients.worlds import GithubWorld, JiraWorld, World
from tests.servers.proxy import FaultProxy
from tracker.clients import jira_reading
from tracker.clients.github_graph import BY_IDS, ORIGINALS
from tracker.clients.ticket_text import new_marker
from tracker.clients.tickets import BackLink, TicketClient, TicketEdit, TicketState
from tracker.paths import PACKAGE

pytestmark = pytest.mark.once

SCHEMA = Path(__file__).parent.parent / "data" / "graphql" / "github.graphql"
GITHUB = {
    "GET /user",
    "GET /app",
    "POST /app/installations/{installation_id}/access_tokens",
    "GET /search/users",
    "GET /repos/{owner}/{repo}",
    "GET /repos/{owner}/{repo}/assignees",
    "GET /repos/{owner}/{repo}/issue-types",
    "GET /repos/{owner}/{repo}/labels",
    "GET /repos/{owner}/{repo}/issues",
    "POST /repos/{owner}/{repo}/issues",
    "GET /repos/{owner}/{repo}/issues/{issue_number}",
    "PATCH /repos/{owner}/{repo}/issues/{issue_number}",
    "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
}
"""Beside them two questions in GraphQL, which GitHub's schema judges below."""
JIRA_CLOUD = {
    "GET /rest/api/3/myself",
    "GET /rest/api/3/mypermissions",
    "GET /rest/api/3/resolution",
    "GET /rest/api/3/user/assignable/search",
    "GET /rest/api/3/project/{projectIdOrKey}",
    "GET /rest/api/3/project/{projectIdOrKey}/statuses",
    "GET /rest/api/3/search/jql",
    "POST /rest/api/3/issue",
    "POST /rest/api/3/issue/bulkfetch",
    "GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes",
    "GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}",
    "GET /rest/api/3/issue/{issueIdOrKey}",
    "PUT /rest/api/3/issue/{issueIdOrKey}",
    "GET /rest/api/3/issue/{issueIdOrKey}/comment",
    "POST /rest/api/3/issue/{issueIdOrKey}/comment",
    "POST /rest/api/3/issue/{issueIdOrKey}/remotelink",
    "GET /rest/api/3/issue/{issueIdOrKey}/transitions",
    "POST /rest/api/3/issue/{issueIdOrKey}/transitions",
}
SERVER_ONLY = {"search", "issue/createmeta"}
"""What only Jira Server is asked: it publishes no description, so jira820 alone answers for these."""


def talk(world: World, client: TicketClient) -> None:
    """Everything that can be asked of a tracker, once."""
    client.check(targets=[world.target])
    new = world.new(
        "Talk", labels=("one",), back_link=BackLink(global_id="AI-7", url="https://ft.example", title="AI-7")
    )
    made, lately = client.create(new), datetime.now(UTC) - timedelta(hours=1)
    client.find_by_marker(world.target, marker=new.marker, since=lately)
    client.find_by_marker(world.target, marker=new_marker("AI-8"), since=lately)
    client.fetch(made.key)
    list(client.changes(world.target, since=lately).tickets)
    list(client.changes(world.target, since=None).tickets)
    client.edit(
        made.handle, changes=TicketEdit(title="Title", labels=("two",), due_on=lately.date(), marker=new.marker)
    )
    client.edit(made.handle, changes=TicketEdit(assignee="octocat" if "/" in world.target else "admin", instead_of=""))
    client.comment(made.handle, text="Again.", marker=new.marker)
    client.has_comment(made.handle, marker=new.marker, since=lately)
    client.close(made.handle, state=TicketState.DUPLICATE)
    client.originals_of([made.handle])
    client.ways(made.handle)
    client.reopen(made.handle)
    client.read_many([made.handle])
    for words in ("an", "ana@example.com"):
        client.people(world.target, words=words)
    for answer in (client.fields(world.target), client.states(world.target), client.resolutions()):
        assert isinstance(answer, tuple)
    client.fields(world.target, kind="Task")
    client.lacking(world.target, labels=["one", "gone"], people=["nobody"])


def calls(proxy: FaultProxy, description: Description) -> set[str]:
    return {description.call_of(one) for one in proxy.requests if urlsplit(one.path).path != "/graphql"}


def test_every_call_to_github_is_made_and_judged(github: GithubWorld) -> None:
    talk(github, github.client)
    client_of(github).check(targets=[github.target])

    assert calls(github.server.proxy, github_description()) == GITHUB
    assert github.server.proxy.judge is not None


def test_every_call_to_jira_cloud_is_made_and_judged(jira_cloud: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    description = jira_description()
    if description is None:
        pytest.skip("Atlassian's description is not on this machine; see tests/data/openapi/README.md")
    monkeypatch.setattr(jira_reading, "PAGE", 2)  # so that the next page is asked for too
    jira_cloud.server.dress.page_size = 2

    talk(jira_cloud, jira_cloud.client)

    jira_cloud.server.dress.page_size = 100
    assert calls(jira_cloud.server.proxy, description) == JIRA_CLOUD
    assert jira_cloud.server.proxy.judge is not None


def test_the_server_of_jira_is_asked_nothing_else(jira: JiraWorld) -> None:
    talk(jira, jira.client)

    asked = {urlsplit(one.path).path.removeprefix("/rest/api/2/") for one in jira.server.proxy.requests}
    described = [re.sub(r"\\{\w+\\}", "[^/]+", re.escape(one.rpartition("/rest/api/3/")[2])) for one in JIRA_CLOUD]
    assert {one for one in asked if not any(re.fullmatch(shape, one) for shape in described)} == {"search"}


@pytest.mark.parametrize("question", [BY_IDS, ORIGINALS])
def test_githubs_schema_has_what_we_ask_for(question: str) -> None:
    schema = build_schema(SCHEMA.read_text())

    assert validate(schema, parse(question)) == []
    assert validate(schema, parse(question.replace("updatedAt", "changedAt"))) != []


def test_no_module_of_the_clients_knows_another_address() -> None:
    """What stands in the code is among the calls above, piece by piece."""
    known = {re.sub(r"\{\w+\}", "{}", one.partition(" ")[2]) for one in GITHUB}
    known = {one.replace("{}/{}", "{}", 1) if one.startswith("/repos") else one for one in known} | {
        "/labels",
        "/assignees",
    }
    known |= {re.sub(r"\{\w+\}", "{}", one.rpartition("/rest/api/3/")[2]) for one in JIRA_CLOUD} | SERVER_ONLY

    found = set(addresses("github")) | set(addresses("jira"))

    assert found - known == set()
    assert {"/repos/{}/issues", "/search/users", "issue/bulkfetch", "resolution"} <= found


KINDS = {one.partition(" ")[2].removeprefix("/rest/api/3").split("/")[1] for one in GITHUB | JIRA_CLOUD}


def addresses(tracker: str) -> Iterator[str]:
    """The literal addresses in the calls of a tracker's modules, with a sign where something is put in."""
    names = {"get", "page", "write", "_get", "_ask", "_called", "post_json", "put_json"}
    for path in sorted((PACKAGE / "clients").glob(f"{tracker}*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in names:
                literal = (shape for part in node.args for shape in _shapes(part))
                yield from (shape for shape in literal if shape.strip("/").partition("/")[0] in KINDS)
            elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "path" for one in node.targets):
                yield from (shape for shape in _shapes(node.value) if shape.startswith("/"))


def _shapes(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_shapes(node.body), *_shapes(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
