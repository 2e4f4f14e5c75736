"""Walks over every address with what no page of ours sends: each field, each part of an address, each name alone."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.browser import Browser, form_values
from tests.rules.walk import READING, World, browser_of, checks_itself, rules, send, token_of
from tracker.db import database
from tracker.models import Person

MARK = "zq9mark"
VALUES = (
    f"{MARK}'\"\\%_)--;", f"\x00{MARK}", "9" * 30, "-1", "2147483648", "2026-99-99", "0001-01-01T00:00", "9999-12-31",
    "é" * 400, "[1]", "²", "", "\x0b\x1f", f"{MARK}\r\nBcc: x@y.z", "a@" + "b" * 300, "http://[", f"javascript:{MARK}",
    "a" * 100_000, "9999-W53", "\u202e",
)  # fmt: skip
SEGMENTS = (
    "\x00", "\xff", "%00", "..", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "a" * 5000, "\u202e", "'\"", "INC-0",
    "INC-999999999", "9" * 40, "-1", "\r\nX-Y: z", "{{7*7}}", ";", "\\..\\",
)  # fmt: skip
NOT_PRESSED = re.compile(r"sign-out|deactivate|/remove$|sessions|/profile/password")
"""Buttons after which the walk could not go on: who walks would be signed out, or what is walked on gone."""
WRITES = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
NOTED_ABOUT_STRANGERS = frozenset({"guesses", "sessions"})
"""What a request may write whoever sends it: that somebody guessed, and that a session is in use."""


@dataclass(frozen=True)
class SentForm:
    address: str
    values: dict[str, Any]


@dataclass
class Found:
    """What a walk came upon."""

    requests: int = 0
    faults: list[str] = field(default_factory=list)
    injected: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def look_at(self, answer: TestResponse, what: str) -> None:
        self.requests += 1
        if answer.status_code >= 500 or b"Traceback (most recent" in answer.get_data():
            self.faults.append(f"{what}: {answer.status_code}")


@contextmanager
def watched(found: Found) -> Iterator[None]:
    """Note each statement that has a value in its text, and each that writes."""

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if MARK in statement:
            found.injected.append(statement)
        if (match := WRITES.match(statement)) and match[1] not in NOTED_ABOUT_STRANGERS:
            found.written.append(statement[:120])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def names_and_forms(app: Flask, world: World, person: Person) -> tuple[dict[str, set[str]], list[SentForm]]:
    """What each page asks an address for, and every form that stands on any page."""
    browser, names = browser_of(app, person), dict[str, set[str]]()
    forms: dict[tuple[str, tuple[str, ...]], SentForm] = {}
    for path in (path for rule in rules(app, method=READING) for path in world.paths(rule)):
        answer = send(browser, READING, path)
        if answer.mimetype != "text/html":
            continue
        soup = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
        for tag in soup.select("[href], [hx-get]"):
            parts = urlsplit(str(tag.get("href") or tag.get("hx-get")))
            names.setdefault(parts.path or path, set()).update(parse_qs(parts.query, keep_blank_values=True))
        for form in soup.select("form"):
            values, target = form_values(form), str(form.get("action") or path)
            if str(form.get("method", "get")).lower() == "get":
                names.setdefault(urlsplit(target).path, set()).update(values)
                continue
            for address in {target, *(str(tag["formaction"]) for tag in form.select("[formaction]"))}:
                shape = re.sub(r"\d+", "N", address.partition("?")[0]), tuple(sorted(values))
                forms.setdefault(shape, SentForm(address, values))
    return names, list(forms.values())


def walk_names(app: Flask, world: World, person: Person, names: dict[str, set[str]], found: Found) -> None:
    """Each name that any page asks for alone, and all of them at once, with each value."""
    browser, every = browser_of(app, person), sorted(set().union(*names.values()))
    for path in (world.paths(rule)[0] for rule in rules(app, method=READING) if not checks_itself(app, rule)):
        for value in VALUES:
            asked = [{name: value} for name in sorted(names.get(path, set()))]
            if len(value) < 1000:
                asked.append(dict.fromkeys(every, value))
            for query in asked:
                answer = send(browser, READING, path, query_string=query)
                found.look_at(answer, f"GET {path}?{'&'.join(query)[:60]}={value[:30]!r}")


def walk_forms(app: Flask, person: Person, forms: Iterable[SentForm], found: Found) -> None:
    """Each field of each form alone, with each value; the others as they stood on the page."""
    browser = browser_of(app, person)
    token = token_of(browser)
    for form in forms:
        if NOT_PRESSED.search(form.address):
            continue
        for name in sorted(form.values.keys() - {"csrf_token", "form_key"}):
            for value in VALUES:
                fields = {**form.values, name: value, "csrf_token": token, "form_key": ""}
                answer = send(browser, "POST", form.address, data=fields)
                found.look_at(answer, f"POST {form.address} {name}={value[:30]!r}")
                if answer.status_code == 401:
                    raise RuntimeError(f"POST {form.address} ended the session of who walks: name it in NOT_PRESSED.")


def walk_segments(app: Flask, world: World, browser: Browser, found: Found) -> None:
    """Each part of each address with what stands for nothing."""
    token = token_of(browser)
    for method in (READING, "POST", "PATCH"):
        for rule in rules(app, method=method):
            for name in sorted(rule.arguments):
                for segment in SEGMENTS:
                    path = filled(rule.rule, world.fills(rule), {name: [quote(segment, safe="")]})
                    data = None if method == READING else {"csrf_token": token}
                    found.look_at(send(browser, method, path, data=data), f"{method} {path[:80]}")


def filled(path: str, *fills: dict[str, list[Any]]) -> str:
    known = {name: values[0] for one in fills for name, values in one.items()}
    return re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda match: str(known.get(match[1], 1)), path)


def walk_as_outsider(app: Flask, person: Person | None, forms: Iterable[SentForm], found: Found) -> None:
    """Every form of an administrator, sent by somebody who may press none of them."""
    browser = browser_of(app, person)
    token = token_of(browser)
    with watched(found):
        for form in forms:
            answer = send(browser, "POST", form.address, data={**form.values, "csrf_token": token, "form_key": ""})
            found.look_at(answer, f"POST {form.address}")
