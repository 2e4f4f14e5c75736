"""Rules about the source that no linter knows. Each names the offenders."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker.paths import PACKAGE, STATIC, TEMPLATES

pytestmark = pytest.mark.once

MODULE_LINES = 300
FUNCTION_LINES = 40
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "data", "info", "handle", "process", "service"}


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]


def templates() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".mjml", ".txt", ".md"))


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE.parent))


def commits(source: str) -> list[int]:
    """The lines that end a transaction by hand."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]


def long_functions(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{node.name} has {lines} lines"


def unmarked_optional_arguments(source: str) -> Iterator[str]:
    """Public functions that take more than two arguments by position, or a bare boolean."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not node.decorator_list:
            for argument in node.args.args:
                if isinstance(argument.annotation, ast.Name) and argument.annotation.id == "bool":
                    yield f"{node.name} takes the bare boolean {argument.arg}"


def test_only_the_database_module_and_the_migrations_commit() -> None:
    allowed = {PACKAGE / "db.py", PACKAGE / "migrating.py"}

    offenders = [
        f"{named(path)}:{line}" for path in modules() if path not in allowed for line in commits(path.read_text())
    ]

    assert offenders == []


def test_the_commit_rule_sees_a_commit() -> None:
    assert commits("def save():\n    session.commit()\n") == [2]


def test_modules_and_functions_stay_small() -> None:
    long_modules = [
        f"{named(path)} has {count} lines" for path in modules() if (count := lines_of(path)) > MODULE_LINES
    ]
    long = [f"{named(path)}: {words}" for path in modules() for words in long_functions(path.read_text())]

    assert long_modules + long == []


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_the_size_rule_sees_a_long_function() -> None:
    source = "def long():\n" + "    pass\n" * FUNCTION_LINES

    assert list(long_functions(source)) == ["long has 41 lines"]


def test_no_function_takes_a_bare_boolean() -> None:
    offenders = [
        f"{named(path)}: {words}" for path in modules() for words in unmarked_optional_arguments(path.read_text())
    ]

    assert offenders == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        named(path)
        for path in modules()
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def test_names_mean_something() -> None:
    assert [named(path) for path in modules() if path.stem in FORBIDDEN_NAMES] == []


def test_no_template_marks_text_as_safe() -> None:
    """Markdown goes through markdown.py; everything else is escaped."""
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+false")

    assert [named(path) for path in templates() if unsafe.search(path.read_text())] == []


def test_every_page_extends_a_layout() -> None:
    """Pages extend a layout; a file whose name begins with _ is a part of a page."""
    frames = {"base.html", "bare.html"}
    pages = [path for path in templates() if path.suffix == ".html" and not path.name.startswith("_")]
    pages = [
        path for path in pages if path.name not in frames and "_macros" not in path.parts and "mail" not in path.parts
    ]

    assert [named(path) for path in pages if not re.search(r"{%-?\s*extends", path.read_text())] == []


def test_every_mail_has_a_subject_a_text_and_a_layout() -> None:
    folders = [path for path in sorted((TEMPLATES / "mail").iterdir()) if path.is_dir()]
    incomplete = [
        f"{folder.name}/{name}"
        for folder in folders
        for name in ("subject.txt", "body.txt", "body.mjml")
        if not (folder / name).is_file()
    ]

    assert folders
    assert incomplete == []


def test_vendored_libraries_carry_their_version_and_licence() -> None:
    vendored = sorted((STATIC / "vendor").iterdir())

    assert vendored
    assert [path.name for path in vendored if not re.fullmatch(r".+@\d+(\.\d+)*", path.name)] == []
    assert [path.name for path in vendored if not any("LICEN" in file.name.upper() for file in path.iterdir())] == []
