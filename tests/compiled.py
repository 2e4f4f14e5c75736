"""What every test's application would compile anew, compiled once a worker: templates and the builders of addresses.

Each test has an application of its own, so that nothing a test did to one is there in the next. Of the code made from
templates and routes nothing can be left behind: it is the same for the same text, and holds no data.
"""

from collections.abc import Callable
from types import CodeType
from typing import ClassVar

from jinja2.bccache import Bucket, BytecodeCache
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
    """A route whose builders, functions of its text alone, are shared with the same route of other applications."""

    _builders: ClassVar[dict[tuple[object, ...], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:  # they are converted while the builder is made
            return super()._compile_builder(append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


def share_compiled_code() -> None:
    Followthrough.url_rule_class = CompiledRule
    Followthrough.jinja_options = {**Followthrough.jinja_options, "bytecode_cache": CompiledTemplates()}
