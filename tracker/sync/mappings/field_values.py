"""What people type into a mapping, as the tracker wants it. Pure: values in, values out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.clients.tickets import TicketField
from tracker.errors import RuleError

NAMED = ("priority", "version", "component", "securitylevel", "issuetype", "project")
NAMED_LISTS = ("components", "fixVersions", "versions")
FREE = ("string", "date", "datetime")
FILLABLE = (*NAMED, *FREE, "option", "number", "array")
PRIORITY = "priority"
CHOICES_NAMED = 12


@dataclass(frozen=True)
class Filled:
    """One field of the tracker with what new tickets get there."""

    name: str
    shown: str
    kind: str
    text: str


def typed_lines(text: str) -> list[tuple[str, str]]:
    """Lines like ``Team = Platform`` as pairs.

    Raises:
        RuleError: a line has no sign between field and value.
    """
    pairs = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        field, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not field or not value:
            raise RuleError(f"“{line[:100]}” is not complete. Write the field, an equals sign and the value.")
        pairs.append((field, value))
    return pairs


def filled(pairs: Iterable[tuple[str, str]], *, fields: Sequence[TicketField], tracker: str) -> list[Filled]:
    """The pairs as fields that the tracker has, with values that it takes.

    Raises:
        RuleError: there is no such field, or it does not take that value; the sentence says what it takes.
    """
    known = {name.lower(): field for field in fields for name in (field.shown, field.name)}
    result: dict[str, Filled] = {}
    for typed, text in pairs:
        field = known.get(typed.lower())
        if field is None:
            names = ", ".join(sorted(one.shown for one in fields)) or "none"
            raise RuleError(f"{tracker} has no field “{typed[:100]}” here. It has: {names[:500]}.")
        result[field.name] = Filled(field.name, field.shown, field.kind, checked_text(field, text))
    return list(result.values())


def checked_text(field: TicketField, text: str) -> str:
    """A value that the field takes, in the tracker's own spelling.

    Raises:
        RuleError: it takes another one.
    """
    if field.kind not in FILLABLE:
        raise RuleError(
            f"We cannot fill “{field.shown}” ({field.kind}). Ask for it to be optional for this issue type."
        )
    if field.kind == "number" and not _is_number(text):
        raise RuleError(f"“{field.shown}” takes a number.")
    if not field.choices:
        return text
    spelled = {choice.lower(): choice for choice in field.choices}
    wanted = [part.strip() for part in text.split(",")] if field.kind == "array" else [text]
    for one in wanted:
        if one.lower() not in spelled:
            raise RuleError(f"“{field.shown}” does not take “{one[:100]}”. It takes: {named(field.choices)}.")
    return ", ".join(spelled[one.lower()] for one in wanted)


def missing(fields: Iterable[TicketField], *, given: Iterable[str]) -> list[str]:
    """A sentence for each field that a ticket needs and does not get."""
    left = [one for one in fields if one.is_required and one.name not in set(given)]
    return [
        f"“{one.shown}” is required"
        + (f": one of {named(one.choices)}." if one.choices else ".")
        + f" Add a line “{one.shown} = ...”."
        for one in left
    ]


def value_for(one: Filled) -> object:
    """The value in the shape that Jira's interface wants for the kind of field."""
    if one.kind == "number":
        return float(one.text)
    if one.kind == "array":
        parts = [part.strip() for part in one.text.split(",")]
        if one.name == "labels":
            return parts
        return [{"name" if one.name in NAMED_LISTS else "value": part} for part in parts]
    if one.kind == "option":
        return {"value": one.text}
    return {"name": one.text} if one.kind in NAMED else one.text


def as_stored(fields: Iterable[Filled]) -> list[dict[str, str]]:
    return [{"name": one.name, "shown": one.shown, "kind": one.kind, "text": one.text} for one in fields]


def as_filled(rows: Iterable[Mapping[str, Any]]) -> list[Filled]:
    return [Filled(row["name"], row["shown"], row["kind"], row["text"]) for row in rows]


def named(choices: Sequence[str]) -> str:
    rest = len(choices) - CHOICES_NAMED
    return ", ".join(choices[:CHOICES_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False
