"""Short names in addresses."""

import pytest

from tracker.catalog.slugs import LONGEST, free_slug, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Checkout API", "checkout-api"), ("  Café / bar ", "cafe-bar"), ("検索", ""), ("x" * 90, "x" * LONGEST)],
)
def test_a_name_becomes_letters_digits_and_hyphens(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_a_taken_slug_gets_a_number() -> None:
    assert free_slug("Checkout", taken=set(), otherwise="service") == "checkout"
    assert free_slug("Checkout", taken={"checkout", "checkout-2"}, otherwise="service") == "checkout-3"
    assert free_slug("New", taken=set(), otherwise="service") == "new-2"
    assert free_slug("検索", taken=set(), otherwise="service") == "service"
