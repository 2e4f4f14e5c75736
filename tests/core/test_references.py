"""What stands in an address."""

import pytest

from tests.browser import Browser


@pytest.mark.parametrize("number", [2**31, 10**30])
def test_a_number_that_no_row_can_have_is_a_page_that_is_not_there(admin_browser: Browser, number: int) -> None:
    page = admin_browser.get(f"/settings/trackers/{number}/edit")

    assert page.status == 404
