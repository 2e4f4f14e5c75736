"""Reading what a tracker sent, which may be anything: the right type comes out, or a `StrangeAnswer`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tracker.clients.failures import StrangeAnswer

LONGEST_TEXT = 100_000
EARLIEST_YEAR, LATEST_YEAR = 1970, 9000
"""Times beyond are a tracker's joke, and cannot be reckoned with: the calendar ends before an hour is added."""


class Answer:
    """A JSON object from a tracker. `where` names it in error messages."""

    def __init__(self, value: object, *, where: str) -> None:
        if not isinstance(value, dict):
            raise StrangeAnswer(f"We do not understand the tracker's answer: {where} should be an object.")
        self._value: dict[str, Any] = value
        self._where = where

    def text(self, name: str) -> str:
        value = self._value.get(name)
        if not isinstance(value, str) or not value:
            raise self._strange(name, expected="text")
        return storable(value)

    def optional_text(self, name: str) -> str | None:
        return None if self._value.get(name) in (None, "") else self.text(name)

    def number(self, name: str) -> int:
        value = self._value.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
            raise self._strange(name, expected="a number")
        return value

    def items(self, name: str) -> list[object]:
        value = self._value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._strange(name, expected="a list")
        return value

    def inner(self, name: str) -> Answer:
        return Answer(self._value.get(name), where=f'"{name}" of {self._where}')

    def optional_inner(self, name: str) -> Answer | None:
        return None if self._value.get(name) is None else self.inner(name)

    def moment(self, name: str) -> datetime:
        text = self.text(name)
        try:
            moment = datetime.fromisoformat(text)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self._strange(name, expected="a time") from error
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise self._strange(name, expected="a time that can be")
        return moment

    def optional_day(self, name: str) -> date | None:
        """`None` also for a day that stands for "never": nobody can count from it."""
        text = self.optional_text(name)
        try:
            day = None if text is None else date.fromisoformat(text[:10])
        except ValueError as error:
            raise self._strange(name, expected="a day") from error
        return day if day is not None and EARLIEST_YEAR <= day.year <= LATEST_YEAR else None

    def has(self, name: str) -> bool:
        return self._value.get(name) is not None

    def says_no(self, name: str) -> bool:
        """Whether the answer holds a plain `false` here; silence is not a no."""
        return self._value.get(name) is False

    def says_yes(self, name: str) -> bool:
        return self._value.get(name) is True

    def get(self, name: str) -> object:
        return self._value.get(name)

    def names(self) -> list[str]:
        return list(self._value)

    def _strange(self, name: str, *, expected: str) -> StrangeAnswer:
        return StrangeAnswer(
            f'We do not understand the tracker\'s answer: "{name}" of {self._where} is not {expected}.'
        )


def storable(text: str) -> str:
    """A tracker's text as a database takes it: JSON may hold a NUL, and half a character."""
    return text[:LONGEST_TEXT].replace("\x00", "").encode(errors="replace").decode()


def answer_list(value: object, *, where: str) -> list[object]:
    if not isinstance(value, list):
        raise StrangeAnswer(f"We do not understand the tracker's answer: {where} should be a list.")
    return value


def tracker_words(value: object) -> str:
    """The tracker's own reasons as plain sentences, from GitHub's and Jira's error bodies; "" if there are none."""
    if not isinstance(value, dict):
        return ""
    parts = [value.get("message"), value.get("errorMessage"), *_listed(value.get("errorMessages"))]
    errors = value.get("errors")
    if isinstance(errors, dict):
        parts += [f"{name}: {reason}" for name, reason in errors.items()]
    parts += [_reason(entry) for entry in _listed(errors)]
    words = [" ".join(str(part).split()) for part in parts if part and not isinstance(part, dict | list)]
    return storable("; ".join(dict.fromkeys(words)))[:1000]


def _listed(value: object) -> list[object]:
    return value[:20] if isinstance(value, list) else []


def _reason(entry: object) -> object:
    if not isinstance(entry, dict):
        return entry
    return entry.get("message") or " ".join(str(entry[name]) for name in ("field", "code") if entry.get(name))
