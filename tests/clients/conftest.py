"""The trackers that the contract is tried on: memory, GitHub, Jira Server and Jira Cloud."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.worlds import GithubWorld, JiraWorld, MemoryWorld, World
from tests.servers import GithubServer, JiraServer, github_server, jira_server


@pytest.fixture(scope="session")
def github_counterpart() -> Iterator[GithubServer]:
    with github_server() as server:
        yield server


@pytest.fixture(scope="session")
def jira_counterpart() -> Iterator[JiraServer]:
    with jira_server() as server:
        yield server


@pytest.fixture(scope="session")
def jira_cloud_counterpart() -> Iterator[JiraServer]:
    with jira_server(is_cloud=True) as server:
        yield server


@pytest.fixture
def github(github_counterpart: GithubServer) -> GithubWorld:
    return GithubWorld(github_counterpart)


@pytest.fixture
def jira(jira_counterpart: JiraServer) -> JiraWorld:
    return JiraWorld(jira_counterpart)


@pytest.fixture
def jira_cloud(jira_cloud_counterpart: JiraServer) -> JiraWorld:
    return JiraWorld(jira_cloud_counterpart)


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
