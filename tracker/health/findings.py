"""What the doctor says of one thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    name: str
    is_ok: bool
    sentence: str


def ok(name: str, sentence: str) -> Finding:
    return Finding(name, is_ok=True, sentence=sentence)


def wrong(name: str, sentence: str) -> Finding:
    return Finding(name, is_ok=False, sentence=sentence)
