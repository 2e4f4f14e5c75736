"""Read a folder of postmortems and compare with what its index and answers say.

    python -m bench.importing FOLDER [--save]

FOLDER holds `INDEX-dev.jsonl` (or any `INDEX*.jsonl`: path, timeline_entries, action_items of each document) and, if
there are answers made with care, `gold_*.jsonl`. The index was counted by a program and is a hint; the gold file is
the measure, for what is read and for what stands in a database after `followthrough import`.
`--save` writes the table to RESULT.md beside this file.
"""

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.importing.written import written_table
from tracker.clock import utcnow
from tracker.transfer.containers import decode
from tracker.transfer.keeping import find_lost_lines
from tracker.transfer.reading import read_postmortem


@dataclass
class Score:
    """Sums over the documents of one organisation."""

    documents: int = 0
    failed: int = 0
    lines: int = 0
    lost: int = 0
    rows: int = 0
    rows_wanted: int = 0
    rows_off: int = 0
    items: int = 0
    items_wanted: int = 0
    items_off: int = 0
    left_over: int = 0
    seconds: float = 0.0


def read_lines(folder: Path, pattern: str) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(folder.glob(pattern))
        for line in path.read_text("utf-8").splitlines()
        if line
    ]


def add(score: Score, *, path: Path, name: str, rows: int, items: int) -> list[str]:
    """Read one document; what differs comes back in words."""
    content = path.read_bytes()
    score.documents += 1
    begin = perf_counter()
    try:
        found = read_postmortem(content, name=name)
    except Exception as error:  # noqa: BLE001 - a bench counts every failure
        score.failed += 1
        return [f"{name}: {error!r}"]
    score.seconds += perf_counter() - begin
    text = decode(content, name=name)
    score.lines += sum(1 for line in text.split("\n") if line.strip())
    score.lost += len(find_lost_lines(text, found))
    score.left_over += len(found.left_over)
    score.rows += len(found.timeline)
    score.rows_wanted += rows
    score.rows_off += abs(rows - len(found.timeline))
    score.items += len(found.actions)
    score.items_wanted += items
    score.items_off += abs(items - len(found.actions))
    return []


def gold_table(folder: Path, gold: list[dict[str, Any]]) -> list[str]:
    """How many of the answers are met, fact by fact."""
    met: dict[str, int] = defaultdict(int)
    wanted: dict[str, int] = defaultdict(int)
    exact = 0
    for answer in gold:
        found = read_postmortem((folder / answer["path"]).read_bytes(), name=answer["path"])
        stated = [row.local_at.isoformat()[:16] for row in found.timeline if row.local_at]
        first, last = (stated[0], stated[-1]) if stated else (None, None)
        facts = {
            "title": (found.title, answer["title"]),
            "time zone": (found.zone, answer["timezone"]),
            "first time": (first, answer["first"]),
            "last time": (last, answer["last"]),
            "category": (found.category_text or None, answer["category"]),
            "attendees": (list(found.attendees), answer["attendees"]),
        }
        counts = {
            "timeline rows": (len(found.timeline), answer["timeline_rows"]),
            "rows with date and time": (len(stated), answer["timeline_rows_with_full_timestamp"]),
            "action items": (len(found.actions), answer["action_items"]),
        }
        for name, (got, want) in facts.items():
            wanted[name] += 1
            met[name] += got == want
        for name, (count, count_wanted) in counts.items():
            wanted[name] += count_wanted
            met[name] += max(0, count_wanted - abs(count - count_wanted))
        exact += all(got == want for got, want in (*facts.values(), *counts.values()))
    lines = [
        "| fact of the gold file | met | of | share |",
        "|---|---:|---:|---:|",
        f"| documents exactly so | {exact} | {len(gold)} | {exact / len(gold):.1%} |",
    ]
    return lines + [
        f"| {name} | {met[name]} | {wanted[name]} | {met[name] / max(wanted[name], 1):.1%} |" for name in wanted
    ]


def index_table(scores: dict[str, Score]) -> list[str]:
    lines = [
        "| from | files | failed | lines | lost | left over | rows | index | off | items | index | off | ms each |",
        "|---|" + "---:|" * 12,
    ]
    total = Score()
    for score in scores.values():
        for name in vars(total):
            setattr(total, name, getattr(total, name) + getattr(score, name))
    for name, score in [*sorted(scores.items()), ("all", total)]:
        milliseconds = 1000 * score.seconds / max(score.documents, 1)
        cells = [name, score.documents, score.failed, score.lines, score.lost, score.left_over]
        cells += [score.rows, score.rows_wanted, score.rows_off, score.items, score.items_wanted, score.items_off]
        lines.append("| " + " | ".join(str(cell) for cell in (*cells, f"{milliseconds:.1f}")) + " |")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    chosen = parser.parse_args()
    scores: dict[str, Score] = defaultdict(Score)
    failures = []
    for entry in read_lines(chosen.folder, "INDEX*.jsonl"):
        failures += add(
            scores[entry["org"]],
            path=chosen.folder / entry["path"],
            name=entry["path"],
            rows=entry["timeline_entries"],
            items=entry["action_items"],
        )
    gold = read_lines(chosen.folder, "gold_*.jsonl")
    measured = [*gold_table(chosen.folder, gold), "", *written_table(chosen.folder, gold)] if gold else []
    table = [*measured, "", *index_table(scores), *failures]
    print("\n".join(table))
    if chosen.save:
        command = f"`python -m bench.importing FOLDER --save`, {utcnow():%Y-%m-%d}"
        head = ["# Import: what is read from real postmortems", "", command, ""]
        tail = [
            "",
            "*Lost* are non-blank source lines found in no field, note, left-over or placed heading. *Off* sums the",
            "differences to the index, document by document. The index counts with a program and is a hint (it takes",
            "no heading for an item, and nested points for items of their own); the gold file is the measure.",
        ]
        Path(__file__).with_name("RESULT.md").write_text("\n".join([*head, *table, *tail]) + "\n", encoding="utf-8")
    return 1 if failures or any(score.lost for score in scores.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
