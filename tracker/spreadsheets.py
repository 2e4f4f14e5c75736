"""Rows as CSV in which no cell is taken for a formula."""

import csv
import io
from collections.abc import Iterable

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_line(values: Iterable[object]) -> str:
    """One row; nothing is an empty cell."""
    text = io.StringIO()
    csv.writer(text).writerow(["" if value is None else harmless(str(value)) for value in values])
    return text.getvalue()


def harmless(value: str) -> str:
    """A text that no spreadsheet takes for a formula: one that starts like one gets an apostrophe in front."""
    return "'" + value if value.lstrip(" ").startswith(FORMULA_STARTS) or value.startswith(FORMULA_STARTS) else value
