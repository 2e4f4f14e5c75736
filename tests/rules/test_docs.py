"""What the documents say is so: links lead somewhere, commands, make targets, files and settings exist."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest

from tracker.cli import main
from tracker.config import NAMES, Settings
from tracker.paths import PACKAGE

pytestmark = pytest.mark.once

ROOT = PACKAGE.parent
DECISIONS = ROOT / "docs" / "decisions"
DECISION_LINES = 40
LINK = re.compile(r"\]\(([^)\s]+)\)|\bsrc(?:set)?=\"([^\"]+)\"")
CODE = re.compile(r"```.*?```|`[^`\n]+`(?!\])", re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
OUR_FILE = re.compile(r"(?:tracker|templates|static|tests|docs|bench)/[\w./-]+")
MODULE = re.compile(r"\bpython -m ((?:bench|tests|tracker)[\w.]*\w)")
ROW = re.compile(r"^\| `(?P<name>[A-Z_]+)` \| (?P<default>[^|]+) \| (?P<meaning>[^|]+) \|$", re.MULTILINE)


def documents() -> list[Path]:
    folders = (ROOT.glob("*.md"), (ROOT / "docs").rglob("*.md"), (ROOT / "bench").rglob("*.md"))
    return sorted(path for found in folders for path in found)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code(text: str) -> Iterator[str]:
    """Every span of code, and every line of a block of code without its comment."""
    yield from SPAN.findall(text)
    is_fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            is_fenced = not is_fenced
        elif is_fenced or line.startswith("    "):
            yield re.sub(r"\s+#.*", "", line).strip()


def anchors(path: Path) -> set[str]:
    """The anchors that the headings of a document get where people read it."""
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()).strip() for heading in HEADING.findall(path.read_text())]
    return {heading.replace(" ", "-") for heading in plain}


def broken_links(path: Path) -> Iterator[str]:
    prose = CODE.sub("", path.read_text())
    for target in (linked or shown for linked, shown in LINK.findall(prose)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, part = target.partition("#")
        found = path.parent / file if file else path
        if not found.exists() or (part and part not in anchors(found)):
            yield target


def unknown_commands(text: str) -> Iterator[str]:
    for line in code(text):
        words = re.sub(r"^\S*bin/", "", line)
        if words.startswith("followthrough ") and (fault := command_fault(shlex.split(words)[1:])):
            yield f"`{line}`: {fault}"


def command_fault(words: list[str]) -> str:
    """What is wrong with a command line: a command or an option that does not exist; empty when nothing is."""
    command: click.Command = main
    options: set[str] = set()
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-"):
            found = command.get_command(click.Context(command), word)
            if found is None:
                return f"there is no command {word}"
            command = found
            options = {name for option in found.params for name in option.opts}
        elif word.startswith("--") and word.partition("=")[0] not in options | {"--help", "--version"}:
            return f"there is no option {word}"
    return ""


def unknown_targets(text: str, *, targets: set[str]) -> Iterator[str]:
    for line in code(text):
        words = line.split()
        if words[:1] == ["make"]:
            yield from (word for word in words[1:] if "=" not in word and word not in targets)


def missing_files(text: str) -> list[str]:
    named_files = [span.strip() for span in code(text)]
    return [name for name in named_files if OUR_FILE.fullmatch(name) and not (ROOT / name).exists()]


def missing_modules(text: str) -> list[str]:
    """The modules that are to be run and are not there."""
    paths = {name: ROOT / name.replace(".", "/") for name in MODULE.findall(text)}
    return [name for name, path in paths.items() if not {path.with_suffix(".py"), path / "__main__.py"} & _files()]


@cache
def _files() -> set[Path]:
    return {path for folder in ("bench", "tests", "tracker") for path in (ROOT / folder).rglob("*.py")}


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_relative_link_leads_somewhere() -> None:
    assert [f"{named(path)}: {link}" for path in documents() for link in broken_links(path)] == []


def test_the_link_rule_sees_a_missing_file_and_a_missing_part(tmp_path: Path) -> None:
    path = tmp_path / "one.md"
    path.write_text('# A part\n[a](two.md) [b](#a-part) [c](#another) [d](https://example.com) <img src="e.png">\n')

    assert list(broken_links(path)) == ["two.md", "#another", "e.png"]


def test_every_command_that_a_document_names_exists() -> None:
    assert [f"{named(path)}: {fault}" for path in documents() for fault in unknown_commands(path.read_text())] == []


def test_the_command_rule_sees_a_wrong_command_and_a_wrong_option() -> None:
    text = "`followthrough user link a@b.c` `followthrough serv`\n\n    .venv/bin/followthrough serve --porto 1  # why"

    assert list(unknown_commands(text)) == [
        "`followthrough serv`: there is no command serv",
        "`.venv/bin/followthrough serve --porto 1`: there is no option --porto",
    ]


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = make_targets()

    offenders = [
        f"{named(path)}: make {target}"
        for path in documents()
        for target in unknown_targets(path.read_text(), targets=targets)
    ]
    assert offenders == []


def test_the_target_rule_sees_a_target_that_is_not_there() -> None:
    assert list(unknown_targets("`make run PORT=5050` `make coffee`", targets={"run"})) == ["coffee"]


def test_every_file_that_a_document_names_exists() -> None:
    assert [f"{named(path)}: {file}" for path in documents() for file in missing_files(path.read_text())] == []


def test_the_file_rule_sees_a_file_that_is_not_there() -> None:
    assert missing_files("`tracker/db.py` and `tracker/nothing.py`") == ["tracker/nothing.py"]


def test_every_module_that_is_to_be_run_exists() -> None:
    places = [*documents(), *(path for path in _files() if path != Path(__file__))]

    assert [f"{named(path)}: {name}" for path in places for name in missing_modules(path.read_text())] == []


def test_the_rule_of_modules_sees_one_that_is_not_there() -> None:
    assert missing_modules("`python -m bench.pages --save` or python -m bench.nothing.") == ["bench.nothing"]


def test_every_bench_stands_in_their_index_with_a_result() -> None:
    benches = {path.parent.name for path in (ROOT / "bench").glob("*/__main__.py")}
    index = (ROOT / "bench" / "README.md").read_text()

    assert set(re.findall(r"`bench\.(\w+)", index)) == benches
    assert {name for name in benches if not (ROOT / "bench" / name / "RESULT.md").exists()} == set()


def missing_evidence(text: str) -> list[str]:
    """Files that a row of the checklist names, below ``tests/`` or ``tracker/``, and that are not there."""
    named_files = [span for span in SPAN.findall(text) if re.fullmatch(r"[\w/]+\.py", span)]
    homes = (ROOT, ROOT / "tests", PACKAGE)
    return [name for name in named_files if not any((home / name).is_file() for home in homes)]


def test_the_evidence_of_the_security_checklist_exists() -> None:
    text = (ROOT / "docs" / "asvs.md").read_text()

    assert text.count(".py`") > 60
    assert missing_evidence(text) == []


def test_the_evidence_rule_sees_a_test_that_is_not_there() -> None:
    assert missing_evidence("yes: `accounts/test_audit.py`, `db.py`, `attacks/test_dragons.py`") == [
        "attacks/test_dragons.py"
    ]


def test_every_setting_is_explained_and_no_other() -> None:
    rows = ROW.findall((ROOT / "docs" / "settings.md").read_text())

    assert sorted(name for name, _default, meaning in rows if meaning.strip()) == sorted(NAMES)


def test_the_defaults_in_the_settings_are_those_of_the_program() -> None:
    told = {name: default for name, default, _meaning in ROW.findall((ROOT / "docs" / "settings.md").read_text())}
    known = {field.name.upper(): field.default for field in fields(Settings) if isinstance(field.default, str)}

    assert len(known) == 7
    assert {name: f"`{default}`" if default else "none" for name, default in known.items()} == {
        name: told[name] for name in known
    }
    assert told["TIMEZONE"] == f"`{Settings(instance_path=ROOT, database_url='', secret_key='').timezone.key}`"
    assert ZoneInfo(told["TIMEZONE"].strip("`"))


def test_the_changelog_tells_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_decisions_are_short_and_each_has_its_number() -> None:
    files = sorted(DECISIONS.glob("*.md"))

    offenders = [named(path) for path in files if not path.read_text().startswith(f"# {path.name[:3]}: ")]
    long = [named(path) for path in files if len(path.read_text().splitlines()) > DECISION_LINES]
    assert offenders + long == []
    assert len({path.name[:3] for path in files}) == len(files)
