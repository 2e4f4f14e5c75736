"""How often the check for blame and hindsight is right on sentences of real postmortems, and how much it misses.

    python -m bench.blame FOLDER [FOLDER] [--save]

A folder holds the 163 documents with their `INDEX-dev.jsonl`, or the status history, or clones of the repositories of
`sources.csv` at their commits, each named `owner__repository`. `labels.csv` names a sentence by a digest and keeps none
of its words; a sentence of the documents or the history that is not in it is nothing to ask about (GUIDELINE.md).
"""

import argparse
import csv
import gzip
import hashlib
import json
import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.blame.sentences import opening, sentences
from tracker.blame import FORMS, Wording, hints

HERE = Path(__file__).parent
INDEX = "INDEX-dev.jsonl"
HISTORY = "github_incidents_to_2025-06.jsonl.gz"
TEXTS = ("description", "root_cause", "impact")
CENSUS = {INDEX: 6_018, HISTORY: 3_145}
DRAWS = 4_000
MEASURED_WORDINGS = [one for one in Wording if one is not Wording.NAME]
NAMES = {
    "tuning": "tuning half, 5 organisations: read before the forms were written",
    "held-out": "other half, 8 organisations: as the forms stand now",
    "fresh 1": "first fresh draw, 5 organisations: as the forms stand now",
    "fresh 2": "**second fresh draw, 5 organisations: never tuned on**",
    "status": "a status history of another kind: never tuned on",
}
UNSEEN = frozenset({"fresh 2", "status"})
FIRST_MEASURED = {
    "held-out": ("other half, as it was first measured, before it was mended for", 2_952, ((41, 58), (41, 66))),
    "fresh 1": ("first fresh draw, as it was first measured", 186, ((25, 31), (25, 48))),
}


@dataclass(frozen=True)
class Read:
    """A sentence that was read: what it should be asked about, and what the check asks about."""

    part: str
    labels: frozenset[str]
    asked: frozenset[str]


def asked(text: str) -> frozenset[str]:
    return frozenset(hint.wording.value for hint in hints(text))


def part_of(organisation: str) -> str:
    """Organisations were divided by their digest before a sentence was looked at."""
    return "held-out" if int(hashlib.sha256(organisation.encode()).hexdigest()[0], 16) % 2 else "tuning"


def documents(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The part, the name and the text of each document of a folder that was read whole."""
    if (folder / HISTORY).is_file():
        with gzip.open(folder / HISTORY, "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                yield "status", HISTORY, "\n\n".join(str(row.get(name) or "") for name in TEXTS)
        return
    for line in (folder / INDEX).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield part_of(row["org"]), row["path"], (folder / row["path"]).read_text(encoding="utf-8", errors="replace")


def census(folder: Path, *, labels: dict[tuple[str, str], str]) -> Iterator[Read]:
    """Every different sentence of a folder that was read whole; one without a label is nothing to ask about."""
    seen: set[str] = set()
    for part, name, text in documents(folder):
        for one in sentences(text):
            if one not in seen:
                seen.add(one)
                yield Read(part, _set(labels.get((name, opening(one)), "")), asked(one))
    wanted = CENSUS[HISTORY if (folder / HISTORY).is_file() else INDEX]
    if len(seen) != wanted:
        raise SystemExit(f"{folder} has {len(seen)} sentences; {wanted} were read and labelled.")


def fresh(folder: Path, *, rows: Iterable[dict[str, str]]) -> Iterator[Read]:
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        name = row["document"]
        if name not in found:
            paths = [path for path in sorted((folder / name).rglob("*")) if path.is_file() and ".git" not in path.parts]
            found[name] = {opening(one): one for path in paths for one in sentences(path.read_text(errors="replace"))}
        text = found[name].get(row["opening"])
        if text is not None:
            yield Read(row["part"], _set(row["labels"]), asked(text))


def _set(labels: str) -> frozenset[str]:
    return frozenset(one for one in labels.split("+") if one)


def interval(right: int, *, of: int) -> str:
    """A share with its 95 % interval: what many draws with replacement from the same sentences give (bootstrap)."""
    if of == 0:
        return "none"
    chance = random.Random(5)
    drawn = sorted(sum(chance.random() < right / of for _ in range(of)) / of for _ in range(DRAWS))
    low, high = drawn[DRAWS // 40], drawn[-DRAWS // 40]
    return f"{right / of:.2f} ({low:.2f} to {high:.2f}; {right} of {of})"


def scored(rows: list[Read]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Precision and recall, each as (right, of)."""
    right = sum(bool(row.labels) and bool(row.asked) for row in rows)
    return (right, sum(bool(row.asked) for row in rows)), (right, sum(bool(row.labels) for row in rows))


def of_one(wording: Wording, *, rows: list[Read]) -> tuple[tuple[int, int], tuple[int, int]]:
    wanted = frozenset({wording.value})
    return scored([Read(row.part, row.labels & wanted, row.asked & wanted) for row in rows])


def line(name: str, read: int, shares: tuple[tuple[int, int], tuple[int, int]]) -> str:
    return f"| {name} | {read} | {' | '.join(interval(right, of=of) for right, of in shares)} |"


def table(rows: list[Read]) -> str:
    lines = ["| sentences | read | precision (95 %) | recall (95 %) |", "|---|---|---|---|"]
    for part, name in NAMES.items():
        if part in FIRST_MEASURED:
            first, read, shares = FIRST_MEASURED[part]
            lines.append(line(first, read, shares))
        own = [row for row in rows if row.part == part]
        lines.append(line(name, len(own), scored(own)))
    unseen = [row for row in rows if row.part in UNSEEN]
    return "\n".join([*lines, line("**both that were never tuned on**", len(unseen), scored(unseen))])


def wordings_table(rows: list[Read]) -> str:
    unseen = [row for row in rows if row.part in UNSEEN]
    tuned = [row for row in rows if row.part not in UNSEEN]
    lines = [
        "| wording | precision, tuned on | recall, tuned on | precision, never tuned on | recall, never tuned on |",
        "|---|---|---|---|---|",
    ]
    for wording in MEASURED_WORDINGS:
        shares = [interval(right, of=of) for part in (tuned, unseen) for right, of in of_one(wording, rows=part)]
        lines.append(f"| {wording.value} | {' | '.join(shares)} |")
    return "\n".join(lines)


def forms_digest() -> str:
    """A digest of every pattern: whether the forms are still those that were measured."""
    patterns = [one.pattern for forms in FORMS.values() for form in forms for one in form.patterns]
    return hashlib.sha256("\n".join(patterns).encode()).hexdigest()[:12]


def read_all(folders: list[Path]) -> list[Read]:
    with (HERE / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = {(row["document"], row["opening"]): row["labels"] for row in rows}
    drawn = [row for row in rows if row["part"].startswith("fresh")]
    found: list[Read] = []
    for folder in folders:
        whole = (folder / INDEX).is_file() or (folder / HISTORY).is_file()
        found += census(folder, labels=labels) if whole else fresh(folder, rows=drawn)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--save", action="store_true", help="write the tables into RESULT.md")
    arguments = parser.parse_args()
    rows = read_all(arguments.folders)
    written = f"{table(rows)}\n\n{wordings_table(rows)}\n\nForms: {forms_digest()}"
    sys.stdout.write(written + "\n")
    if arguments.save:
        result = HERE / "RESULT.md"
        before = result.read_text(encoding="utf-8")
        start, end = before.index("| sentences"), before.index("\n", before.index("\nForms: ") + 1)
        result.write_text(before[:start] + written + before[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
