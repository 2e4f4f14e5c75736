"""Makes text storable: no database keeps a NUL, and half a character is none."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum
from typing import Any, TypeVar

Draft = TypeVar("Draft")


def storable(draft: Draft) -> Draft:
    """The same draft with every text in it, however deep, cleaned."""
    cleaned: Draft = _cleaned(draft)
    return cleaned


def _cleaned(value: Any) -> Any:
    if value is None or isinstance(value, Enum | date | bool | int):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        return tuple(_cleaned(one) for one in value)
    if isinstance(value, Mapping):
        return {key: _cleaned(one) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _cleaned(getattr(value, field.name)) for field in fields(value)})
    raise TypeError(f"A draft holds a {type(value).__name__}, which nobody taught to clean.")


def _text(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
