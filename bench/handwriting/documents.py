"""The document that is written anew: its parts, and whether the page that came of it tells all of it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from tracker.words import clock_text

MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


@dataclass(frozen=True)
class Source:
    """A postmortem of DFDS: a title and sections of second level."""

    title: str
    sections: dict[str, str]

    def points(self, section: str) -> list[str]:
        """What stands behind the bullets of a section."""
        return [line[1:].strip() for line in self.sections[section].splitlines() if line.startswith("-")]

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The timeline: time and text of each row."""
        cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in self._table()]
        return [(at, text) for at, text in cells]

    @property
    def pasted(self) -> str:
        """The timeline as somebody would copy it."""
        return "\n".join(self._table())

    def _table(self) -> list[str]:
        return [line for line in self.sections["Timeline"].splitlines() if line.startswith("|")][2:]

    def told(self) -> list[str]:
        """Everything that the document says, as its reader should find it again."""
        times = [_shown(at) for at, _ in self.rows]
        texts = [text for _, text in self.rows]
        points = [one for name in self.sections for point in self.points(name) for one in point.split(". ")]
        return [self.title, self.sections["Summary"], *times, *texts, *points]


def _shown(at: str) -> str:
    if not MOMENT.fullmatch(at):
        return at
    return clock_text(datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=UTC), UTC)


def read(text: str) -> Source:
    title, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    parts = (one.split("\n", 1) for one in rest)
    return Source(title.removeprefix("# ").strip(), {name.strip(): body.strip() for name, body in parts})


def missing(source: Source, page: str) -> list[str]:
    """What the document says and the page does not."""
    found = _plain(page)
    return [one for one in source.told() if _plain(one) not in found]


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().lower()
