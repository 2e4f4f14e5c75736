"""The trackers that the contract is tried on: memory, GitHub, Jira Server and Jira Cloud."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.descriptions import github_description, jira_description
from tests.clients.worlds import GithubWorld, JiraWorld, MemoryWorld, World
from tests.servers import GithubServer, JiraServer, github_server, jira_server
from tests.servers.proxy import Answer, Request
from tracker.clients.github_graph import BY_IDS, ORIGINALS


def judged_by_github(request: Request, answer: Answer | None) -> list[str]:
    """Requests only: the answers are emulate's. GraphQL is described elsewhere, and our two questions are fixed."""
    del answer
    if request.path == "/graphql":
        return [] if request.json["query"] in (BY_IDS, ORIGINALS) else ["An unknown question in GraphQL."]
    return github_description().objections(request)


@pytest.fixture(scope="session")
def github_counterpart() -> Iterator[GithubServer]:
    with github_server() as server:
        server.proxy.judge = judged_by_github
        yield server


@pytest.fixture(scope="session")
def jira_counterpart() -> Iterator[JiraServer]:
    with jira_server() as server:
        yield server


@pytest.fixture(scope="session")
def jira_cloud_counterpart() -> Iterator[JiraServer]:
    with jira_server(is_cloud=True) as server:
        description = jira_description()
        server.proxy.judge = description.objections if description else None
        yield server


@pytest.fixture
def github(github_counterpart: GithubServer) -> Iterator[GithubWorld]:
    yield GithubWorld(github_counterpart)
    assert github_counterpart.proxy.objections == []


@pytest.fixture
def jira(jira_counterpart: JiraServer) -> Iterator[JiraWorld]:
    yield JiraWorld(jira_counterpart)
    assert jira_counterpart.proxy.objections == []


@pytest.fixture
def jira_cloud(jira_cloud_counterpart: JiraServer) -> Iterator[JiraWorld]:
    yield JiraWorld(jira_cloud_counterpart)
    assert jira_cloud_counterpart.proxy.objections == []


@pytest.fixture
def memory() -> MemoryWorld:
    return MemoryWorld()


@pytest.fixture(params=["memory", "github", "jira", "jira_cloud"])
def world(request: pytest.FixtureRequest) -> World:
    """Each tracker in turn."""
    found: World = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["jira", "jira_cloud"])
def either_jira(request: pytest.FixtureRequest) -> JiraWorld:
    found: JiraWorld = request.getfixturevalue(request.param)
    return found
