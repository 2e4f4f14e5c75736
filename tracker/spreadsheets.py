"""Rows as CSV in which no cell is taken for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

IN_MEMORY = 1024 * 1024
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_line(values: Iterable[object]) -> str:
    """One row; nothing is an empty cell."""
    text = io.StringIO()
    csv.writer(text).writerow(["" if value is None else harmless(str(value)) for value in values])
    return text.getvalue()


def harmless(value: str) -> str:
    """A text that no spreadsheet takes for a formula: one that starts like one gets an apostrophe in front."""
    return "'" + value if value.lstrip(" ").startswith(FORMULA_STARTS) or value.startswith(FORMULA_STARTS) else value


def csv_file(lines: Iterable[str]) -> Iterator[bytes]:
    """The lines as bytes to send: read at once, to disk beyond a few thousand, so that memory stays flat."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  _read_and_close closes it when it is sent
    file.writelines(line.encode() for line in lines)
    file.seek(0)
    return _read_and_close(file)


def _read_and_close(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(IN_MEMORY):
            yield piece
