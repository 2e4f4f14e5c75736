"""What all forms share: one base with CSRF, one way to say what is wrong, one way to show it again."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache, lru_cache, wraps
from typing import Any, ParamSpec, Protocol
from zoneinfo import ZoneInfo, available_timezones

from flask import g
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import DateTimeLocalField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import Select, html_params

from tracker.errors import RuleError, StaleWriteError

P = ParamSpec("P")
LINE = 300
"""Characters of one line; the same as the column ``Line``."""
UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of what follows: a title must not rewrite its page."""
PROSE = 200_000
"""Characters of a long text; the longest real postmortem has 26,000."""


class InvalidForm(Exception):
    """What was typed cannot be taken as it is; ``form`` has the errors and the typed values."""

    def __init__(self, form: "Form") -> None:
        super().__init__("The form has errors.")
        self.form = form


class QuickSelect(Select):
    """Writes a list as WTForms does, without its detour for groups and attributes: a list of people has hundreds."""

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        if self.multiple or field.has_groups() or any(choice.render_kw for choice in field.choices or ()):
            return super().__call__(field, **attributes)
        attributes.setdefault("id", field.id)
        for name in self.validation_attrs:
            if name in field.flags:
                attributes.setdefault(name, getattr(field.flags, name))
        options = "".join(
            _option(str(choice.value), choice.label or choice.value, "selected " if choice.selected else "")
            for choice in field.iter_choices()
        )
        return Markup(f"<select {html_params(name=field.name, **attributes)}>{options}</select>")  # noqa: S704


@lru_cache(maxsize=4096, typed=True)  # typed: a label that is HTML already is not one of the same letters that is not
def _option(value: str, label: object, selected: str) -> Markup:
    return Markup(f'<option {selected}value="{escape(value)}">{escape(label)}</option>')  # noqa: S704


