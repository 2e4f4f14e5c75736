"""What an import writes: every document of a real collection, row by row as it is counted by hand."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tracker.db import session, transaction
from tracker.documents import documents_of
from tracker.markdown_documents import IncidentDocument, to_markdown
from tracker.models import ActionItem, ActionState, Comparison, Incident, Message, Phase, PostmortemState, Severity
from tracker.transfer.containers import decode
from tracker.transfer.importing import Choices, Companions, Fate, Outcome, read_outcomes, write_outcome
from tracker.transfer.keeping import bare
from tracker.transfer.reading import read_postmortem

DATA = Path(__file__).parents[1] / "data" / "postmortems"
GOLD: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA / "gold_dfds.jsonl").read_text(encoding="utf-8").splitlines()
]
NOW = make.NOW


def take(content: bytes | str, *, name: str = "team/outage.md", choices: Choices | None = None) -> list[Outcome]:
    chosen = choices or Choices()
    raw = content.encode() if isinstance(content, str) else content
    outcomes = read_outcomes(raw, name=name, choices=chosen, now=NOW)
    return [write_outcome(outcome, choices=chosen, by=None, now=NOW) for outcome in outcomes]


def written(outcome: Outcome) -> IncidentDocument:
    """What stands in the database."""
    assert outcome.fate is Fate.IMPORTED, outcome.sentence
    session.expire_all()
    incident = session.scalars(select(Incident).where(Incident.number == int(outcome.ref.removeprefix("INC-")))).one()
    return documents_of([incident])[0]


def count(table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_all_dfds_documents_stand_in_the_database_as_their_answers_say(app: Flask) -> None:
    for answer in GOLD:
        [outcome] = take((DATA / answer["path"]).read_bytes(), name=answer["path"])
        document = written(outcome)
        assert document.incident.title == answer["title"]
        assert len(document.entries) == answer["timeline_rows"]
        assert sum(entry.at is not None for entry in document.entries) == answer["timeline_rows_with_full_timestamp"]
        assert len(document.items) == answer["action_items"]
        assert document.postmortem is not None
        assert document.postmortem.state is PostmortemState.PUBLISHED
        assert document.incident.phase is Phase.CLOSED

    assert count(Incident) == 38
    assert count(ActionItem) == sum(answer["action_items"] for answer in GOLD) == 120


def test_every_word_of_every_dfds_document_is_found_in_the_database(app: Flask) -> None:
    lost = []
    for answer in GOLD:
        content = (DATA / answer["path"]).read_bytes()
        [outcome] = take(content, name=answer["path"])
        lost += lost_pieces(content, answer["path"], kept=kept_text(written(outcome)))

    assert lost == []


def kept_text(document: IncidentDocument) -> str:
    """All words of the database; those of an item once more in a row, for its title is the beginning of its text."""
    items = "".join(f"{item.title} {item.detail}" for item in document.items)
    return bare("".join(f"{to_markdown(document)}{items}".split("\n")))


def lost_pieces(content: bytes, name: str, *, kept: str) -> list[str]:
    """Lines, and cells of tables, that are not in what was kept; but for headings that led to a place of their own."""
    layout = {bare(placement.source) for placement in read_postmortem(content, name=name).placed}
    lines = [line for line in decode(content, name=name).split("\n") if bare(line) not in layout]
    pieces = [bare(piece) for line in lines for piece in line.split("|")]
    return [f"{name}: {piece}" for piece in pieces if piece not in kept]


def test_the_search_for_lost_words_sees_one(app: Flask) -> None:
    content = (DATA / GOLD[0]["path"]).read_bytes()

    assert len(lost_pieces(content, GOLD[0]["path"], kept="nothing")) > 20


def test_an_imported_document_is_a_published_postmortem_of_a_closed_incident(app: Flask) -> None:
    text = "# Checkout down\n\n## Summary\n\nIt broke.\n\n## Timeline\n\nTimes in UTC.\n\n- 2026-03-01 10:00 Alert\n"
    [outcome] = take(text)

    document = written(outcome)
    assert document.incident.title == "Checkout down"
    assert document.incident.severity is Severity.SEV3
    assert document.incident.declared_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert document.answers["summary"] == "It broke."
    assert any("SEV3 is assumed" in warning for warning in outcome.warnings)


def test_a_second_import_of_the_same_file_changes_nothing(app: Flask) -> None:
    [first] = take("# Outage\n\n- [ ] Fix it\n")
    [second] = take("# Outage\n\n- [ ] Fix it\n")
    [renamed] = take("# Outage\n\n- [ ] Fix it\n", name="elsewhere/copy.md")

    assert (first.fate, second.fate, renamed.fate) == (Fate.IMPORTED, Fate.KNOWN, Fate.KNOWN)
    assert second.sentence == "It is here already as INC-1. Nothing was changed."
    assert count(Incident) == 1


def test_a_file_that_has_changed_since_is_left_alone_and_told(app: Flask) -> None:
    take("# Outage\n\nFirst words.\n")
    [later] = take("# Outage\n\nOther words.\n")

    assert later.fate is Fate.CHANGED
    assert later.sentence == "It was imported as INC-1 before and has changed since. INC-1 was left alone."
    assert count(Incident) == 1


def test_a_like_title_is_told_but_taken(app: Flask) -> None:
    make.incident("Outage")
    [outcome] = take("# Outage\n\nWords.\n")

    assert outcome.fate is Fate.IMPORTED
    assert any("INC-1 has the same title" in warning for warning in outcome.warnings)


def test_the_service_of_the_import_is_that_of_its_incidents(app: Flask) -> None:
    service = make.service("Checkout")
    [outcome] = take("# Outage\n\nWords.\n", choices=Choices(service=service))

    assert [one.slug for one in written(outcome).incident.services] == ["checkout"]


def test_an_owner_with_an_account_is_found_and_another_one_stays_as_text(app: Flask) -> None:
    make.person("Ana Lund")
    [outcome] = take(
        "# Outage\n\n## Action items\n\n| Action | Owner |\n|---|---|\n| A | Ana Lund |\n| B | Somebody |\n"
    )

    items = {item.title: item for item in written(outcome).items}
    assert items["A"].owner is not None
    assert items["A"].owner.name == "Ana Lund"
    assert (items["B"].owner, items["B"].owner_text) == (None, "Somebody")


def test_an_item_that_is_done_opens_no_watch_window_and_is_not_verified(app: Flask) -> None:
    [outcome] = take("# Outage\n\n## Action items\n\n- [x] Raise the limit\n- [ ] Add an alert\n")

    states = {item.title: item.state for item in written(outcome).items}
    assert states == {"Raise the limit": ActionState.DONE, "Add an alert": ActionState.OPEN}
    events = [event.sentence for item in written(outcome).items for event in item.events]
    assert any("does not say when" in sentence for sentence in events)


def test_nobody_gets_mail_about_what_was_imported(app: Flask) -> None:
    make.person("Ana Lund")
    take("# Outage\n\n## Action items\n\n- Fix it (Ana Lund)\n")
    take("# Outage again\n\n## Action items\n\n- Fix it (Ana Lund)\n")

    assert count(Message) == 0


def test_an_imported_incident_is_compared_once_the_import_is_whole(app: Flask, now: datetime) -> None:
    outcome = take("# Outage\n\n## Action items\n\n- Fix it\n")

    (due,) = session.scalars(select(Comparison))
    assert outcome[0].ref == session.get_one(Incident, due.incident_id).ref
    assert due.run_after - due.asked_at == timedelta(minutes=2)
    assert due.done_at is None


HOSTILE = {
    "empty": b"",
    "blank": b" \n\t\r\n",
    "binary": bytes(range(256)) * 64,
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 200,
    "an archive": b"PK\x03\x04\x14\0\0\0\x08\0" + b"\0\xff" * 400,
    "too long": b"# Long\n\n" + b"word " * 420_000,
    "too large": b"a\n" * (25 * 1024 * 1024 + 1),
    "a block without end": b'---\nfollowthrough: 1\ntitle: "x"\n---\n<!-- ft:summary -->\nwords\n',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_document_is_refused_with_a_sentence(app: Flask, kind: str) -> None:
    [outcome] = take(HOSTILE[kind], name="a/b.md")

    assert outcome.fate is Fate.REFUSED
    assert outcome.sentence.startswith("a/b.md ")
    assert outcome.sentence.endswith(".")
    assert count(Incident) == 0


STRANGE = {
    "utf-16": "# Ausfall der Kasse: größer\n\nWörter\n".encode("utf-16"),
    "utf-16 with a zero": "# Ausfall der Kasse: größer\n\nWör\x00ter\n".encode("utf-16"),
    "byte order mark": "\ufeff# Ausfall der Kasse: größer\n\nWörter\n".encode(),
    "windows": "# Ausfall der Kasse: größer\r\n\r\nWörter\r\n".encode("cp1252"),
    "old line ends": b"# Ausfall der Kasse: gr\xc3\xb6\xc3\x9fer\r\rW\xc3\xb6rter\r",
}


@pytest.mark.parametrize("kind", STRANGE)
def test_strange_encodings_are_read(app: Flask, kind: str) -> None:
    [outcome] = take(STRANGE[kind])

    assert written(outcome).incident.title == "Ausfall der Kasse: größer"
    assert "ter" in written(outcome).answers["notes"]


def test_half_characters_and_zeros_in_escapes_are_replaced(app: Flask) -> None:
    [outcome] = take('---\nfollowthrough: 1\ntitle: "Bad \\ud800 \\u0000 title"\nref: "INC-9"\n---\n')

    assert written(outcome).incident.title.replace("\ufffd", "?") == "Bad ? title"


def test_scripts_are_only_words(app: Flask) -> None:
    [outcome] = take("# <script>alert(1)</script>\n\n## Summary\n\n<img src=x onerror=alert(1)>\n")

    document = written(outcome)
    assert document.incident.title == "<script>alert(1)</script>"
    assert document.answers["summary"] == "<img src=x onerror=alert(1)>"


def test_ten_thousand_rows_are_all_taken(app: Flask) -> None:
    rows = "\n".join(f"| 2026-03-01 {n // 600 % 24:02}:{n // 10 % 60:02} | Row number {n} |" for n in range(10_000))
    [outcome] = take(f"# Long\n\n## Timeline\n\nTimes in UTC.\n\n| Time | Event |\n|---|---|\n{rows}\n")

    assert len(written(outcome).entries) == 10_000


def test_a_table_of_very_many_columns_loses_nothing(app: Flask) -> None:
    cells = " | ".join(f"cell{n}" for n in range(5_000))
    [outcome] = take(f"# Wide\n\n## Action items\n\n| {cells} |\n|{'---|' * 5000}\n| {cells} |\n")

    assert "cell4999" in to_markdown(written(outcome))


def test_a_title_that_is_too_long_is_kept_whole_below(app: Flask) -> None:
    [outcome] = take(f"# {'very ' * 100}long\n\nWords.\n")

    document = written(outcome)
    assert len(document.incident.title) == 300
    assert document.postmortem is not None
    assert any(line.endswith("long") for line in document.postmortem.left_over)


def test_what_the_database_refuses_is_told_and_nothing_of_it_stays(app: Flask) -> None:
    roles = [{"role": "scribe", "email": "ana@example.com", "since": "2026-03-01T10:00:00Z", "until": None}] * 2
    people = [{"email": "ana@example.com", "name": "Ana"}]
    sidecar = json.dumps({"incident": {"ref": "INC-9"}, "roles": roles, "people": people}).encode()
    content = b'---\nfollowthrough: 1\ntitle: "Two scribes"\nref: "INC-9"\n---\n'
    [outcome] = read_outcomes(content, name="INC-9.md", choices=Choices(), now=NOW, beside=Companions(sidecar))

    result = write_outcome(outcome, choices=Choices(), by=None, now=NOW)

    assert result.fate is Fate.REFUSED
    assert "Nothing of it was written" in result.sentence
    assert count(Incident) == 0


def test_two_who_import_at_the_same_time_make_one_incident(app: Flask) -> None:
    [read] = read_outcomes(b"# Outage\n\nWords.\n", name="a.md", choices=Choices(), now=NOW)
    [again] = read_outcomes(b"# Outage\n\nWords.\n", name="a.md", choices=Choices(), now=NOW)

    fates = [write_outcome(one, choices=Choices(), by=None, now=NOW).fate for one in (read, again)]

    assert fates == [Fate.IMPORTED, Fate.KNOWN]


def test_two_people_who_confirm_the_same_document_at_once_import_it_once(app: Flask) -> None:
    both_are_ready = Barrier(2)
    fates: list[Fate] = []

    def confirm() -> None:
        with app.app_context():
            [read] = read_outcomes(b"# Outage\n\nWords.\n", name="a.md", choices=Choices(), now=NOW)
            both_are_ready.wait()
            fates.append(write_outcome(read, choices=Choices(), by=None, now=NOW).fate)

    threads = [Thread(target=confirm), Thread(target=confirm)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert fates.count(Fate.IMPORTED) == 1
    assert set(fates) & {Fate.KNOWN, Fate.REFUSED}
    assert count(Incident) == 1


def test_a_number_that_is_taken_is_not_given_twice(app: Flask) -> None:
    make.incident("Here first")
    content = '---\nfollowthrough: 1\ntitle: "From elsewhere"\nref: "INC-1"\ndeclared: "2026-03-01 10:00 UTC"\n---\n'
    [outcome] = take(content, choices=Choices(keep_numbers=True))

    assert outcome.ref == "INC-2"


def test_reading_changes_nothing(app: Flask) -> None:
    read_outcomes(b"# Outage\n\n- [ ] Fix it\n", name="a.md", choices=Choices(), now=NOW)

    with transaction():
        assert not session.new
    assert count(Incident) == 0
