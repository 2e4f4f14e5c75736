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
POSITIONAL = 3
"""House: named from the second on. The machine keeps the outer bound, where a caller can no longer read a call."""
STILL_LOOSE = {
    "tracker/clients/github_connection.py: request takes 4 arguments by position",  # as PyGithub calls it
    "tracker/recurrence/commands.py: _row takes 4 arguments by position",
}
"""What others dictate, and what has to be mended yet; the list only ever gets shorter."""
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


def loose_arguments(source: str) -> Iterator[str]:
    """Functions, private ones too, that take more than three arguments by position, or a bare boolean.

    Commands are left out, because click passes all by name, and so are the counts of other decorated functions,
    whose arguments are the parts of an address.
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef) or is_command(node):
            continue
        arguments = [one for one in node.args.posonlyargs + node.args.args if one.arg not in ("self", "cls")]
        for one in arguments:
            if one.annotation is not None and "bool" in ast.unparse(one.annotation).split(" | "):
                yield f"{node.name} takes the bare boolean {one.arg}"
        if len(arguments) > POSITIONAL and not node.decorator_list:
            yield f"{node.name} takes {len(arguments)} arguments by position"


def is_command(node: ast.FunctionDef) -> bool:
    return any(re.search(r"\bcommand\(", ast.unparse(one)) for one in node.decorator_list)


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


def test_arguments_are_named_and_no_boolean_is_bare() -> None:
    offenders = {f"{named(path)}: {words}" for path in modules() for words in loose_arguments(path.read_text())}

    assert offenders == STILL_LOOSE


@pytest.mark.parametrize(
    "definition",
    ["def send(urgent: bool)", "def _send(mail: Mail, urgent: bool | None = None)", "@job\ndef send(urgent: bool)"],
)
def test_the_rule_of_arguments_sees_a_bare_boolean(definition: str) -> None:
    offenders = list(loose_arguments(f"{definition}:\n    pass\n"))

    assert [words.lstrip("_") for words in offenders] == ["send takes the bare boolean urgent"]


def test_the_rule_of_arguments_counts_those_by_position_also_of_a_private_method() -> None:
    source = "class Post:\n    def _send(self, mail: Mail, to: str, at: datetime, about: str):\n        pass\n"

    assert list(loose_arguments(source)) == ["_send takes 4 arguments by position"]


def test_the_rule_of_arguments_lets_named_ones_and_commands_pass() -> None:
    assert list(loose_arguments("def send(mail: Mail, *, to: str, at: datetime, about: str, urgent: bool): pass")) == []
    assert list(loose_arguments("@report.command()\ndef weekly(week: str, send: bool): pass")) == []


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


MAIL_PARTS, POST_PARTS = ("subject.txt", "body.txt", "body.mjml"), ("subject.txt", "chat.txt")


def test_every_mail_has_a_subject_a_text_and_a_layout() -> None:
    """What goes to channels alone has its two parts; a mail that also goes there has them beside its own."""
    folders = [path for path in sorted((TEMPLATES / "mail").iterdir()) if path.is_dir()]
    incomplete = [
        f"{folder.name}/{name}"
        for folder in folders
        for name in (POST_PARTS if {path.name for path in folder.iterdir()} == set(POST_PARTS) else MAIL_PARTS)
        if not (folder / name).is_file()
    ]

    assert folders
    assert incomplete == []


def test_vendored_libraries_carry_their_version_and_licence() -> None:
    vendored = sorted((STATIC / "vendor").iterdir())

    assert vendored
    assert [path.name for path in vendored if not re.fullmatch(r".+@\d+(\.\d+)*", path.name)] == []
    assert [path.name for path in vendored if not any("LICEN" in file.name.upper() for file in path.iterdir())] == []
