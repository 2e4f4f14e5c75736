"""Where a request comes from, and where links lead to."""

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from flask import Flask, request

from tests.processes import free_port, running, wait_for_page
from tests.serving import served
from tracker.serving import local_address, proxy_options, worker_environment

pytestmark = pytest.mark.once


def seen_address(*, trusted: str, forwarded: str) -> str:
    """What the application takes for the other end, when the request says that it was forwarded for somebody."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: f"{request.remote_addr} {request.headers.get('X-Forwarded-For')}")
    with served(app, **proxy_options(trusted)) as url:
        asked = urllib.request.Request(url, headers={"X-Forwarded-For": forwarded})
        with urllib.request.urlopen(asked) as answer:
            return str(answer.read(), "ascii")


def test_nobody_is_believed_without_the_setting() -> None:
    assert seen_address(trusted="", forwarded="203.0.113.9") == "127.0.0.1 None"


def test_the_trusted_proxy_is_believed() -> None:
    assert seen_address(trusted="127.0.0.1", forwarded="203.0.113.9").startswith("203.0.113.9 ")


def test_only_the_nearest_hop_is_believed() -> None:
    assert seen_address(trusted="127.0.0.1", forwarded="10.6.6.6, 203.0.113.9").startswith("203.0.113.9 ")


def test_another_proxy_is_not_believed() -> None:
    assert seen_address(trusted="192.0.2.1", forwarded="203.0.113.9") == "127.0.0.1 None"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:5099"),
        ("0.0.0.0", "http://127.0.0.1:5099"),  # noqa: S104  an address to be read, nothing listens
        ("::", "http://127.0.0.1:5099"),
        ("::1", "http://[::1]:5099"),
        ("app.example.com", "http://app.example.com:5099"),
    ],
)
def test_what_a_browser_on_this_machine_opens(host: str, address: str) -> None:
    assert local_address(host, port=5099) == address


def test_the_worker_writes_the_links_of_its_parent() -> None:
    given = worker_environment({"HOME": "/home/ana"}, base_url="http://127.0.0.1:5099")

    assert given == {"HOME": "/home/ana", "FOLLOWTHROUGH_BASE_URL": "http://127.0.0.1:5099"}


def test_a_link_from_another_shell_opens_on_the_port_that_serve_was_given(tmp_path: Path) -> None:
    environment, port = {"FOLLOWTHROUGH_INSTANCE_PATH": str(tmp_path)}, free_port()
    program = [sys.executable, "-m", "tracker"]
    with running([*program, "serve", "--port", str(port)], cwd=Path.cwd(), env=environment) as server:
        wait_for_page(f"http://127.0.0.1:{port}/sign-in", server)

        link = subprocess.check_output([*program, "user", "link", "admin@localhost"], env=environment, text=True)
        second = subprocess.run(
            [*program, "serve", "--port", str(port)], env=environment, capture_output=True, text=True, check=False
        )

        assert link.startswith(f"http://127.0.0.1:{port}/sign-in/link/")
        with urllib.request.urlopen(link.strip()) as page:
            assert b"Administrator" in page.read()
    assert second.returncode == 1
    assert second.stderr.splitlines()[-1].startswith(f"followthrough: 127.0.0.1:{port} cannot be listened on")
