"""A proxy on loopback that breaks chosen requests in the ways networks and servers do, and counts them all.

What a counterpart lacks is added by a `Dress`: it may answer or change a request, and change the answer.
"""

from __future__ import annotations

import http.client
import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "date", "server"}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")

    def with_json(self, value: object) -> Answer:
        return replace(self, body=json.dumps(value).encode())


def json_answer(status: int, value: object, **headers: str) -> Answer:
    shown = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **shown})


@dataclass(frozen=True)
class Fault:
    """One way to break a request. `commits`: the server does its work first. Then, in this order of preference:
    the connection is reset, stays silent, or answers with `answer`, or with the true answer spoilt."""

    name: str
    commits: bool = False
    resets: bool = False
    hangs: bool = False
    answer: Answer | None = None
    spoils: str = ""  # "half": valid HTTP with half the JSON; "short": fewer bytes than announced


RESET_BEFORE = Fault("reset before commit", resets=True)
RESET_AFTER = Fault("reset after commit", commits=True, resets=True)
TIMEOUT_BEFORE = Fault("time-out before commit", hangs=True)
TIMEOUT_AFTER = Fault("time-out after commit", commits=True, hangs=True)
HALF_JSON = Fault("truncated JSON", commits=True, spoils="half")
CUT_SHORT = Fault("answer cut short", commits=True, spoils="short")
HTML_502 = Fault("502 HTML", commits=True, answer=Answer(502, _HTML, {"Content-Type": "text/html"}))
ERROR_500 = Fault("500", answer=json_answer(500, {"message": "Server Error"}))
HTML_200 = Fault("200 HTML", commits=True, answer=Answer(200, _HTML, {"Content-Type": "text/html"}))
WRONG_TYPES = Fault("wrong types", commits=True, answer=json_answer(200, {"number": "twelve", "key": 7, "id": []}))
HUGE = Fault("huge", commits=True, answer=Answer(200, b" " * 21_000_000, {"Content-Type": "application/json"}))


def status_fault(status: int, value: object = None, **headers: str) -> Fault:
    """The server says no before it does anything."""
    return Fault(str(status), answer=json_answer(status, value or {"message": f"Status {status}"}, **headers))


class Dress:
    """What is added to a counterpart. This one adds nothing."""

    def before(self, request: Request) -> Request | Answer:
        return request

    def after(self, request: Request, answer: Answer) -> Answer:
        """The answer as it is to be shown. `request` is what `before` made of it."""
        del request
        return answer


@dataclass
class _Plan:
    fault: Fault
    method: str
    part: str


class FaultProxy:
    """What tests hold: `break_next` plans one fault, `requests` is everything that came, in order."""

    def __init__(self, upstream_port: int, *, dress: Dress, authorization: str = "") -> None:
        self._authorization = authorization
        self.requests: list[Request] = []
        self.judge: Callable[[Request, Answer | None], list[str]] | None = None
        self.objections: list[str] = []
        self.dress = dress
        self._upstream = upstream_port
        self._plans: list[_Plan] = []
        self._lock = threading.Lock()
        self._gone = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def break_next(self, fault: Fault, *, method: str = "", path: str = "") -> None:
        """The next request with this method whose path contains `path` is broken, once."""
        with self._lock:
            self._plans.append(_Plan(fault, method, path))

    def heal(self) -> None:
        """Forget what was planned and counted."""
        with self._lock:
            self._plans.clear()
            self.requests.clear()
            self.objections.clear()

    def count(self, method: str, path: str = "") -> int:
        return sum(one.method == method and path in one.path for one in self.requests)

    @contextmanager
    def serving(self) -> Iterator[FaultProxy]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._gone.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join(timeout=5)

    def direct(self, method: str, path: str, value: object = None) -> Any:
        """Ask the counterpart itself, past faults and dress."""
        body = b"" if value is None else json.dumps(value).encode()
        headers = {"Content-Type": "application/json", "Authorization": self._authorization}
        answer = self._forward(Request(method, path, headers, body))
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {answer.body[:300]!r}")
        return answer.json

    def is_there(self, path: str) -> bool:
        return self._forward(Request("GET", path)).status == 200

    def _taken(self, request: Request) -> Fault | None:
        with self._lock:
            self.requests.append(request)
            for plan in self._plans:
                if plan.method in ("", request.method) and plan.part in request.path:
                    self._plans.remove(plan)
                    return plan.fault
        return None

    def _judged(self, request: Request, answer: Answer | None = None) -> None:
        """Note what the tracker's own description does not allow of a request, and of an answer that is not broken."""
        if self.judge:
            self.objections += self.judge(request, answer)

    def _done(self, request: Request) -> Answer:
        """What the dressed counterpart answers."""
        changed = self.dress.before(request)
        if isinstance(changed, Answer):
            return changed
        return self.dress.after(changed, self._forward(changed))

    def _forward(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._upstream, timeout=30)
        try:
            headers = {name: text for name, text in request.headers.items() if name.lower() not in _HOP_BY_HOP}
            headers |= {"Host": f"127.0.0.1:{self._upstream}", "Accept-Encoding": "identity"}
            connection.request(request.method, request.path, body=request.body or None, headers=headers)
            response = connection.getresponse()
            body = self._shown(response.read())
            shown = {name: self._shown(text.encode()).decode() for name, text in response.getheaders()}
            return Answer(response.status, body, {n: t for n, t in shown.items() if n.lower() not in _HOP_BY_HOP})
        finally:
            connection.close()

    def _shown(self, text: bytes) -> bytes:
        for host in (b"localhost", b"127.0.0.1"):
            text = text.replace(b"http://%s:%d" % (host, self._upstream), self.base_url.encode())
        return text


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: FaultProxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up in the middle is what these tests are about; anything else is a fault of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every answer waits 40 ms for the client's acknowledgement
    wbufsize = -1
    server: _Server

    def _serve(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.title(): text for name, text in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        fault = proxy._taken(request)
        if fault is None:
            answer = proxy._done(request)
            proxy._judged(request, answer)
            self._send(answer)
            return
        proxy._judged(request)
        answer = proxy._done(request) if fault.commits else Answer(200)
        if fault.resets:
            self._reset()
        elif fault.hangs:
            proxy._gone.wait(timeout=3)
            self._reset()
        else:
            self._send(fault.answer or answer, spoils=fault.spoils)

    def __getattr__(self, name: str) -> Any:
        """`do_GET`, `do_POST` ...: `http.server` looks a method up by name, and all are served alike."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _send(self, answer: Answer, *, spoils: str = "") -> None:
        body = answer.body[: len(answer.body) // 2] if spoils else answer.body
        length = len(answer.body) if spoils == "short" else len(body)
        self.send_response(answer.status)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)
        if spoils == "short" and answer.body:  # of nothing nothing can be missing, and the next call may come at once
            self.close_connection = True

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, *_words: Any) -> None:
        """Quiet: `FaultProxy.requests` holds it all."""
