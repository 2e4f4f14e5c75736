"""The server that is measured, in a process of its own, and the reader who asks it."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from socket import socket
from time import perf_counter, sleep

from flask import Flask
from flask import session as cookie

from bench.pages.bare import add_bare_view
from tracker import clock, create_app
from tracker.config import Settings
from tracker.models import Person
from tracker.serving import run_web
from tracker.sessions import start_session


class Client:
    """One reader's connection, which stays open as a browser's does; cookies and gzip as a browser sends them."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookie = cookie

    def milliseconds(self, url: str) -> float:
        begin = perf_counter()
        self._connection.request("GET", url, headers={"Cookie": self._cookie, "Accept-Encoding": "gzip"})
        answer = self._connection.getresponse()
        answer.read()
        taken = 1000 * (perf_counter() - begin)
        if answer.status != 200:
            raise RuntimeError(f"{url} answered {answer.status}.")
        if fresh := answer.headers.get("Set-Cookie"):
            self._cookie = fresh.partition(";")[0]
        return taken


def serve(settings: Settings, port: int) -> None:
    """The product with the bare view as one more route, on one waitress."""
    app = create_app(settings)
    add_bare_view(app)
    run_web(app, host="127.0.0.1", port=port)


@contextmanager
def server(settings: Settings, *, port: int) -> Iterator[None]:
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(settings, port))
    process.start()
    try:
        wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.join()


def wait_for(port: int, process: multiprocessing.process.BaseProcess) -> None:
    for _ in range(1200):
        if not process.is_alive():
            raise RuntimeError("The server ended before it answered.")
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except ConnectionRefusedError:
            sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError("The server did not answer.")


def free_port() -> int:
    with socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def cookie_of(app: Flask, person: Person) -> str:
    """The cookie of a person who has just signed in."""
    with app.test_request_context():
        start_session(person, now=clock.utcnow())
        content = dict(cookie)
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"followthrough={serializer.dumps(content)}"
