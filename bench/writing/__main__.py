"""What rendering a text costs: the longest real document, and the preview as a ratio to an empty request.

    python -m bench.writing FOLDER [--save]

FOLDER holds Markdown documents; the longest of them is rendered whole, as one answer. `--save` writes RESULT.md.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import thread_time

from flask import Flask

from tests import make
from tests.browser import Browser
from tracker import create_app, migrating
from tracker.config import Settings
from tracker.db import database
from tracker.markdown import to_html

ROUNDS = 40
HEAD = """# What rendering a text costs

`python -m bench.writing FOLDER --save`, on SQLite, in one process without a network; medians of {rounds} rounds
of processor time (nine other jobs used the machine).

| what | milliseconds |
|---|---:|
"""


def longest(folder: Path) -> str:
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in folder.rglob("*.md"))
    return max(texts, key=len)


def median_ms(work: Callable[[], object]) -> float:
    work()
    taken = []
    for _ in range(ROUNDS):
        begun = thread_time()
        work()
        taken.append(thread_time() - begun)
    return 1000 * statistics.median(taken)


def requests_of(app: Flask, text: str) -> dict[str, float]:
    """The preview of a text, and a request that does nothing, by the same signed-in person."""
    incident = make.incident("A bench")
    make.postmortem(incident)
    browser = Browser(app, person=make.person("Bench"))
    token = browser.token("/profile")
    url = f"/incidents/{incident.ref}/postmortem/preview"
    short = text[:1000]

    def preview(words: str) -> Callable[[], object]:
        return lambda: browser.client.post(url, data={"csrf_token": token, "text": words}).get_data()

    assert browser.client.post(url, data={"csrf_token": token, "text": "**x**"}).status_code == 200
    return {
        "an empty request (`/healthz`)": median_ms(lambda: browser.client.get("/healthz").get_data()),
        "preview of nothing": median_ms(preview("")),
        "preview of 1,000 characters": median_ms(preview(short)),
        "preview of the longest document": median_ms(preview(text)),
    }


def measured(text: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(instance_path=Path(folder), database_url=f"sqlite:///{folder}/b.db", secret_key=make.SECRET)
        app = create_app(settings)
        app.testing = True
        with app.app_context():
            migrating.upgrade()
            found = requests_of(app, text)
            database.engine.dispose()
    return {f"rendering {len(text):,} characters, the longest": median_ms(lambda: to_html(text))} | found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--save", action="store_true")
    arguments = parser.parse_args()
    figures = measured(longest(arguments.folder))
    rows = "".join(f"| {name} | {value:.1f} |\n" for name, value in figures.items())
    empty, whole = figures["an empty request (`/healthz`)"], figures["preview of the longest document"]
    written = HEAD.format(rounds=ROUNDS) + rows + f"\nThe longest preview takes {whole / empty:.1f} empty requests.\n"
    sys.stdout.write(written)
    if arguments.save:
        (Path(__file__).parent / "RESULT.md").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
