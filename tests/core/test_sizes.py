"""How much a request may bring: a form little, files more, and only from those who may give files."""

from werkzeug.test import TestResponse

from tests.browser import Browser
from tests.rules.walk import send
from tracker.security import LARGEST_FORM, LARGEST_UPLOAD


def test_a_form_that_is_far_too_large_is_not_even_read(browser: Browser) -> None:
    page = browser.post("/incidents/new", {"csrf_token": browser.token("/profile"), "title": "x" * LARGEST_FORM})

    assert page.status == 413
    assert "Go back to what you typed, make it smaller" in page.text


def test_the_longest_text_a_field_takes_arrives(browser: Browser) -> None:
    form = browser.get("/incidents/new")

    page = form.submit("Declare incident", title="Checkout is down", severity="SEV2", summary="€" * 200_000)

    assert page.status == 200
    assert page.heading.endswith("Checkout is down")


def test_files_may_be_larger_than_a_form(admin_browser: Browser) -> None:
    assert give(admin_browser, size=LARGEST_FORM + 1).status_code == 200


def test_files_have_a_limit_too(admin_browser: Browser) -> None:
    assert give(admin_browser, size=100, said=LARGEST_UPLOAD + 1).status_code == 413


def test_who_may_not_give_files_is_refused_without_their_being_read(browser: Browser) -> None:
    assert give(browser, size=LARGEST_FORM + 1).status_code == 403


def give(browser: Browser, *, size: int, said: int | None = None) -> TestResponse:
    """Give a document of so many bytes to be read; ``said`` is what the request says that it brings."""
    head = 'Content-Disposition: form-data; name="files"; filename="checkout.md"\r\n\r\n# Checkout was down\n\n'
    token = f'Content-Disposition: form-data; name="csrf_token"\r\n\r\n{browser.token("/profile")}'
    body = f"--part\r\n{token}\r\n--part\r\n{head}{'words ' * (size // 6 + 1)}\r\n--part--\r\n".encode()
    return send(
        browser,
        "POST",
        "/settings/transfer/preview",
        data=body,
        content_type="multipart/form-data; boundary=part",
        environ_overrides={"CONTENT_LENGTH": str(said or len(body))},
    )
