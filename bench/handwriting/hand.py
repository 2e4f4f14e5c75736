"""A person at a browser: every page, click and key is counted, and nothing is done that a person could not do."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


@dataclass
class Count:
    """What one part of the work took."""

    pages: int = 0
    clicks: int = 0
    keys: int = 0
    pasted: int = 0
    typed: int = 0
    """Characters of the text itself; ``keys`` are the others: Enter, Tab, shortcuts."""


@dataclass
class Hand:
    page: Page
    pictures: Path | None = None
    parts: dict[str, Count] = field(default_factory=dict)
    _now: Count = field(default_factory=Count)

    def __post_init__(self) -> None:
        self.page.on("load", self._loaded)

    def _loaded(self, _page: Page) -> None:
        self._now.pages += 1

    def begin(self, part: str) -> None:
        """What follows is counted for this part."""
        self._now = self.parts.setdefault(part, Count())

    def open(self, url: str) -> None:
        """By its address, as from a bookmark."""
        self.page.goto(url)
        self.settle()

    def click(self, target: Locator) -> None:
        self._now.clicks += 1
        target.click()
        self.settle()

    def tick(self, label: str) -> None:
        self._now.clicks += 1
        self.page.get_by_label(label).first.check()

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True).first)

    def submit(self, name: str) -> None:
        """A button that leads to another page."""
        with self.page.expect_navigation():
            self.button(name)
        self.settle()

    def follow(self, name: str) -> None:
        """A link to another page."""
        with self.page.expect_navigation():
            self.click(self.page.get_by_role("link", name=name, exact=True).first)
        self.settle()

    def choose(self, label: str, option: str) -> None:
        """A choice from a list takes two clicks."""
        self._now.clicks += 2
        self.field(label).select_option(label=option)

    def field(self, label: str) -> Locator:
        """The field with this label, which may say after it that it is optional."""
        return self.page.get_by_label(re.compile(f"^{re.escape(label)}( optional)?$"))

    def type(self, text: str) -> None:
        self._now.typed += len(text)
        self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._now.keys += 1
            self.page.keyboard.press(key)
        self.settle()

    def paste(self, text: str) -> None:
        self._now.pasted += 1
        self.page.keyboard.insert_text(text)

    def write(self, label: str, text: str) -> None:
        """Into a field: one click, then the words."""
        self.click(self.field(label))
        self.type(text)

    def go(self, *keys: str) -> None:
        """Keys of which the last leads to another page."""
        with self.page.expect_navigation():
            self.press(*keys)
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator(".htmx-request")).to_have_count(0)

    def picture(self, name: str) -> None:
        """The page as it looks now, in both themes and two widths."""
        if self.pictures is None:
            return
        for theme in ("light", "dark"):
            for width, height in ((1280, 800), (375, 667)):
                self.page.emulate_media(color_scheme=theme)
                self.page.set_viewport_size({"width": width, "height": height})
                self.page.screenshot(path=self.pictures / f"{name}-{theme}-{width}.png", full_page=True)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1280, "height": 800})
