"""Documents in shapes that none of the measured organisations uses: nothing lost or made up, each in its place."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tracker.transfer.keeping import find_lost_lines
from tracker.transfer.reading import read_postmortem
from tracker.transfer.values import ReadPostmortem

HOUSES = Path(__file__).parents[1] / "data" / "other_houses"


class Told(NamedTuple):
    """What a document tells: its title, what it answers, rows, rows with a day, items, owners."""

    title: str
    answers: str
    rows: int
    placed: int
    items: int
    owners: tuple[str, ...] = ()


EXPECTED = {
    "numbered.md": Told("Incident report: search is down", "root_causes summary who_was_affected", 3, 0, 2, ("Kim",)),
    "html_tables.md": Told("html_tables", "", 0, 0, 0),
    "setext.md": Told("Payments were refused", "what_broke", 3, 0, 2),
    "front.md": Told("Login loop after release 5.2", "root_causes summary", 3, 3, 2, ("Bo", "Ana")),
    "tabs.md": Told("Outage of the build farm", "summary", 3, 0, 2),
    "wiki_export.md": Told(
        "2023-11-08 Incident: exports are empty", "background summary what_alerted_us what_broke", 3, 3, 2, ("@dana",)
    ),
    "emoji_labels.md": Told("Kafka consumer lag 2024-08-19", "root_causes who_was_affected", 4, 4, 2),
    "bold_labels.md": Told(
        "Postmortem – Image resize service",
        "lucky resolution root_causes slow_or_confusing summary what_alerted_us who_was_affected worked_well",
        3,
        3,
        2,
        ("Lee", "Sam"),
    ),
    "asciidoc.adoc": Told("Incident 2021-04: storage full", "summary", 3, 3, 2),
    "german.md": Told("Störung: Bestellungen kommen nicht an", "root_causes summary who_was_affected", 3, 0, 2),
    "prose.md": Told("prose", "", 0, 0, 0),
}


def told(read: ReadPostmortem) -> Told:
    return Told(
        title=read.title,
        answers=" ".join(sorted(read.answers)),
        rows=len(read.timeline),
        placed=sum(row.at is not None for row in read.timeline),
        items=len(read.actions),
        owners=tuple(item.owner_text for item in read.actions if item.owner_text),
    )


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("name", EXPECTED)
def test_a_document_of_another_house_is_read_whole_and_without_guesses(name: str, ends: str) -> None:
    text = (HOUSES / name).read_text(encoding="utf-8")

    read = read_postmortem(text.replace("\n", ends).encode(), name=name)

    assert find_lost_lines(text, read) == ()
    assert told(read) == EXPECTED[name]


def test_an_owner_is_named_by_a_sign_and_not_by_the_word_alone() -> None:
    items = "## Action items\n\n- Name an owner for each host\n- Find the responsible team\n- Pin it (owner: Ana)\n"

    read = read_postmortem(f"# Down\n\n{items}".encode(), name="a.md")

    assert [item.owner_text for item in read.actions] == ["", "", "Ana"]
