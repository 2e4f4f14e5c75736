"""How often the check for blame and hindsight is right on sentences of real postmortems, and how much it misses.

    python -m bench.blame FOLDER [--save]

FOLDER holds the documents that `labels.csv` names by path and line; of each sentence it keeps a digest and our label,
never the words. A label says which form a careful facilitator would ask about; an empty
one, that there is nothing to ask.
"""

import argparse
import csv
import hashlib
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


def labelled(folder: Path) -> Iterator[Labelled]:
    with (HERE / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lines = (folder / row["document"]).read_text(encoding="utf-8", errors="replace").splitlines()
            found = (one for one in sentences(lines[int(row["line"]) - 1]) if _digest(one) == row["sentence"])
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
    first, second = ([row for row in rows if row.draw == draw] for draw in ("first", "second"))
    head = ["| sentences | labelled | to ask about | precision | recall |", "|---|---|---|---|---|"]
    lines = [score("first draw, read while the forms were written", first), FIRST_MEASURED]
    lines.append(score("second draw, after four forms were mended for it", second))
    return "\n".join([*head, *lines, score("both, as the forms stand", rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--save", action="store_true", help="write the table into RESULT.md")
    arguments = parser.parse_args()
    written = table(list(labelled(arguments.folder)))
    sys.stdout.write(written + "\n")
    if arguments.save:
        result = HERE / "RESULT.md"
        before = result.read_text(encoding="utf-8")
        start, end = before.index("| sentences"), before.index("\n\n", before.index("| sentences"))
        result.write_text(before[:start] + written + before[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
