"""``INC-42`` and ``AI-7``: references in addresses and texts."""

import re

from werkzeug.routing import BaseConverter, ValidationError

PATTERN = re.compile(r"(INC|AI)-([1-9]\d{0,8})", re.IGNORECASE)


class RefConverter(BaseConverter):
    """A reference in an address, in any case; views get it in capitals."""

    regex = r"(?:INC|AI|inc|ai)-[1-9]\d{0,8}"

    def to_python(self, value: str) -> str:
        if not PATTERN.fullmatch(value):
            raise ValidationError
        return value.upper()


def number_of(ref: str, *, prefix: str) -> int | None:
    """The number of a reference such as ``INC-42`` with the prefix ``INC``; ``None`` when it is not one."""
    match = PATTERN.fullmatch(ref.strip())
    return int(match[2]) if match and match[1].upper() == prefix else None
