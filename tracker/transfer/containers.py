"""From bytes to lines: encodings, line ends, front matter (YAML-like and TOML), what is no document at all."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass

from tracker.transfer.values import NotADocumentError

LARGEST = 50 * 1024 * 1024
_YAML_KEY = re.compile(r"([A-Za-z_][\w .-]{0,60}):(?: (.*))?$")
_ASCIIDOC_HEADING = re.compile(r"(={1,6}) (?=\S)")
_ASCIIDOC_POINT = re.compile(r"\.{1,3} (?=\S)")
_ASCIIDOC_BLOCK = re.compile(r"={4,}\s*$")
_BINARY_SHARE = 0.02
_NOISE_SHARE = 0.05
"""Of random bytes that claim to be UTF-16 about every seventh character is none that anybody writes."""
_WORD = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True)
class Document:
    """The text of one file: its front matter as text by key, the lines of the front matter, the lines after it."""

    front: dict[str, str]
    front_lines: tuple[str, ...]
    lines: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def decode(content: bytes, *, name: str) -> str:
    """The text with line ends as `\\n`. Raises `NotADocumentError` for what is empty, wordless, binary or too large."""
    if len(content) > LARGEST:
        raise NotADocumentError(
            f"{name} is larger than {LARGEST // 1024 // 1024} MB. Split it, or import the parts you need."
        )
    text = _as_text(content, name=name)
    if not text.strip():
        raise NotADocumentError(f"{name} is empty. There is nothing to import.")
    if not _WORD.search(text):
        raise NotADocumentError(f"{name} holds no words. There is nothing to import.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _as_text(content: bytes, *, name: str) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", errors="replace")
        if _share_of_noise(text) > _NOISE_SHARE:
            raise NotADocumentError(f"{name} is not a text file. Give a Markdown file.")
        return text
    if b"\0" in content or _share_of_control_bytes(content) > _BINARY_SHARE:
        raise NotADocumentError(f"{name} is not a text file. Give a Markdown file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _share_of_control_bytes(content: bytes) -> float:
    beginning = content[:65536]
    rare = beginning.translate(None, bytes(range(32, 256)) + b"\t\n\r\f\v\x1b")
    return len(rare) / max(len(beginning), 1)


def _share_of_noise(text: str) -> float:
    """How much of the beginning is broken, not assigned or without a sign to print."""
    beginning = text[:65536]
    noise = sum(sign == "\ufffd" or not (sign.isprintable() or sign.isspace()) for sign in beginning)
    return noise / max(len(beginning), 1)


def open_document(content: bytes, *, name: str) -> Document:
    """Split one file into front matter and lines. The front matter's values are kept as text."""
    text = decode(content, name=name)
    lines = _from_asciidoc(text.split("\n"))
    warnings = () if _is_utf8(content) else ("The file is not UTF-8; unusual letters may be wrong.",)
    closing = {"---": "---", "+++": "+++"}.get(lines[0].rstrip())
    end = _end_of_front(lines, closing=closing) if closing else None
    if end is None:
        return Document(front={}, front_lines=(), lines=tuple(lines), warnings=warnings)
    head = lines[1:end]
    front = _read_yaml(head) if closing == "---" else _read_toml(head)
    if front is None:
        return Document(front={}, front_lines=(), lines=tuple(lines), warnings=warnings)
    return Document(front=front, front_lines=tuple(head), lines=tuple(lines[end + 1 :]), warnings=warnings)


def _from_asciidoc(lines: list[str]) -> list[str]:
    """A document that begins with an AsciiDoc title, with its headings and numbered points as Markdown has them."""
    first = next((line for line in lines if line.strip()), "")
    if not _ASCIIDOC_HEADING.match(first):
        return lines
    points = [_ASCIIDOC_POINT.sub("1. ", line) for line in lines if not _ASCIIDOC_BLOCK.match(line)]
    return [_ASCIIDOC_HEADING.sub(lambda found: "#" * len(found[1]) + " ", line) for line in points]


def _is_utf8(content: bytes) -> bool:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _end_of_front(lines: list[str], *, closing: str) -> int | None:
    for number, line in enumerate(lines[1:500], start=1):
        if line.rstrip() == closing or (closing == "---" and line.rstrip() == "..."):
            return number
    return None


def _read_yaml(lines: list[str]) -> dict[str, str] | None:
    """The top-level keys of simple YAML; what is nested below a key is kept as the text of that key."""
    front: dict[str, list[str]] = {}
    key: str | None = None
    for line in lines:
        match = _YAML_KEY.match(line)
        if match:
            key = match[1].strip()
            front.setdefault(key, []).append(_scalar(match[2] or ""))
        elif key is not None and line.strip():
            front[key].append(line)
        elif line.strip() and not line.lstrip().startswith("#"):
            return None
        elif line.strip():
            front.setdefault("#", []).append(line)
    return {name: "\n".join(part for part in parts if part) for name, parts in front.items()}


def _scalar(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            value = json.loads(text)
        except ValueError:
            return text[1:-1]
        return value if isinstance(value, str) else text
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def _read_toml(lines: list[str]) -> dict[str, str] | None:
    try:
        values = tomllib.loads("\n".join(lines))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return {
        key: value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
        for key, value in values.items()
    }
