"""What axe finds wrong with a page."""

from collections.abc import Iterable, Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def axe_lines(page: Page, *, without: Iterable[str] = ()) -> Iterator[str]:
    """A line for each fault; ``without``: rules that do not hold here."""
    rules = {rule: {"enabled": False} for rule in without}
    for violation in Axe().run(page, options={"rules": rules}).response["violations"]:
        for node in violation["nodes"]:
            yield f"{violation['id']}: {violation['help']} {node['target']}"
