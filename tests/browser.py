"""A browser for tests: it opens pages as a person would, and checks each page it opens."""

import contextvars
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

import html5lib
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.page_rules import check_page
from tracker.db import database, session, transaction
from tracker.models import Person, PersonSession
from tracker.security import new_token, token_hash
from tracker.sessions import TOKEN

NEVER_OLD = datetime(9999, 1, 1, tzinfo=UTC)


class Page:
    """What came back: its status, what a person sees of it, and its forms."""

    def __init__(self, browser: "Browser", response: TestResponse, queries: list[str]) -> None:
        self.browser = browser
        self.response = response
        self.status = response.status_code
        self.queries = queries
        """The SQL statements the last request took."""
        self.url = response.request.full_path.rstrip("?") if response.request else ""
        self.body = response.get_data(as_text=True)

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.body, "html.parser")

    @property
    def text(self) -> str:
        """What a person reads, in single spaces."""
        main = self.soup.select_one("main") or self.soup
        return " ".join(main.get_text(" ").split())

    @property
    def heading(self) -> str:
        found = self.soup.select_one("h1")
        return " ".join(found.get_text(" ").split()) if found else ""

    @property
    def flashes(self) -> str:
        """The messages above the page."""
        return " ".join(tag.get_text(" ", strip=True) for tag in self.soup.select("#status, #status-urgent"))

    @property
    def errors(self) -> list[str]:
        """The errors of the summary on top of a form."""
        return [tag.get_text(" ", strip=True) for tag in self.soup.select("[role=alert] li")]

    def select(self, selector: str) -> list[Tag]:
        return list(self.soup.select(selector))

    def links(self) -> list[str]:
        return [str(tag["href"]) for tag in self.soup.select("main a[href]")]

    def click(self, text: str) -> "Page":
        """Follow the link with this text."""
        for tag in self.soup.select("a[href]"):
            if " ".join(tag.get_text(" ").split()) == text:
                return self.browser.get(urljoin(self.url, str(tag["href"])))
        raise AssertionError(
            f"No link {text!r} on {self.url}. There are: {[t.get_text(strip=True) for t in self.soup.select('a')]}"
        )

    def submit(self, button: str, **values: Any) -> "Page":
        """Fill in the form that has this button, press it, and follow the redirect."""
        form, pressed = self._form_of(button)
        fields = form_values(form)
        unknown = sorted(set(values) - field_names(form))
        if unknown:
            raise AssertionError(f"The form has no field {unknown}. It has {sorted(field_names(form))}.")
        fields.update(values)
        if pressed.get("name"):
            fields[str(pressed["name"])] = str(pressed.get("value", ""))
        target = urljoin(self.url, str(pressed.get("formaction") or form.get("action") or self.url))
        if str(form.get("method", "get")).lower() == "get":
            return self.browser.get(target, query={key: value for key, value in fields.items() if value is not None})
        return self.browser.post(target, fields, multipart="multipart" in str(form.get("enctype", "")))

    def _form_of(self, button: str) -> tuple[Tag, Tag]:
        for tag in self.soup.select("form button, button[form], form input[type=submit]"):
            label = tag.get("value") if tag.name == "input" else " ".join(tag.get_text(" ").split())
            if label == button or tag.get("aria-label") == button:
                form = self.soup.find(id=str(tag["form"])) if tag.has_attr("form") else tag.find_parent("form")
                if isinstance(form, Tag):
                    return form, tag
        labels = [" ".join(tag.get_text(" ").split()) for tag in self.soup.select("form button, button[form]")]
        raise AssertionError(f"No button {button!r} on {self.url}. There are: {labels}")


def field_names(form: Tag) -> set[str]:
    return {str(tag["name"]) for tag in form.select("input[name], select[name], textarea[name]")}


def form_values(form: Tag) -> dict[str, Any]:
    """What a browser would send of this form as it stands."""
    values: dict[str, Any] = {}
    for tag in form.select("input[name], select[name], textarea[name]"):
        name, kind = str(tag["name"]), str(tag.get("type", "text"))
        if tag.name == "textarea":
            values[name] = tag.get_text().removeprefix("\n")
        elif tag.name == "select":
            chosen = tag.select("option[selected]") or ([] if tag.has_attr("multiple") else tag.select("option")[:1])
            picked = [str(option.get("value", option.get_text())) for option in chosen]
            values[name] = picked if tag.has_attr("multiple") else (picked or [""])[0]
        elif kind in ("checkbox", "radio"):
            if tag.has_attr("checked"):
                # Of several boxes of one name a browser sends each that is ticked.
                values[name] = [*values.get(name, []), str(tag.get("value", "on"))]
        elif kind not in ("submit", "button", "file"):
            values[name] = str(tag.get("value", ""))
    return values


