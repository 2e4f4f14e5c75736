"""The fields of requests: text as forms take it, moments that happened, and lists in pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from tracker import clock
from tracker.forms import LINE, PROSE, one_line, trim
from tracker.incidents.typed_times import FIRST_YEAR, SLACK

MOST = 100
"""Rows of a list at once."""
USUAL = 50


class Line(fields.String):
    """One line of text, cleaned as a form cleans it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return one_line(_storable(super()._deserialize(value, attr, data, **kwargs)))


class Prose(fields.String):
    """Markdown of any reasonable length."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return trim(_storable(super()._deserialize(value, attr, data, **kwargs)))


def _storable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError("This is no text: half of a character stands alone in it.") from error
    return text


class PastMoment(fields.AwareDateTime):
    """A moment that has been, in RFC 3339 with its zone; handed over in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", default_timezone=None, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        if not FIRST_YEAR < moment.year < 9999:
            raise ValidationError("That year cannot be right.")
        moment = moment.astimezone(UTC)
        if moment > clock.utcnow() + SLACK:
            raise ValidationError("That is in the future. Give a time up to now.")
        return moment


class Moment(fields.AwareDateTime):
    """A moment as it is shown: RFC 3339 in UTC, with ``Z``."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return rfc3339(value)


def rfc3339(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


class Seconds(fields.Integer):
    """A time span in seconds; ``null`` when it is not known."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> int | None:  # noqa: ARG002
        return round(value.total_seconds()) if isinstance(value, timedelta) else None


def line(*, required: bool = False, **options: Any) -> Line:
    least = 1 if required else 0
    return Line(required=required, validate=validate.Length(min=least, max=LINE), **options)


def prose(*, required: bool = False, **options: Any) -> Prose:
    least = 1 if required else 0
    return Prose(required=required, validate=validate.Length(min=least, max=PROSE), **options)


def slug(**options: Any) -> Line:
    return Line(validate=validate.Length(min=1, max=80), **options)


def email(**options: Any) -> Line:
    return Line(validate=validate.Length(min=1, max=254), **options)


class PageSchema(Schema):
    """Which part of a list."""

    limit = fields.Integer(load_default=USUAL, validate=validate.Range(min=1, max=MOST))
    cursor = fields.String(
        validate=validate.Length(min=1, max=300), metadata={"description": "`next_cursor` as it is."}
    )


def list_of(schema: type[Schema], name: str) -> type[Schema]:
    """What a list gives."""
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(schema), required=True),
        "next_cursor": fields.String(required=True, allow_none=True),
    }
    return Schema.from_dict(members, name=name)
