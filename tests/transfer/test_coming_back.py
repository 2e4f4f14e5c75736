"""What an export takes out comes back where it was: pictures, and answers to questions of an installation's own."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.rules.walk import send
from tests.transfer.conftest import Run
from tests.transfer.test_routes import download, give, zipped
from tracker.db import session
from tracker.markdown_documents import HEADINGS, IncidentDocument, to_markdown
from tracker.models import (
    Answer,
    Incident,
    Phase,
    Picture,
    Postmortem,
    PostmortemState,
    PostmortemTemplate,
    Severity,
)
from tracker.transfer.own_documents import place_own
from tracker.transfer.picture_files import moved
from tracker.transfer.reading import read_postmortem
from tracker.transfer.storing import storable, with_texts

KEY, OTHER = "a1" * 16, "b2" * 16


def picture_bytes() -> bytes:
    target = io.BytesIO()
    Image.new("RGBA", (3, 2), "red").save(target, "PNG", optimize=True)
    return target.getvalue()


def incident_with_a_picture() -> Incident:
    incident = make.incident("Checkout: 503")
    postmortem = make.postmortem(incident, state=PostmortemState.PUBLISHED, published_at=make.NOW)
    make.answer(postmortem, "summary", f"See ![The graph](/incidents/{incident.ref}/pictures/{KEY}) of that night.")
    shape = {"media_type": "image/png", "width": 3, "height": 2, "added_at": make.NOW}
    make.save(Picture(incident_id=incident.id, key=KEY, content=picture_bytes(), **shape))
    return incident


def test_pictures_come_back_with_the_documents_that_show_them(app: Flask, admin_browser: Browser) -> None:
    app.config["MAX_FORM_MEMORY_SIZE"] = 1000  # the preview is larger than other forms may be
    incident_with_a_picture()
    with download(admin_browser) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    taken_out = dict(files)
    alone = zipfile.ZipFile(io.BytesIO(send(admin_browser, "GET", "/incidents/INC-1/postmortem.zip").get_data()))
    text = files["incidents/INC-1.md"].decode().replace("Checkout: 503", "Elsewhere") + "\n"
    hostile = text.replace("INC-1", "INC-7").replace("Elsewhere", "Hostile").replace(KEY, OTHER)
    files |= {"incidents/INC-1.md": text.encode(), "incidents/INC-7.md": hostile.encode()}
    files |= {f"tables/pictures/INC-7-{OTHER}.png": b"<script>", "tables/pictures/../x.png": b"no"}

    preview = give(admin_browser, ("export.zip", zipped(**files)))
    preview.submit("Take in 2 incidents")

    assert {name: alone.read(name) for name in alone.namelist()} == {
        name: content for name, content in taken_out.items() if name in alone.namelist()
    }
    assert alone.namelist() == ["incidents/INC-1.md", f"tables/pictures/INC-1-{KEY}.png"]
    assert "A picture was left out: This is no picture that we can show." in preview.text
    session.rollback()
    came, refused = session.scalars(select(Answer).where(Answer.postmortem_id != 1).order_by(Answer.id)).all()
    found = re.fullmatch(r"See !\[The graph\]\((/incidents/INC-2/pictures/([0-9a-f]{32}))\) of that night\.", came.text)
    assert found is not None
    assert found[2] != KEY
    shown = send(admin_browser, "GET", found[1])
    assert shown.get_data() == picture_bytes()
    assert f"/incidents/INC-7/pictures/{OTHER}" in refused.text
    assert len(session.scalars(select(Picture.id)).all()) == 2


def test_a_heading_of_the_installations_own_leads_to_its_question(admin_browser: Browser) -> None:
    page = admin_browser.get("/settings/questions/new")
    page.submit("Add the question", step="why", heading="What did the weather do?", guidance="Say it.")
    document = b"# Storm\n\n## What did the weather do\n\nIt **rained**.\n\n## Weather\n\nA note.\n"

    give(admin_browser, ("storm.md", document)).submit("Take in 1 incident")

    answers = {row.question: (row.heading, row.text) for row in session.scalars(select(Answer))}
    assert answers["own_what_did_the_weather_do"] == ("What did the weather do?", "It **rained**.")
    assert "A note." in answers["notes"][1]
    shown = admin_browser.get("/incidents/INC-1/postmortem").text
    assert "What did the weather do? It rained ." in shown


LINES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\x85"), max_size=20)
TRICKS = st.sampled_from(
    ["", "<!-- /ft -->", "\\<!-- ft:x -->", "# Heading", "---", f"![x](/incidents/INC-42/pictures/{KEY})", "```", "> a"]
)
TEXTS = st.lists(st.one_of(TRICKS, LINES), min_size=1, max_size=5).map("\n".join).filter(str.strip)
TITLES = LINES.filter(lambda line: line.strip() and line == " ".join(line.split()))
OWN = st.from_regex(r"own_[a-z0-9_]{1,20}", fullmatch=True)


@pytest.mark.once
@settings(max_examples=60, deadline=None)
@given(
    answers=st.dictionaries(st.sampled_from([key for key in HEADINGS if key != "notes"]), TEXTS, max_size=4),
    worded=st.dictionaries(st.sampled_from(list(HEADINGS)), TITLES, max_size=4),
    own=st.dictionaries(OWN, st.tuples(TITLES, TEXTS), max_size=3),
)
def test_every_answer_comes_back_to_its_question_however_it_reads(
    answers: dict[str, str], worded: dict[str, str], own: dict[str, tuple[str, str]]
) -> None:
    template = PostmortemTemplate(questions=[{"key": key, "heading": heading} for key, heading in worded.items()])
    document = IncidentDocument(
        incident=Incident(
            number=42, title="T", summary="", severity=Severity.SEV2, phase=Phase.CLOSED, declared_at=make.NOW
        ),
        postmortem=Postmortem(
            state=PostmortemState.PUBLISHED, published_at=make.NOW, template=template, left_over=[], skipped_reason=""
        ),
        answers=answers | {key: text for key, (_, text) in own.items()},
        own_headings={key: heading for key, (heading, _) in own.items()},
    )

    read = read_postmortem(to_markdown(document).encode(), name="INC-42.md")
    draft = with_texts(storable(place_own(read, now=make.NOW, sidecar=None)), moved({KEY: OTHER}, ref="INC-7"))

    found = draft.postmortem
    assert found is not None
    change = moved({KEY: OTHER}, ref="INC-7")
    wanted = {key: change(text) for key, text in document.answers.items()}
    assert {key: text for key, text in found.answers.items() if key != "notes"} == wanted
    assert {key: found.own_headings[key] for key in own} == dict(document.own_headings)
    assert found.left_over == ()


def test_the_command_finds_pictures_beside_and_says_which_are_missing(run: Run, tmp_path: Path) -> None:
    incident_with_a_picture()
    run("export", "--out", tmp_path / "out")
    document = tmp_path / "out" / "incidents" / "INC-1.md"
    text = document.read_text().replace("Checkout: 503", "Elsewhere")
    document.write_text(text)
    (tmp_path / "out" / "incidents" / "a**b.md").write_text(text.replace("Elsewhere", "No such pictures"))

    told = run("import", tmp_path / "out")

    assert told.exit_code == 0
    assert told.output.count("It shows 1 picture not given with it") == 1
    assert len(session.scalars(select(Picture.id)).all()) == 2
