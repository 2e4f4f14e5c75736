"""How often the check for blame and hindsight is right on sentences of real postmortems, and how much it misses.

    python -m bench.blame FOLDER [FOLDER] [--save]

The folders hold the documents that `labels.csv` names by path and line; of each sentence it keeps a digest and our
label, never the words. A document that ends in .jsonl.gz is a list of incidents, one a line, and its texts are read. A
label says which form a careful facilitator would ask about; an empty one, that there is nothing to ask.
"""

import argparse
import csv
import gzip
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tracker.blame import hints

HERE = Path(__file__).parent
MARK = re.compile(r"^[\s>|*#\-\d.)\[\]xX]+")
END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'*(\[])")
THIRD_MEASURED = "| third draw, as it was first measured | 113 | 10 | 0.30 (6 of 20) | 0.60 (6 of 10) |"
TEXTS = ("description", "root_cause", "impact")
FIRST_MEASURED = "| second draw, as it was first measured | 115 | 13 | 0.60 (9 of 15) | 0.69 (9 of 13) |"


@dataclass(frozen=True)
class Labelled:
    draw: str
    text: str
    label: str


def sentences(line: str) -> Iterator[str]:
    """The sentences of one line, without its list marks and the addresses of its links."""
    text = re.sub(r"\]\([^)]*\)", "]", MARK.sub("", line).strip())
    yield from (one.strip(" |") for one in END.split(text))


def lines_of(document: str, *, folders: list[Path]) -> list[str]:
    path = next((folder / document for folder in folders if (folder / document).is_file()), None)
    if path is None:
        raise SystemExit(f"{document} is in none of the folders.")
    if not document.endswith(".jsonl.gz"):
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        incidents = [json.loads(line) for line in file]
    return ["\n".join(str(one.get(name) or "") for name in TEXTS) for one in incidents]


def labelled(folders: list[Path]) -> Iterator[Labelled]:
    read: dict[str, list[str]] = {}
    with (HERE / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["document"] not in read:
                read[row["document"]] = lines_of(row["document"], folders=folders)
            lines = read[row["document"]][int(row["line"]) - 1].splitlines()
            found = (one for line in lines for one in sentences(line) if _digest(one) == row["sentence"])
            text = next(found, None)
            if text is None:
                raise SystemExit(f"{row['document']}, line {row['line']}: the labelled sentence is not there.")
            yield Labelled(row["draw"], text, row["label"])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def score(name: str, rows: list[Labelled]) -> str:
    counts = Counter((bool(hints(row.text)), bool(row.label)) for row in rows)
    right, wrong, missed = counts[True, True], counts[True, False], counts[False, True]
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    return (
        f"| {name} | {len(rows)} | {right + missed} | {precision:.2f} ({right} of {right + wrong}) "
        f"| {recall:.2f} ({right} of {right + missed}) |"
    )


def table(rows: list[Labelled]) -> str:
    first, second, third = ([row for row in rows if row.draw == draw] for draw in ("first", "second", "third"))
    head = ["| sentences | labelled | to ask about | precision | recall |", "|---|---|---|---|---|"]
    lines = [score("first draw, read while the forms were written", first), FIRST_MEASURED]
    lines.append(score("second draw, after four forms were mended for it", second))
    lines += [THIRD_MEASURED, score("third draw, after the forms were mended for it", third)]
    return "\n".join([*head, *lines, score("all, as the forms stand", rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--save", action="store_true", help="write the table into RESULT.md")
    arguments = parser.parse_args()
    written = table(list(labelled(arguments.folders)))
    sys.stdout.write(written + "\n")
    if arguments.save:
        result = HERE / "RESULT.md"
        before = result.read_text(encoding="utf-8")
        start, end = before.index("| sentences"), before.index("\n\n", before.index("| sentences"))
        result.write_text(before[:start] + written + before[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
