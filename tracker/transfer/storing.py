"""Changes every text of a draft, and makes it storable: no database keeps a NUL, and half a character is none."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum
from typing import Any, TypeVar

Draft = TypeVar("Draft")


def storable(draft: Draft) -> Draft:
    """The same draft with every text in it, however deep, cleaned."""
    return with_texts(draft, _text)


def with_texts(draft: Draft, change: Callable[[str], str]) -> Draft:
    """The same draft with every text in it, however deep, changed."""
    changed: Draft = _changed(draft, change)
    return changed


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if value is None or isinstance(value, Enum | date | bool | int):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_changed(one, change) for one in value)
    if isinstance(value, Mapping):
        return {key: _changed(one, change) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _changed(getattr(value, field.name), change) for field in fields(value)})
    raise TypeError(f"A draft holds a {type(value).__name__}, which nobody taught to clean.")


def _text(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