class Form(FlaskForm):  # type: ignore[misc]
    """The base of every form. ``check()`` then ``draft()``; no operation ever sees a form."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def render_field(self, field: Any, render_kw: dict[str, Any]) -> Markup:
            if type(field.widget) is Select:
                field.widget = QuickSelect(multiple=field.widget.multiple)
            return super().render_field(field, render_kw)  # type: ignore[no-any-return]

    def check(self) -> None:
        """Check what was typed.

        Raises:
            InvalidForm: something must be corrected; ``@reshow`` shows the page again.
        """
        g.checked_form = self
        if not self.validate_on_submit():
            raise InvalidForm(self)

    def show_refusal(self, error: RuleError) -> None:
        """Show what a rule says no to: beside the field it is about, else above the form."""
        if error.about in self:
            self[error.about].errors = [*self[error.about].errors, str(error)]
        else:
            self.form_errors.append(str(error))

    @property
    def failed(self) -> bool:
        return bool(self.errors)


def reshow(
    view: Callable[..., ResponseReturnValue],
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Show ``view`` again, with what was typed and the errors, when the decorated route refuses a form.

    ``view`` is called with the same arguments and ``form=``; the answer has status 422.
    """

    def decorate(route: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(route)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            try:
                return route(*args, **kwargs)
            except InvalidForm as error:
                return view(*args, **kwargs, form=error.form), 422  # type: ignore[return-value]
            except RuleError as error:
                form = g.get("checked_form")
                if form is None:
                    raise
                form.show_refusal(error)
                return view(*args, **kwargs, form=form), 422  # type: ignore[return-value]

        return wrapped

    return decorate


def reshow_clash(
    view: Callable[..., ResponseReturnValue],
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """The same as ``reshow``; and when somebody saved in between, ``view`` also gets ``clash=`` and the status is 409.

    The form's ``version`` is then theirs: what is sent next is meant with both texts seen.
    """

    def decorate(route: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(route)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            try:
                return route(*args, **kwargs)
            except StaleWriteError as clash:
                form = g.checked_form
                form.version.raw_data, form.version.data = None, clash.their_version
                return view(*args, **kwargs, form=form, clash=clash), 409  # type: ignore[return-value]

        return reshow(view)(wrapped)

    return decorate


def trim(value: str | None) -> str:
    """Typed text without surrounding space, in Unix lines, without characters no database stores."""
    return (value or "").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


def line(label: str, *, thing: str, required: bool = True, **options: Any) -> StringField:
    """A field for one line of text. ``thing`` names it in errors: "a title"."""
    presence = [DataRequired(f"Enter {thing}.")] if required else [Optional()]
    length = Length(max=LINE, message=f"That is too long: use at most {LINE} characters.")
    return StringField(label, validators=[*presence, length], filters=[one_line], **options)


AREAS = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


@cache
def zone_names() -> tuple[str, ...]:
    """The time zones that are named after a place, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(AREAS)))


class ZoneField(StringField):
    """The name of a time zone, or nothing; the page offers ``zone_names()`` beside it."""

    def __init__(self, *, otherwise: str, **options: Any) -> None:
        described = f"Such as Europe/Copenhagen. Left empty, {otherwise}"
        super().__init__("Time zone", validators=[Optional()], filters=[one_line], description=described, **options)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  WTForms gives it
        if self.data and self.data not in zone_names():
            raise ValidationError("We know no such time zone. Begin to type the nearest large city, then choose.")


def prose(label: str, *, thing: str, required: bool = False, **options: Any) -> TextAreaField:
    """A field for Markdown of any reasonable length."""
    presence = [DataRequired(f"Enter {thing}.")] if required else [Optional()]
    length = Length(max=PROSE, message=f"That is too long: use at most {PROSE:,} characters.")
    return TextAreaField(label, validators=[*presence, length], filters=[trim], **options)


def chosen_or_not() -> Optional:
    """For a choice that may be left open. Only nothing at all is nothing: a space is none of the choices."""
    return Optional(strip_whitespace=False)


def one_line(value: str | None) -> str:
    """Typed text as one line, without what nobody sees."""
    return " ".join(UNSEEN.sub("", trim(value)).split())


class MomentField(DateTimeLocalField):
    """A moment, typed in the installation's time zone and handed over as aware UTC.

    Give ``zone`` before use; the page shows the same zone beside the field.
    """

    def __init__(self, label: str, **options: Any) -> None:
        formats = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        super().__init__(label, format=formats, validators=[Optional()], **options)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Write the day and time like 2026-11-23 14:05.") from error
        if self.data and not 1 < self.data.year < 9999:  # in another zone these would be in a year that there is not
            self.data = None
            raise ValueError("That year cannot be right. Check it.")

    def utc(self, zone: ZoneInfo) -> datetime | None:
        return self.data.replace(tzinfo=zone).astimezone(UTC) if self.data else None

    def show(self, moment: datetime | None, zone: ZoneInfo) -> None:
        self.data = moment.astimezone(zone).replace(tzinfo=None) if moment else None


def optional_id(value: str | None) -> int | None:
    return int(value) if value and value != "None" else None


class Named(Protocol):
    """A row that a list shows by its name."""

    @property
    def id(self) -> Any: ...

    @property
    def name(self) -> Any: ...


class PickField(SelectField):
    """One of some rows, or none."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, coerce=optional_id, choices=[], **options)

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError("That is no longer there. Choose one of the list.") from error

    def offer(self, rows: Iterable[Named], *, nothing: str) -> None:
        self.choices = [choice("", nothing), *(choice(str(row.id), row.name) for row in rows)]


@lru_cache(maxsize=4096)
def choice(value: str | int, label: str) -> SelectChoice:
    """One row of a list to choose from; a list of people has hundreds, on every page the same."""
    return SelectChoice(value, label)


def choices(kind: Any, *, blank: str | None = None) -> list[SelectChoice]:
    """The members of an enum as choices of a select, with an empty first one if ``blank`` is given."""
    members = [SelectChoice(member.value, member.value[:1].upper() + member.value[1:]) for member in kind]
    return [SelectChoice("", blank), *members] if blank is not None else members
