"""Makes pictures safe to keep and to show: whatever is given is decoded and drawn anew, never stored as it came.

So nothing that only looks like a picture gets in, and nothing that rides along: no place where it was taken, no script.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.errors import RuleError

if TYPE_CHECKING:
    from PIL import Image

LARGEST = 8 * 1024 * 1024
"""Bytes that are taken."""
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2400
"""Pixels; a screenshot of a large screen has 2,560 and is read as well at this size."""
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
REFUSED = "This is no picture that we can show. Use PNG, JPEG, GIF or WebP."
FOLDER = "tables/pictures"
"""Where an export has its pictures, beside the folder of its documents."""


def file_of(key: str, *, ref: str, media_type: str) -> str:
    """The file in which an export has a picture of the incident ``ref``."""
    return f"{FOLDER}/{ref}-{key}.{media_type.rpartition('/')[2]}"


@dataclass(frozen=True)
class Drawn:
    """A picture as it is kept."""

    content: bytes
    media_type: str
    width: int
    height: int


def draw_anew(given: bytes) -> Drawn:
    """The picture in bytes from anywhere. Of a moving one the first frame stays.

    Raises:
        RuleError: it is too large, or no picture; the sentence says which.
    """
    if len(given) > LARGEST:
        raise RuleError(f"This picture is too large: use at most {LARGEST // 1024 // 1024} MB.")
    from PIL import Image  # noqa: PLC0415  only who sends a picture needs it

    try:
        with Image.open(io.BytesIO(given), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise RuleError("This picture has too many pixels: use at most 40 million.")
            return _drawn(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RuleError("This picture has too many pixels: use at most 40 million.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow raises for damaged or hostile files
        raise RuleError(REFUSED) from error


def _drawn(image: Image.Image) -> Drawn:
    from PIL import ImageOps  # noqa: PLC0415  as above

    is_photo = image.format == "JPEG"
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain = upright.convert("RGB") if is_photo else upright.convert("RGBA")
    target = io.BytesIO()
    if is_photo:
        plain.save(target, "JPEG", quality=88, optimize=True)
    else:
        plain.save(target, "PNG", optimize=True)
    return Drawn(target.getvalue(), "image/jpeg" if is_photo else "image/png", plain.width, plain.height)
