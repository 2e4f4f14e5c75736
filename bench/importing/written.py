"""Import documents into a fresh database with the real command, and count what stands there."""

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sqlalchemy import select

from tracker import create_app
from tracker.config import load_settings
from tracker.db import database, session
from tracker.documents import documents_of
from tracker.markdown_documents import IncidentDocument, to_markdown
from tracker.models import Incident
from tracker.transfer.containers import decode
from tracker.transfer.keeping import bare
from tracker.transfer.reading import read_postmortem


def written_table(folder: Path, gold: list[dict[str, Any]]) -> list[str]:
    """Fact by fact, what stands in the database of what the answers say."""
    with tempfile.TemporaryDirectory() as instance:
        environ = {**os.environ, "FOLLOWTHROUGH_INSTANCE_PATH": instance}
        command = [sys.executable, "-m", "tracker"]
        subprocess.run([*command, "db", "upgrade"], env=environ, check=True, capture_output=True)
        begin = perf_counter()
        paths = [str(folder / answer["path"]) for answer in gold]
        subprocess.run([*command, "import", *paths], env=environ, check=True, capture_output=True)
        seconds = perf_counter() - begin
        again = subprocess.run([*command, "import", *paths], env=environ, check=True, capture_output=True, text=True)
        app = create_app(load_settings({"FOLLOWTHROUGH_INSTANCE_PATH": instance}))
        with app.app_context():
            documents = documents_of(session.scalars(select(Incident).order_by(Incident.number)).all())
            lines = _lines(folder, gold, documents)
            session.remove()
            database.engine.dispose()
    return [*lines, "", f"{len(gold)} files in {seconds:.1f} s. The second run: {again.stdout.splitlines()[-1]}"]


def _lines(folder: Path, gold: list[dict[str, Any]], documents: list[IncidentDocument]) -> list[str]:
    met: dict[str, int] = defaultdict(int)
    wanted: dict[str, int] = defaultdict(int)
    for answer, document in zip(gold, documents, strict=True):
        times = sum(entry.at is not None for entry in document.entries)
        pieces, lost = _words(folder / answer["path"], document)
        met["title"] += document.incident.title == answer["title"]
        wanted["title"] += 1
        for name, count, count_wanted in (
            ("timeline rows", len(document.entries), answer["timeline_rows"]),
            ("rows placed in UTC", times, answer["timeline_rows_with_full_timestamp"]),
            ("action items", len(document.items), answer["action_items"]),
            ("lines and cells of the source, found again", pieces - lost, pieces),
        ):
            met[name] += max(0, count_wanted - abs(count - count_wanted))
            wanted[name] += count_wanted
    lines = ["| fact, as it stands in the database | met | of | share |", "|---|---:|---:|---:|"]
    return lines + [f"| {name} | {met[name]} | {wanted[name]} | {met[name] / wanted[name]:.1%} |" for name in wanted]


def _words(path: Path, document: IncidentDocument) -> tuple[int, int]:
    """How many lines and cells the source has, and how many are lost; headings that led to a place are neither."""
    content = path.read_bytes()
    layout = {bare(placement.source) for placement in read_postmortem(content, name=path.name).placed}
    lines = [line for line in decode(content, name=path.name).split("\n") if bare(line) not in layout]
    pieces = [piece for line in lines for cell in line.split("|") if (piece := bare(cell))]
    items = "".join(f"{item.title} {item.detail}" for item in document.items)
    kept = bare(f"{to_markdown(document)}{items}".replace("\n", ""))
    return len(pieces), sum(piece not in kept for piece in pieces)
