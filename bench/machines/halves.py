"""The halves of one installation as processes of their own, any of which may be killed and started again."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.processes import free_port

CHECKOUT = Path(__file__).parent.parent.parent
STARTED_WITHIN = 60.0


class Half:
    """One ``web`` or ``worker``."""

    def __init__(self, name: str, *arguments: str, environment: Mapping[str, str], folder: Path) -> None:
        self.name, self._arguments, self._environment = name, arguments, dict(environment)
        self.log = folder / f"{name.replace(' ', '-')}.log"
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "tracker", *self._arguments]
            return subprocess.Popen(command, cwd="/", env=self._environment, stdout=log, stderr=log)

    def kill_and_start(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process = self._start()

    def end(self) -> int:
        """Told to stop, as an administrator or systemd does; its exit status."""
        self._process.terminate()
        try:
            return self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def restart(self) -> None:
        self.end()
        self._process = self._start()

    def wait(self) -> None:
        """Until it is at work."""
        deadline = time.monotonic() + STARTED_WITHIN
        while not self._is_up():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not run: {self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)

    def _is_up(self) -> bool:
        """A worker catches the signal that asks it to end, once it is at work."""
        caught = Path(f"/proc/{self._process.pid}/status").read_text().partition("SigCgt:\t")[2].split("\n")[0]
        return bool(int(caught or "0", 16) >> (signal.SIGTERM - 1) & 1)


class Web(Half):
    def __init__(self, number: int, *, environment: Mapping[str, str], folder: Path) -> None:
        self.port = free_port()
        super().__init__(f"web {number}", "web", "--port", str(self.port), environment=environment, folder=folder)

    def _is_up(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
            return True
        return False


@contextlib.contextmanager
def halves(environment: Mapping[str, str], folder: Path) -> Iterator[tuple[list[Web], list[Half]]]:
    """Two of each."""
    webs = [Web(number, environment=environment, folder=folder) for number in (1, 2)]
    workers = [Half(f"worker {number}", "worker", environment=environment, folder=folder) for number in (1, 2)]
    try:
        for one in (*webs, *workers):
            one.wait()
        yield webs, workers
    finally:
        for one in (*webs, *workers):
            one.end()


def environment_of(**settings: str) -> dict[str, str]:
    """What a process is told: our settings, and nothing of whoever runs the bench."""
    named = {f"FOLLOWTHROUGH_{name.upper()}": text for name, text in settings.items()}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), **named}
