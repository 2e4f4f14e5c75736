"""Short names in addresses: ``/services/checkout-api``."""

import re
import unicodedata

LONGEST = 60
TAKEN = {"new"}
"""Words that are addresses of their own."""


def slug_of(name: str) -> str:
    """Letters, digits and hyphens of a name; empty when none is left, as of a name in another script."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")


def free_slug(name: str, *, taken: set[str], otherwise: str) -> str:
    """A slug that nothing else has: ``checkout``, ``checkout-2`` ...; ``otherwise`` when the name gives none."""
    base = slug_of(name) or otherwise
    number = 1
    slug = base
    while slug in taken or slug in TAKEN:
        number += 1
        slug = f"{base}-{number}"
    return slug
