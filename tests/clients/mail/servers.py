"""SMTP servers that do what they are told: take a mail, refuse it, say nothing, or hang up."""

import asyncio
import socket
import threading
import time
from contextlib import suppress
from email.message import Message as ParsedMessage
from enum import Enum
from types import TracebackType
from typing import Any, BinaryIO

from aiosmtpd.handlers import Message


class Refusing:
    """A handler for aiosmtpd, which gives its methods their names, that answers as told at one step."""

    def __init__(self, *, step: str, answer: str) -> None:
        self.step, self.answer = step, answer

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.answer if self.step == "MAIL" else "250 ok"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.answer if self.step == "RCPT" else "250 ok"

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        return self.answer if self.step == "DATA" else "250 ok"


class Keeping(Message):
    """A handler for aiosmtpd that keeps what it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[ParsedMessage] = []

    def handle_message(self, message: ParsedMessage) -> None:
        self.messages.append(message)


def stop_quietly(controller: Any) -> None:
    """Stop an aiosmtpd controller once its last connection is over: else its open sockets warn later."""
    deadline = time.monotonic() + 10
    while asyncio.all_tasks(controller.loop) and time.monotonic() < deadline:
        time.sleep(0.005)
    for _ in range(3):  # what the last task left to do, and what that left to do
        done = threading.Event()
        controller.loop.call_soon_threadsafe(done.set)
        assert done.wait(timeout=10)
    controller.stop()


class Rudeness(Enum):
    HANG_UP = "hang up"
    SAY_NOTHING = "say nothing"


POLITE = {
    "CONNECT": "220 ready",
    "EHLO": "250 localhost",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "CONTENT": "250 taken",
    "NOOP": "250 ok",
    "QUIT": "221 bye",
}


class RudeServer:
    """Serves one connection after the other in a thread. Tell it how to behave through `answers`."""

    def __init__(self) -> None:
        self.answers: dict[str, str | Rudeness] = dict(POLITE)
        self.taken: list[bytes] = []
        self.commands: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._listener.getsockname()[1]}?timeout=0.5"

    def __enter__(self) -> "RudeServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(ConnectionError):  # a client may hang up whenever it wants
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            going = self._answer(connection, "CONNECT")
            while going and (line := lines.readline()):
                step = line.split()[0].decode("latin-1").upper()
                self.commands.append(step)
                going = self._answer(connection, step)
                if going and step == "DATA" and self.answers["DATA"] == POLITE["DATA"]:
                    self.taken.append(_content(lines))
                    going = self._answer(connection, "CONTENT")
                going = going and step != "QUIT"

    def _answer(self, connection: socket.socket, step: str) -> bool:
        answer = self.answers.get(step, "502 what?")
        if answer is Rudeness.SAY_NOTHING:
            self._over.wait(timeout=10)
        if isinstance(answer, Rudeness):
            return False
        connection.sendall(answer.encode() + b"\r\n")
        return not answer.startswith("421")


def _content(lines: BinaryIO) -> bytes:
    content = b""
    while (line := lines.readline()) not in (b".\r\n", b""):
        content += line.removeprefix(b".")
    return content
