"""An export holds everything but secrets, and importing it gives the same content."""

import json
import stat
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import LargeBinary, select

from tests import make
from tests.transfer.conftest import Run
from tracker.cli import main
from tracker.db import database, session
from tracker.models import (
    ActionState,
    Audience,
    Base,
    CauseCategory,
    Confidence,
    ContributingFactor,
    EntryKind,
    Evidence,
    EvidenceKind,
    Hypothesis,
    HypothesisState,
    Incident,
    IncidentRole,
    MessageKind,
    Person,
    Phase,
    Picture,
    PostmortemState,
    RoleAssignment,
    Severity,
    Tick,
    Update,
    Why,
    WhyAction,
    WhyEnding,
    WhyKind,
)
from tracker.recurrence.jobs import read_what_is_marked
from tracker.transfer.exporting import BESIDE_JSON, PACKED_TABLES, SECRET_COLUMNS, SECRET_TABLES, exported_files


def full_incident() -> Incident:
    """An incident with something in every place."""
    ana, ben = make.person("Ana"), make.person("Ben Ito")
    incident = make.incident(
        'Checkout: "503" <b>',
        summary="Declared by phone.\n\nTwo lines.",
        alert_name="ErrorRateHigh",
        is_private=True,
        named=(ben,),
        severity=Severity.SEV1,
        phase=Phase.CLOSED,
        detected_at=make.NOW + timedelta(minutes=18),
        closed_at=make.NOW + timedelta(days=2, seconds=3),
        services=[make.service("Checkout"), make.service("Cart, old", slug="cart")],
    )
    make.entry(incident, "First line\nsecond line", kind=EntryKind.DETECTION, is_starred=True)
    make.entry(incident, "Nobody knows when", at=None, at_text="~10:30", position=1, is_starred=True)
    make.save(RoleAssignment(incident_id=incident.id, role=IncidentRole.SCRIBE, person_id=ana.id, since=make.NOW))
    make.save(
        Update(incident_id=incident.id, audience=Audience.USERS, text="We know.", author_id=ben.id, sent_at=make.NOW)
    )
    investigate(incident, by=make.person("Cy"), settled_by=ana)
    postmortem = make.postmortem(
        incident,
        state=PostmortemState.PUBLISHED,
        published_at=make.NOW + timedelta(days=1),
        lead_id=ana.id,
        is_required=True,
        due_on=date(2026, 11, 30),
        cause_category=CauseCategory.TRAFFIC_SPIKE,
        left_over=["Stray", "", "x"],
    )
    for question in ("summary", "contributing_factors", "root_causes", "lucky", "notes", "no_items"):
        make.answer(postmortem, question, f"Words for {question}\n\n# A heading\n<!-- /ft -->\n- and a list")
    root = make.save(Why(postmortem_id=postmortem.id, claim="The pool was empty (evidence: none).", position=0))
    below = make.save(
        Why(
            postmortem_id=postmortem.id,
            parent_id=root.id,
            claim="Retries\nheld it.",
            evidence="A graph (ends here: no)",
            ending=WhyEnding.CAN_ACT,
            kind=WhyKind.PROCESS,
            confidence=Confidence.LIKELY,
            is_root_cause=True,
        )
    )
    make.save(ContributingFactor(postmortem_id=postmortem.id, text="Four changes", category=CauseCategory.OTHER))
    limit = make.action("Limit retries", incidents=(incident,), owner_id=ana.id, detail="At most ten\nof forty")
    make.save(WhyAction(why_id=below.id, action_id=limit.id))
    make.action(
        "Add an alert",
        incidents=(incident,),
        state=ActionState.VERIFIED,
        done_at=make.NOW + timedelta(days=3),
        verified_at=make.NOW + timedelta(days=40),
        done_evidence="It rang in the drill",
        done_when="It rings",
    )
    make.action(
        "Rewrite it",
        incidents=(incident,),
        state=ActionState.DECLINED,
        declined_at=make.NOW,
        declined_reason="Too dear",
        look_again_on=date(2027, 3, 1),
        due_on=None,
        owner_text="Platform team",
    )
    return incident


