"""What every test's application would compile anew, compiled once a worker: templates, routes and statements.

Each test has an application of its own, so that nothing a test did to one is there in the next. Of what is made from
templates, routes and statements nothing can be left behind: it is the same for the same text, and holds no data.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any, ClassVar

from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from tracker import Followthrough


class CompiledTemplates(BytecodeCache):
    """Code of templates, in memory. A template that was changed has another checksum, and is compiled again."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


class CompiledRule(Rule):
    """A route whose parts and builders, functions of its text alone, are shared with those of other applications."""

    _compiled: ClassVar[dict[tuple[object, ...], dict[str, Any]]] = {}
    _builders: ClassVar[dict[tuple[object, ...], Callable[..., tuple[str, str]]]] = {}

    def compile(self) -> None:
        if self.defaults:  # they are converted while the builder is made
            return super().compile()
        key = (self.rule, self.subdomain, self.host, self.merge_slashes)
        if key not in self._compiled:
            super().compile()
            self._compiled[key] = {
                name: getattr(self, name) for name in ("_parts", "_trace", "_converters", "arguments")
            }
        vars(self).update(self._compiled[key])
        self._build = self._compile_builder(False).__get__(self, None)
        self._build_unknown = self._compile_builder(True).__get__(self, None)
        return None

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


STATEMENTS = 2_000
"""How many compiled statements are kept; all pages together have fewer."""
_dialects: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}


def share_compiled_statements(engine: Engine) -> None:
    """Give an engine the dialect and the compiled statements of the worker's first engine of that kind."""
    if engine.name == "postgresql" and engine.name not in _dialects:
        engine.connect().close()  # a dialect learns from its first connection, and the first test may need none
    dialect, statements = _dialects.setdefault(engine.name, (engine.dialect, LRUCache(STATEMENTS)))
    engine.dialect = dialect
    engine.update_execution_options(compiled_cache=statements)


def share_compiled_code() -> None:
    Followthrough.url_rule_class = CompiledRule
    Followthrough.jinja_options = {**Followthrough.jinja_options, "bytecode_cache": CompiledTemplates()}
