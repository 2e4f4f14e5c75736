"""``INC-42`` and ``AI-7``: references in addresses and texts."""

import re
from typing import Any

from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError

LARGEST = 2**31 - 1
PATTERN = re.compile(r"(INC|AI)-([1-9]\d{0,8})", re.IGNORECASE)


class RefConverter(BaseConverter):
    """A reference in an address, in any case; views get it in capitals."""

    regex = r"(?:INC|AI|inc|ai)-[1-9]\d{0,8}"

    def to_python(self, value: str) -> str:
        if not PATTERN.fullmatch(value):
            raise ValidationError
        return value.upper()


class RowNumberConverter(IntegerConverter):
    """``int`` in an address, up to what a row's number can be; beyond it there is no page, and no database asked."""

    def __init__(self, map: Map, **options: Any) -> None:  # noqa: A002  Werkzeug's name
        super().__init__(map, **{"max": LARGEST} | options)


def number_of(ref: str, *, prefix: str) -> int | None:
    """The number of a reference such as ``INC-42`` with the prefix ``INC``; ``None`` when it is not one."""
    match = PATTERN.fullmatch(ref.strip())
    return int(match[2]) if match and match[1].upper() == prefix else None