class Browser:
    """One person's browser. Every request runs in an empty context, so a missing commit shows."""

    def __init__(self, app: Flask, *, person: Person | None) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        with app.app_context():
            self._looks = database.engine.dialect.name == "sqlite"
        """Whether pages are checked: they are the same on both databases, and one look is enough."""
        if person is not None:
            self.sign_in(person)

    def sign_in(self, person: Person) -> None:
        """As if they had come in by the front door. The session never grows old, whatever a test's clock says."""
        identity, token = person.get_id(), new_token()
        with transaction():
            session.add(
                PersonSession(
                    person_id=person.id, token_hash=token_hash(token), created_at=NEVER_OLD, last_seen_at=NEVER_OLD
                )
            )

        def write() -> None:
            with self.client.session_transaction() as cookie:
                cookie["_user_id"] = identity
                cookie[TOKEN] = token
                cookie["_fresh"] = True

        contextvars.Context().run(write)

    @property
    def cookie(self) -> str:
        """The value of the cookie with which the person is signed in."""
        found = self.client.get_cookie("followthrough")
        if found is None:
            raise AssertionError("Nobody is signed in here.")
        return found.value

    def get(self, url: str, *, query: dict[str, Any] | None = None, htmx: bool = False) -> Page:
        headers = {"HX-Request": "true"} if htmx else {}
        return self._open(lambda: self.client.get(url, query_string=query, headers=headers), is_fragment=htmx)

    def post(
        self, url: str, data: dict[str, Any] | None = None, *, htmx: bool = False, multipart: bool = False
    ) -> Page:
        """Post and follow the redirect, if there is one. The page's own forms are posted with ``Page.submit``."""
        headers = {"HX-Request": "true"} if htmx else {}
        kind = "multipart/form-data" if multipart else None
        page = self._open(
            lambda: self.client.post(url, data=data or {}, headers=headers, content_type=kind), is_fragment=htmx
        )
        if page.status in (302, 303):
            return self.get(page.response.headers["Location"])
        return page

    def token(self, url: str = "/") -> str:
        """A CSRF token of this session, for requests made by hand."""
        field = self.get(url).soup.select_one("input[name=csrf_token]")
        if field is None:
            raise AssertionError(f"{url} has no form with a token.")
        return str(field["value"])

    def _open(self, request: Callable[[], TestResponse], *, is_fragment: bool) -> Page:
        session.rollback()
        with counted_queries(self.app) as queries:
            response: TestResponse = contextvars.Context().run(request)
        session.rollback()
        page = Page(self, response, queries)
        is_page = response.mimetype == "text/html" and response.status_code not in (301, 302, 303)
        if self._looks and is_page and response.get_data():
            check_html(page, is_fragment=is_fragment)
        return page


TAG = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
CHANGING = re.compile(
    r' (?:value|href|action|formaction|datetime|content|title|hx-(?:get|post))="(?!\s*javascript)[^"&]+"'
)
"""Attributes whose words no rule of a page asks for: they may stand there with any."""
_seen: set[tuple[object, ...]] = set()


def check_html(page: Page, *, is_fragment: bool) -> None:
    """Valid HTML, and what every page must be. A page with the same tags in the same order is not looked at twice."""
    looked = (is_fragment, page.response.headers.get("Content-Security-Policy"), bones(page.body))
    if looked in _seen:
        return
    parser = html5lib.HTMLParser(strict=True)
    try:
        parser.parseFragment(page.body) if is_fragment else parser.parse(page.body)
    except html5lib.html5parser.ParseError as error:
        line, column = parser.tokenizer.stream.position()
        near = "\n".join(page.body.splitlines()[max(0, line - 3) : line + 1])
        raise AssertionError(f"{page.url}: invalid HTML at line {line}, column {column}: {error}\n{near}") from error
    check_page(page.soup, url=page.url, is_fragment=is_fragment, headers=page.response.headers)
    _seen.add(looked)


def bones(body: str) -> int:
    """What of a page its rules are about: each tag as it stands, where there are words, entities, title and heading."""
    title = [
        " ".join(TAG.sub("", found).split()) for found in re.findall(r"<title>.*?</title>|<h1.*?</h1>", body, re.DOTALL)
    ]
    starts = len(title) == 2 and title[0].removeprefix("Error: ").startswith(title[1])
    tags = TAG.findall(CHANGING.sub(" filled", body))
    words = [between if "&" in between else bool(between.strip()) for between in TAG.split(body)]
    return hash((starts, tuple(tags), tuple(words)))


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """The statements that run inside, without transaction control."""
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    with app.app_context():
        engine = database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
