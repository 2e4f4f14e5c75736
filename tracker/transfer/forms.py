"""The forms of import: files and how to read them, then the confirmation."""

from __future__ import annotations

from collections.abc import Iterator

from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, MultipleFileField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import ValidationError

from tracker.forms import Form, chosen_or_not, line
from tracker.transfer import queries
from tracker.transfer.importing import Choices
from tracker.zones import zone_named


class ChoicesForm(Form):
    """How to read documents; the same on both steps."""

    service = SelectField("Service", validators=[chosen_or_not()])
    zone = line("Time zone", thing="a time zone", required=False)

    def offer_services(self) -> None:
        services = queries.services()
        self.service.choices = [SelectChoice("", "None"), *(SelectChoice(one.slug, one.name) for one in services)]

    def validate_zone(self, field: HiddenField) -> None:
        if field.data and zone_named(field.data) is None:
            raise ValidationError("Write a time zone like Europe/Copenhagen or UTC+2.")

    def draft(self) -> Choices:
        service = queries.get_service(self.service.data) if self.service.data else None
        return Choices(zone=self.zone.data or None, service=service, keep_numbers=queries.is_empty())


class UploadForm(ChoicesForm):
    files = MultipleFileField("Files")

    def validate_files(self, _field: MultipleFileField) -> None:
        if not list(self._stored()):
            raise ValidationError("Choose one or more Markdown files, or a zip archive of them.")

    def given(self) -> list[tuple[str, bytes]]:
        return [(one.filename or "", one.stream.read()) for one in self._stored()]

    def _stored(self) -> Iterator[FileStorage]:
        return (one for one in self.files.data or () if isinstance(one, FileStorage) and one.filename)


class ConfirmForm(ChoicesForm):
    packed = HiddenField()