def investigate(incident: Incident, *, by: Person, settled_by: Person) -> None:
    """A suspicion that was settled, one that is open, evidence for and against, and what was ticked."""
    hypothesis = {"incident_id": incident.id, "raised_by_id": by.id, "raised_at": make.NOW}
    settled = make.save(
        Hypothesis(
            **hypothesis,
            suspect=CauseCategory.TRAFFIC_SPIKE,
            claim="A sale",
            disproof="Traffic as ever",
            state=HypothesisState.CONFIRMED,
            finding="Ten times\nas many",
            settled_by_id=settled_by.id,
            settled_at=make.NOW + timedelta(minutes=3),
        )
    )
    make.save(Hypothesis(**hypothesis, suspect=CauseCategory.OTHER, claim="The moon"))
    for kind, is_against in ((EvidenceKind.METRIC, False), (EvidenceKind.LOG, True)):
        noted = {"noted_by_id": by.id, "noted_at": make.NOW, "text": f"A {kind.value}"}
        make.save(Evidence(hypothesis_id=settled.id, kind=kind, is_against=is_against, **noted))
    tick = {"incident_id": incident.id, "ticked_at": make.NOW}
    make.save(Tick(**tick, item="first: users", note="300", ticked_by_id=by.id))
    make.save(Tick(**tick, item="resolved: users can work normally"))


