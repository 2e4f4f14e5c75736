"""Where a request comes from: what the connection says, unless the one trusted proxy says more."""

import urllib.request

import pytest
from flask import Flask, request

from tests.serving import served
from tracker.serving import proxy_options

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
