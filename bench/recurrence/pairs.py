"""Labelled pairs of real postmortems, imported as the product imports them: where the earlier one stands."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sqlalchemy import select

from bench.pages.filled import settings_for
from tests.databases import make_template
from tracker import create_app
from tracker.cli import main
from tracker.db import session
from tracker.models import Incident
from tracker.recurrence.described import described_incidents
from tracker.recurrence.similarity import Basis, Described, Library, prepare
from tracker.transfer.queries import Origin
from tracker.transfer.sources import source_name

NEGATIVE = "same_symptom_different_cause"
FIRST = 3


@dataclass(frozen=True)
class Placed:
    """A pair, where the earlier one stands among its organisation's for the later one, and how likely it was called."""

    later: str
    is_negative: bool
    place: int | None
    likelihood: float
    is_alarm: bool


def imported(folder: Path, work: Path) -> dict[str, Described]:
    """Every document of the folder by its path in it, as the index would read it after `followthrough import`."""
    settings = settings_for(work, f"sqlite:///{work / 'pairs.db'}")
    make_template(settings.database_url, work)
    app = create_app(settings)
    for one in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("_")):
        done = CliRunner().invoke(main, ["import", str(one)], obj=lambda: app)
        if done.exit_code:
            raise SystemExit(done.output)
    paths = {Origin.of(source_name(path), text="").name: path for path in folder.rglob("*") if path.is_file()}
    with app.app_context():
        names = {row.id: row.imported_name for row in session.execute(select(Incident.id, Incident.imported_name))}
        return {
            str(paths[names[one.id]].relative_to(folder)): one
            for one in described_incidents(sorted(names))
            if names[one.id] in paths
        }


def placed(pair: dict[str, Any], known: dict[str, Described]) -> Placed:
    """Asked as the product asks: with the causes when they are written; the later of the two by what was read."""
    earlier, later = sorted((known[pair["a"]], known[pair["b"]]), key=lambda one: (one.moment, one.id))
    organisations = {pair[side].split("/", maxsplit=1)[0] for side in ("a", "b")}
    near = [prepare(one) for name, one in known.items() if name.split("/", maxsplit=1)[0] in organisations]
    basis = Basis.POSTMORTEM if later.cause_text.strip() else Basis.DECLARED
    asking, library = prepare(later), Library(near)
    ranking = library.rank(asking, basis=basis)
    found = next(
        (one for one in library.match(asking, basis=basis, limit=len(near)) if one.incident_id == earlier.id), None
    )
    return Placed(
        pair["b"],
        pair["label"] == NEGATIVE,
        ranking.index(earlier.id) + 1 if earlier.id in ranking else None,
        found.score if found else 0.0,
        found is not None and found.band.is_alarm,
    )


def measure_pairs(folder: Path, work: Path) -> Iterator[tuple[str, str, str, str]]:
    known = imported(folder, work)
    lines = [
        line for path in sorted(folder.glob("recurrences*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    pairs = [json.loads(line) for line in lines if line.strip()]
    every = [placed(pair, known) for pair in pairs if pair["a"] in known and pair["b"] in known]
    positives, negatives = ([one for one in every if one.is_negative is wanted] for wanted in (False, True))
    first = sum(one.place is not None and one.place <= FIRST for one in positives)
    yield "postmortem pairs: positives in the first 3", ".85", *told(first, len(positives))
    above = sum(is_above(one, positives) for one in negatives)
    yield (
        "postmortem pairs: hard negatives above a positive of the same incident",
        "at most 1",
        *told(above, len(negatives)),
    )
    level = sorted(one.likelihood for one in positives)[len(positives) // 2]
    likelier = sum(one.likelihood > level for one in negatives)
    yield "postmortem pairs: hard negatives likelier than the middle positive", "", *told(likelier, len(negatives))
    for name, some in (("positives", positives), ("hard negatives", negatives)):
        yield f"postmortem pairs: {name} that are alarmed", "", *told(sum(one.is_alarm for one in some), len(some))
    yield (
        "postmortem pairs: not measured, a document was not found",
        "at most 0",
        str(len(pairs) - len(every)),
        f"of {len(pairs)}",
    )


def is_above(negative: Placed, positives: list[Placed]) -> bool:
    """Whether it stands before a positive in the answer to the same incident."""
    same = [one for one in positives if one.later == negative.later]
    return negative.place is not None and any(one.place is None or negative.place < one.place for one in same)


def told(right: int, of: int) -> tuple[str, str]:
    """A share with Wilson's interval."""
    if not of:
        return "not known", "none"
    share, z = right / of, 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{share:.3f}", f"{middle - half:.3f} to {middle + half:.3f} ({right} of {of})"
