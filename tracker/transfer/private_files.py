"""Writes files that only their owner may read, whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tracker.errors import FollowthroughError


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file of mode 0600 that takes the place of `path` once everything is written.

    Raises:
        FollowthroughError: the place cannot be written.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise FollowthroughError(f"{path} cannot be written ({error.strerror}).") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise FollowthroughError(f"{path} cannot be written ({error.strerror}).") from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def private_folder(path: Path) -> None:
    """A folder that only its owner may open; one that is there already stays as it is."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FollowthroughError(f"{path} cannot be made ({error.strerror}).") from error
