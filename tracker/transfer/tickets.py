"""Which words of an action item point at a ticket of a tracker, and which only look like it."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'|]{4,500}")
_ISSUE_PATH = re.compile(r"/(?:issues|work_items|browse)/[A-Za-z0-9-]{1,40}$")
_PULL_PATH = re.compile(r"/(?:pull|pulls|merge_requests)/\d{1,10}$")
_LINK = re.compile(r"\[([^\[\]]{1,200})\](?:\(\s*<?(https?://[^\s<>()]{4,500})>?[^()]{0,200}\)|\[([^\[\]]{0,200})\])?")
_NUMBER = re.compile(r"(?<![\w/&#])(?:([\w.-]{1,80}/[\w.-]{1,100}))?#(\d{1,9})(?![\w#;-])")
_KEY = re.compile(r"(?<![\w/.#-])([A-Z][A-Z0-9]{1,9})-(\d{1,7})(?![\w-]|\.\w)")
_NOT_PROJECTS = frozenset(
    """
    A AES AI ANSI AP ARM ASCII BASE BIP CAT CHIP CIP COVID CVE CWE DDR DES EC EC2 ECMA EIP ES EU FIPS GHSA
    GMT GPT HIPAA HTTP IEEE INC IPV ISO KB MD MD5 MP MPEG MR NIST NODE P PART PCI PEP PHASE PM PORT PR PS Q
    RFC RHEL RSA RUSTSEC SA SEV SHA SNYK SOC SSL STEP TLS US USB UTC UTF VLAN WPA X86 ZONE
    """.split()  # noqa: SIM905
)
_DEFINITION = re.compile(r" {0,3}\[([^\[\]]{1,200})\]:[ \t]{0,8}<?(\S{1,500}?)>?(?:[ \t].{0,300})?$")


def link_definitions(lines: tuple[str, ...]) -> dict[str, str]:
    """The addresses of reference links (`[#11134]: https://...`) by their label in small letters."""
    found = {}
    for line in lines:
        match = _DEFINITION.match(line) if line.lstrip()[:1] == "[" else None
        if match and not match[1].startswith("^"):
            found[match[1].strip().lower()] = match[2]
    return found


def is_definition(line: str) -> bool:
    """Whether the line defines a reference link or a footnote."""
    return line.lstrip()[:1] == "[" and _DEFINITION.match(line) is not None


def ticket_refs(text: str, *, definitions: dict[str, str]) -> tuple[str, ...]:
    """Addresses, `owner/repo#1`, `#1` and `KEY-1` that name a ticket, each once, in their order."""
    text = text[:20_000]
    found: list[tuple[int, str]] = []
    spent: list[tuple[int, int]] = []
    for match in _LINK.finditer(text):
        address = match[2] or definitions.get((match[3] or match[1]).strip().lower(), "")
        if address.startswith("http") and (
            _is_issue(address) or (_PULL_PATH.search(address) and match[1].strip().startswith("#"))
        ):
            found.append((match.start(), address))
        if address:
            spent.append((match.start(), match.end()))
    for match in _ADDRESS.finditer(text):
        if not _within(match.start(), spent):
            spent.append((match.start(), match.end()))
            if _is_issue(match[0]):
                found.append((match.start(), match[0].rstrip(".,;:")))
    found += _bare(text, spent=spent)
    return tuple(dict.fromkeys(ref for _, ref in sorted(found)))


def _bare(text: str, *, spent: list[tuple[int, int]]) -> list[tuple[int, str]]:
    found = []
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - 14) : match.start()].lower().rstrip(" [(")
        if not _within(match.start(), spent) and not before.endswith(("pr", "pull request", "pull", "mr")):
            found.append((match.start(), match[0]))
    keys = (match for match in _KEY.finditer(text) if match[1] not in _NOT_PROJECTS)
    return found + [(match.start(), match[0]) for match in keys if not _within(match.start(), spent)]


def _is_issue(address: str) -> bool:
    path = re.split(r"[?#]", address.rstrip(".,;:/"), maxsplit=1)[0]
    return bool(_ISSUE_PATH.search(path))


def _within(position: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)