def run_there(app: Flask, *arguments: str | Path) -> None:
    """Run a command in the other installation, and leave its connections closed."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], obj=lambda: app)
    with app.app_context():
        session.remove()
        database.engine.dispose()
    assert result.exit_code == 0, result.output


def documents(folder: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_text()) for path in sorted((folder / "incidents").glob("*.json"))}


def test_importing_an_export_elsewhere_gives_the_same_content(
    app: Flask, run: Run, elsewhere: Flask, tmp_path: Path
) -> None:
    incident = full_incident()
    make.incident("A drill", is_drill=True, phase=Phase.RESOLVED)
    make.action("Fix it twice", incidents=(incident, make.incident("It shares an item")))
    make.postmortem(
        make.incident("Skipped"), state=PostmortemState.SKIPPED, skipped_reason="A test", skipped_at=make.NOW
    )
    first, second = tmp_path / "first", tmp_path / "second"
    run("export", "--out", first)

    run_there(elsewhere, "import", first)
    run_there(elsewhere, "export", "--out", second)

    assert documents(second) == documents(first)
    texts = {path.name: path.read_text() for path in (first / "incidents").glob("*.md")}
    assert {path.name: path.read_text() for path in (second / "incidents").glob("*.md")} == texts
    assert len(texts) == 4


def test_importing_an_export_where_it_came_from_changes_nothing(app: Flask, run: Run, tmp_path: Path) -> None:
    full_incident()
    run("export", "--out", tmp_path / "out")

    result = run("import", tmp_path / "out")

    assert result.exit_code == 0
    assert "It is here already as INC-1. Nothing was changed." in result.output


def test_people_of_an_export_come_without_access(app: Flask, run: Run, elsewhere: Flask, tmp_path: Path) -> None:
    full_incident()
    run("export", "--out", tmp_path / "out")

    run_there(elsewhere, "import", tmp_path / "out")

    with elsewhere.app_context():
        people = {person.email: person for person in session.scalars(select(Person))}
        assert set(people) == {"ana@example.com", "ben.ito@example.com", "cy@example.com"}
        assert not any(person.is_active for person in people.values())
        incident = session.scalars(select(Incident)).one()
        assert [person.email for person in incident.named_people] == ["ben.ito@example.com"]
        session.remove()
        database.engine.dispose()


def test_the_markdown_alone_keeps_a_private_incident_private(
    app: Flask, run: Run, elsewhere: Flask, tmp_path: Path
) -> None:
    full_incident()
    run("export", "--out", tmp_path / "out")
    (tmp_path / "out" / "incidents" / "INC-1.json").unlink()

    run_there(elsewhere, "import", tmp_path / "out" / "incidents" / "INC-1.md")

    with elsewhere.app_context():
        incident = session.scalars(select(Incident)).one()
        assert incident.is_private
        assert incident.named_people == []
        session.remove()
        database.engine.dispose()


def test_an_edited_markdown_counts_more_than_the_json_beside_it(
    app: Flask, run: Run, elsewhere: Flask, tmp_path: Path
) -> None:
    full_incident()
    run("export", "--out", tmp_path / "out")
    path = tmp_path / "out" / "incidents" / "INC-1.md"
    path.write_text(path.read_text().replace("Limit retries", "Limit all retries"))

    run_there(elsewhere, "import", path)
    run_there(elsewhere, "export", "--out", tmp_path / "second")

    titles = [item["title"] for item in documents(tmp_path / "second")["INC-1.json"]["action_items"]]
    assert titles == ["Limit all retries", "Add an alert", "Rewrite it"]


@pytest.mark.parametrize("damage", [b"", b"[]", b"\xff\xfe{", b'{"incident": 7}', b"[" * 100_000])
def test_a_damaged_json_costs_only_what_it_alone_held(
    app: Flask, run: Run, elsewhere: Flask, tmp_path: Path, damage: bytes
) -> None:
    full_incident()
    run("export", "--out", tmp_path / "out")
    (tmp_path / "out" / "incidents" / "INC-1.json").write_bytes(damage)

    run_there(elsewhere, "import", tmp_path / "out" / "incidents" / "INC-1.md")
    run_there(elsewhere, "export", "--out", tmp_path / "second")

    found = documents(tmp_path / "second")["INC-1.json"]
    assert found["incident"]["title"] == 'Checkout: "503" <b>'
    assert len(found["action_items"]) == 3


def test_the_files_are_for_their_owner_only(app: Flask, run: Run, tmp_path: Path) -> None:
    make.incident()
    run("export", "--out", tmp_path / "out")

    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(files) > 10
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_a_folder_with_other_files_is_left_alone(app: Flask, run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")

    result = run("export", "--out", tmp_path / "mine")

    assert result.exit_code == 1
    assert "holds other files. Choose an empty folder" in result.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_a_second_export_takes_the_place_of_the_first(app: Flask, run: Run, tmp_path: Path) -> None:
    make.incident("First")
    run("export", "--out", tmp_path / "out")
    make.incident("Second")

    result = run("export", "--out", tmp_path / "out")

    assert result.exit_code == 0
    assert sorted(documents(tmp_path / "out")) == ["INC-1.json", "INC-2.json"]


def test_a_place_that_cannot_be_written_is_told_in_one_line(app: Flask, run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = run("export", "--out", tmp_path / "file" / "below")

    assert result.exit_code == 1
    assert result.stderr.startswith("followthrough: ")
    assert result.stderr.count("\n") == 1


def test_no_secret_is_exported(app: Flask) -> None:
    make.person("Ana", password_hash="$argon2id$quokka")
    make.tracker(sealed_token=b"quokka")
    person = make.person("Ben")
    from tracker.models import ApiToken, Message, SignInLink

    make.save(SignInLink(person_id=person.id, token_hash="quokka-link", created_at=make.NOW, expires_at=make.NOW))
    make.save(
        ApiToken(
            person_id=person.id, name="ci", token_hash="quokka-api", first_characters="ft_quokka", created_at=make.NOW
        )
    )
    link = {"kind": MessageKind.SIGN_IN_LINK, "about": "x", "person_id": person.id, "subject": "Sign in"}
    make.save(Message(**link, text="quokka", html="quokka", run_after=make.NOW, created_at=make.NOW))

    files = dict(exported_files(now=make.NOW))

    assert [name for name, content in files.items() if b"quokka" in content] == []
    assert json.loads(files["tables/people.json"])[0]["email"] == "ana@example.com"
    assert json.loads(files["tables/messages.json"])[0]["subject"] == "Sign in"


def test_each_picture_is_a_file_of_its_own(app: Flask) -> None:
    incident = make.incident()
    shape = {"media_type": "image/png", "width": 1, "height": 1, "added_at": make.NOW}
    make.save(Picture(incident_id=incident.id, key="0" * 32, content=b"red", **shape))

    files = dict(exported_files(now=make.NOW))

    assert files[f"tables/pictures/{incident.ref}-{'0' * 32}.png"] == b"red"
    assert "content" not in json.loads(files["tables/pictures.json"])[0]


def test_what_the_index_packed_stays_here(app: Flask) -> None:
    make.incident("Locks of the ledger")
    read_what_is_marked(make.NOW)

    files = dict(exported_files(now=make.NOW))

    assert "Locks of the ledger" in files["tables/incidents.json"].decode()
    assert files.keys().isdisjoint(f"tables/{table}.json" for table in PACKED_TABLES)


def test_every_column_that_sounds_like_a_secret_is_known_as_one() -> None:
    words = ("hash", "token", "secret", "password", "sealed")
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if table.name not in SECRET_TABLES | PACKED_TABLES and column.name not in SECRET_COLUMNS
        if (table.name, column.name) not in BESIDE_JSON
        if isinstance(column.type, LargeBinary) or any(word in column.name for word in words)
    }

    assert found == set()
