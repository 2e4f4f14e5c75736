"""The application served by this process, on a real port, for a real browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore


@contextmanager
def served(app: Flask, **options: Any) -> Iterator[str]:
    """The address of the running application; when the block ends, so have its threads and sockets.

    Sockets are closed by the thread that waits on them: closed by another, they would vanish under its select().
    """
    server = create_server(app, host="127.0.0.1", port=0, threads=8, **options)
    loop = threading.Thread(target=server.run, name="served")
    loop.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.task_dispatcher.shutdown(timeout=20)  # requests in hand are answered while the loop still sends
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        loop.join(timeout=20)
    assert not loop.is_alive(), "The test's web server did not end."
