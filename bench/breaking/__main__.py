"""Each defence taken away once, in a copy of the program: the attack's test must go red.

    python -m bench.breaking [--save]

Exit status 1 when a test stays green, or cannot be run, without what it is for; `--save` writes RESULT.md.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bench.breaking.defences import DEFENCES, Defence, Line
from bench.machine import machine

TREE = Path(__file__).parent.parent.parent
PARTS = ("tracker", "templates", "static", "tests", "pyproject.toml")
RED = 1
"""Pytest's exit status when tests ran and some failed; what cannot even be collected gives another one."""
NO_PROOF = "**nothing: the test is no proof**"


def copy_to(folder: Path) -> None:
    for name in PARTS:
        if (TREE / name).is_file():
            shutil.copy(TREE / name, folder / name)
        else:
            shutil.copytree(TREE / name, folder / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))


def tests_that_fail(defence: Defence, *, folder: Path) -> list[str]:
    """The names of the tests that go red without it; none when all stay green or nothing could run."""
    whole = {folder / line.path: (folder / line.path).read_text(encoding="utf-8") for line in defence.lines}
    try:
        for line in defence.lines:
            take_away(line, path=folder / line.path)
        command = [sys.executable, "-m", "pytest", defence.test, "-q", "-x", "-p", "no:cacheprovider", "--tb=no"]
        environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    finally:
        for path, text in whole.items():
            path.write_text(text, encoding="utf-8")
    if ran.returncode != RED:
        return []
    failed = [line for line in ran.stdout.splitlines() if line.startswith("FAILED ")]
    return [line.split("::")[1].split(" ")[0].split("[")[0] for line in failed]


def take_away(line: Line, *, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(line.is_now) != 1:
        raise SystemExit(
            f"{line.path} has changed: tell bench/breaking what stands there now for {line.is_now.strip()}"
        )
    path.write_text(text.replace(line.is_now, line.without), encoding="utf-8")


def places(defence: Defence) -> str:
    """Each file, and how many lines of it."""
    counted = Counter(line.path for line in defence.lines)
    return ", ".join(f"`{path}`" + (f" ({number} lines)" if number > 1 else "") for path, number in counted.items())


def report(found: list[tuple[Defence, list[str]]]) -> str:
    lines = [
        "# Each defence taken away once",
        "",
        f"`python -m bench.breaking --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        "In a copy of the program a line is taken away; then the attack's test must fail. The first that did is named.",
        "Where there are two lines and the second alone still stops it, both are taken away.",
        "",
        "| attack | what was taken away, in | red without it |",
        "|---|---|---|",
        *(f"| {one.attack} | {places(one)} | {', '.join(red) or NO_PROOF} |" for one, red in found),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    chosen = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory(prefix="followthrough-") as name:
        copy_to(Path(name))
        for defence in DEFENCES:
            found.append((defence, tests_that_fail(defence, folder=Path(name))))
            print(defence.attack, found[-1][1], flush=True)
    if chosen.save:
        (Path(__file__).parent / "RESULT.md").write_text(report(found), encoding="utf-8")
    return 0 if all(red for _defence, red in found) else 1


if __name__ == "__main__":
    sys.exit(main())
