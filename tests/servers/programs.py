"""Starting a program that serves HTTP on loopback, and ending it for certain."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 60.0  # seconds; the machine may be busy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], *, env: Mapping[str, str], url: str, cwd: Path | None = None) -> Iterator[None]:
    """Run a program until the block ends; the block starts when `url` answers anything at all."""
    with tempfile.TemporaryFile() as output:
        program = subprocess.Popen(
            list(command), env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            _wait_until_up(url, program=program)
            yield
        except _NotUp as error:
            output.seek(0)
            raise RuntimeError(f"{error}\n{output.read().decode(errors='replace')[-2000:]}") from error
        finally:
            _end(program)


class _NotUp(Exception):
    pass


def _wait_until_up(url: str, *, program: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if program.poll() is not None:
            raise _NotUp(f"{program.args!r} ended with {program.returncode} before it answered.")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.05)
    raise _NotUp(f"{program.args!r} did not answer at {url}.")


def _end(program: subprocess.Popen[bytes]) -> None:
    program.terminate()
    try:
        program.wait(timeout=5)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait(timeout=5)
