"""The frame that every page stands in."""

from tests.browser import Browser


def test_an_unknown_address_says_so_and_helps(browser: Browser) -> None:
    page = browser.get("/no-such-page")

    assert page.status == 404
    assert "Nothing here" in page.heading
    assert page.links() == ["/", "/incidents"]


def test_an_address_that_only_takes_a_form_leads_on(browser: Browser) -> None:
    page = browser.get("/sign-out")

    assert page.status == 405
    assert "Go back, or start from your work." in page.text
    assert page.links() == ["/"]


def test_a_page_asks_who_you_are_first(anonymous: Browser) -> None:
    page = anonymous.get("/incidents/")

    assert page.status == 303
    assert page.response.headers["Location"] == "/sign-in?next=/incidents/"
