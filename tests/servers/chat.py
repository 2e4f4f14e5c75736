"""A small chat service on loopback: it takes webhooks over real HTTP, keeps them, and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class ChatServer:
    host: str = ""
    answers: list[int] = field(default_factory=list)
    """The next statuses; 0 takes the message and breaks off without an answer. Then 200 for ever."""
    taken: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """An Apprise address that leads here, as Mattermost's webhooks look."""
        return f"mmost://{self.host}/3ccdd113474722377935511fc85d3dd4"

    @property
    def texts(self) -> list[str]:
        return [one["text"] for one in self.taken]


@contextmanager
def running_chat() -> Iterator[ChatServer]:
    chat = ChatServer()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = chat.answers.pop(0) if chat.answers else 200
            if status in (0, 200):
                chat.taken.append(body)
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Retry-After", "90")
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    chat.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
