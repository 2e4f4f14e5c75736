"""Ten tickets in a GitHub that others change, as pictures: ``python -m tests.pictures.tickets``.

The walk of ``tests/in_chromium/test_sync_walk.py`` over a whole installation with its worker. What lands in
``docs/pictures/tickets-*.png`` is shown by ``docs/trackers.md``.
"""

import sys
import tempfile
from pathlib import Path

from tests.chromium import running_chromium
from tests.in_chromium import test_sync_walk as walk
from tests.in_chromium.installation import installation, until
from tests.in_chromium.test_story import sign_in
from tests.pictures.__main__ import THEMES, WIDTHS, Look, opened, take
from tests.pictures.addresses import Shot

SHOTS = (
    Shot("tickets-list", "/actions?state=all", is_public=False),
    Shot("tickets-deleted", "/actions/AI-4", is_public=False),
    Shot("tickets-transferred", "/actions/AI-5", is_public=False),
    Shot("tickets-health", "/settings/sync", is_public=False),
    Shot("tickets-report", "/reports", is_public=False),
)


def main() -> int:
    """Walk once, then look at each page in both themes and widths; the number of faults found."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder, running_chromium() as chromium:
        url = f"sqlite:///{folder}/followthrough.db"
        with installation(Path(folder), database_url=url) as world:
            with opened(chromium, world.url, look=Look("light", 1280)) as context:
                page = context.new_page()
                sign_in(world, page)
                walk.connect(world, page)
                walk.promise_ten(page)
                walk.make_tickets(page)
                until(lambda: len(world.github.issues()) == walk.ITEMS, what="ten issues in GitHub")
                moved_to = walk.change_there(world.github)
                walk.read_again(page)
                until(lambda: moved_to in walk.tickets_of(page, "AI-5"), what="the transferred ticket")
                cookies = context.cookies()
            for theme in THEMES:
                for width in WIDTHS:
                    look = Look(theme, width)
                    with opened(chromium, world.url, look=look) as context:
                        context.add_cookies(
                            [{"name": one["name"], "value": one["value"], "url": world.url} for one in cookies]
                        )
                        page = context.new_page()
                        faults += [fault for shot in SHOTS for fault in take(page, shot, look=look)]
    print("\n".join(faults) or f"{len(SHOTS)} pages, nothing found.")  # noqa: T201  what the command is for
    return len(faults)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
