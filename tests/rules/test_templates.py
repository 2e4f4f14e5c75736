"""What a template takes from others: it imports each macro it calls, and none that it does not."""

from collections.abc import Iterator
from functools import cache

import pytest
from jinja2 import Environment, nodes

from tracker.paths import TEMPLATES

pytestmark = pytest.mark.once

LIBRARY = "_macros/"


@cache
def parsed() -> dict[str, nodes.Template]:
    paths = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    return {str(path.relative_to(TEMPLATES)): Environment().parse(path.read_text()) for path in paths}  # noqa: S701


def macros(template: nodes.Template) -> set[str]:
    return {found.name for found in template.find_all(nodes.Macro)}


def imported(template: nodes.Template) -> set[str]:
    names = {found.target for found in template.find_all(nodes.Import)}
    for found in template.find_all(nodes.FromImport):
        names |= {name if isinstance(name, str) else name[1] for name in found.names}
    return names


def read(template: nodes.Template) -> set[str]:
    return {found.name for found in template.find_all(nodes.Name) if found.ctx == "load"}


def called(template: nodes.Template) -> Iterator[str]:
    for found in template.find_all(nodes.Call):
        if isinstance(found.node, nodes.Name):
            yield found.node.name
        elif isinstance(found.node, nodes.Getattr):
            yield found.node.attr


def faults(template: nodes.Template, *, library: set[str]) -> list[str]:
    unused = imported(template) - read(template)
    borrowed = library & read(template) & set(called(template)) - imported(template) - macros(template)
    return [f"imports {name} for nothing" for name in sorted(unused)] + [
        f"calls {name} and does not import it" for name in sorted(borrowed)
    ]


def test_a_template_imports_what_it_calls_and_nothing_else() -> None:
    library = {macro for name, template in parsed().items() if name.startswith(LIBRARY) for macro in macros(template)}

    offenders = [
        f"{name} {fault}" for name, template in parsed().items() for fault in faults(template, library=library)
    ]
    assert offenders == []


def test_every_macro_is_called_somewhere() -> None:
    used = {name for template in parsed().values() for name in called(template)}

    assert [f"{name}: {macro}" for name, found in parsed().items() for macro in sorted(macros(found) - used)] == []


def test_the_rule_of_imports_sees_one_for_nothing_and_one_that_is_missing() -> None:
    source = '{% from "_macros/ui.html" import badge, card %}{{ badge(1) }}{% call reveal("More") %}{% endcall %}'

    assert faults(Environment().parse(source), library={"badge", "card", "reveal"}) == [  # noqa: S701
        "imports card for nothing",
        "calls reveal and does not import it",
    ]
