"""There is something to show on every page that ``make pictures`` takes."""

import pytest
from flask import Flask

from tests.pictures.addresses import what_to_take
from tracker.demo.commands import load_if_empty

pytestmark = pytest.mark.once


def test_every_page_is_taken_with_something_on_it(app: Flask) -> None:
    load_if_empty()

    pages, misses, _person = what_to_take(app)

    names = [page.name for page in pages]
    assert misses == []
    assert len(set(names)) == len(names) > 40
    assert {"my_work-index", "incidents-show-live", "postmortems-edit-why", "errors-404"} <= set(names)
