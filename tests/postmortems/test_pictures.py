"""Pictures in a postmortem: drawn anew, kept with the incident, shown to those who may see it."""

import io
import struct
import zlib
from contextlib import suppress

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.rules.walk import READING, send
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import Incident, Person, Picture
from tracker.pictures import LARGEST, LONGEST_SIDE, draw_anew


def png(width: int = 3, height: int = 2, kind: str = "PNG", **options: object) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(target, kind, **options)
    return target.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A small file that says it is enormous."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + b"\0" * 20


def give(browser: Browser, incident: Incident, content: bytes, name: str = "graph of the pool.png") -> tuple[int, str]:
    token = browser.token(f"/incidents/{incident.ref}/pictures")
    answer = browser.client.post(
        f"/incidents/{incident.ref}/pictures",
        data={"csrf_token": token, "picture": (io.BytesIO(content), name)},
        headers={"X-Requested-With": "editor"},
    )
    return answer.status_code, answer.get_data(as_text=True)


def test_a_pasted_picture_becomes_its_line_and_is_shown_where_the_line_stands(browser: Browser) -> None:
    incident = make.incident()
    postmortem = make.postmortem(incident)

    status, line = give(browser, incident, png())
    make.answer(postmortem, "summary", line)

    address = line[line.index("(") + 1 : -1]
    shown = browser.get(f"/incidents/{incident.ref}/postmortem").select(".answer img")[0]
    answer = browser.client.get(address)
    again = browser.client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert status == 201
    assert (shown["src"], shown["alt"]) == (address, "graph of the pool")
    assert answer.mimetype == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert again.status_code == 304


def test_without_javascript_a_page_takes_pictures_and_shows_the_line_to_copy(browser: Browser) -> None:
    incident = make.incident()
    url = f"/incidents/{incident.ref}/pictures"
    data = {"csrf_token": browser.token(url), "picture": (io.BytesIO(png()), "x.png")}

    page = browser.post(url, data, multipart=True)
    empty = browser.post(url, {"csrf_token": browser.token(url)}, multipart=True)

    key = session.scalars(select(Picture)).one().key
    assert f"![Picture]({url}/{key})" in page.text
    assert empty.status == 422
    assert empty.errors == ["Choose a picture."]


def test_a_picture_of_a_private_incident_is_not_there_for_others(app: Flask, admin: Person, responder: Person) -> None:
    incident = make.incident(is_private=True)
    public = make.incident()
    named, outsider = Browser(app, person=admin), Browser(app, person=responder)
    _, line = give(named, incident, png())
    address = line[line.index("(") + 1 : -1]

    elsewhere = address.replace(incident.ref, public.ref)
    answers = [send(named, READING, address), send(outsider, READING, address), send(outsider, READING, elsewhere)]
    assert [answer.status_code for answer in answers] == [200, 404, 404]


def test_what_is_no_picture_gets_one_sentence(browser: Browser) -> None:
    incident = make.incident()

    status, words = give(browser, incident, b"<svg onload=alert(1)>", "x.png")

    assert (status, words) == (422, "This is no picture that we can show. Use PNG, JPEG, GIF or WebP.")
    assert session.scalars(select(Picture)).all() == []


@pytest.mark.once
def test_only_what_was_drawn_anew_is_kept() -> None:
    polyglot = png() + b"<script>alert(1)</script>"
    exif = Image.Exif()
    exif[0x010E] = "taken at home"

    drawn = [draw_anew(polyglot), draw_anew(png(kind="JPEG", exif=exif)), draw_anew(png(5000, 10, "WEBP"))]

    assert [(one.media_type, one.width, one.height) for one in drawn] == [
        ("image/png", 3, 2),
        ("image/jpeg", 3, 2),
        ("image/png", LONGEST_SIDE, 5),
    ]
    assert not any(b"script" in one.content or b"taken at home" in one.content for one in drawn)


@pytest.mark.once
def test_hostile_files_get_a_sentence_and_no_error() -> None:
    whole = png(40, 40)
    damaged = [whole[:cut] for cut in range(0, len(whole), 7)]
    hostile = [b"", b"GIF89a", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBPVP8 ", b"%PDF-1.4", bomb(), b"\0" * (LARGEST + 1)]

    for content in hostile:
        with pytest.raises(RuleError, match=r"This picture|This is no picture"):
            draw_anew(content)
    for content in damaged:
        with suppress(RuleError):  # some of it may be enough to draw
            draw_anew(content)
