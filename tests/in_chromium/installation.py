"""A whole installation as its users have it: our program as processes, and the servers it talks to over sockets."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from smtpdfix import SMTPDFix

from tests.processes import free_port, running, wait_for_page
from tests.servers.github import GithubServer, github_server
from tests.servers.jira import JiraServer, jira_server

CHECKOUT = Path(__file__).parent.parent.parent
"""Its program is the one that is tried, whichever is installed."""
PATIENCE = 60.0
"""Seconds to wait for something that a background process does."""


@dataclass
class Installation:
    """Addresses and the outside world of one installation."""

    url: str
    environment: dict[str, str]
    github: GithubServer
    jira: JiraServer
    mail: Any

    def command(self, *arguments: str) -> str:
        """Run ``followthrough`` as an administrator would; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "tracker", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sign_in_link(self, email: str) -> str:
        """A one-time link, at the address this installation listens on."""
        found = re.search(r"/sign-in/link/\S+", self.command("user", "link", email))
        assert found is not None
        return self.url + found[0]

    def mails_to(self, address: str) -> list[Message]:
        return [mail for mail in self.mail.messages if address in str(mail["To"])]


@contextmanager
def installation(folder: Path, *, database_url: str) -> Iterator[Installation]:
    """Start everything; the web half and the worker are processes of their own."""
    port = free_port()
    with ExitStack() as stack:
        github = stack.enter_context(github_server())
        jira = stack.enter_context(jira_server())
        mail = stack.enter_context(SMTPDFix("127.0.0.1", free_port()))
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONWARNINGS": "error",
            "FOLLOWTHROUGH_INSTANCE_PATH": str(folder),
            "FOLLOWTHROUGH_DATABASE_URL": database_url,
            "FOLLOWTHROUGH_BASE_URL": f"http://127.0.0.1:{port}",
            "FOLLOWTHROUGH_MAIL_URL": f"smtp://127.0.0.1:{mail.port}?starttls=0",
            "FOLLOWTHROUGH_TRACKER_HOSTS": f"{github.host} {jira.host}",
        }
        made = Installation(f"http://127.0.0.1:{port}", environment, github, jira, mail)
        made.command("db", "upgrade")
        program = [sys.executable, "-m", "tracker"]
        web = stack.enter_context(running([*program, "web", "--port", str(port)], cwd=folder, env=environment))
        stack.enter_context(running([*program, "worker"], cwd=folder, env=environment))
        wait_for_page(f"{made.url}/healthz", web)
        yield made


def until(look: Callable[[], bool], *, what: str) -> None:
    """Return when ``look`` says yes; fail when it does not in time."""
    give_up_at = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < give_up_at, f"After {PATIENCE:.0f} s still not: {what}."
        time.sleep(0.3)
