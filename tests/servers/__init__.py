"""Real counterparts to test against, each as a context manager: `github_server()`, `jira_server()`. No pytest here."""

from tests.servers.github import GithubServer, github_server
from tests.servers.jira import JiraServer, jira_server

__all__ = ["GithubServer", "JiraServer", "github_server", "jira_server"]
