"""Rows in memory, made with chance that is the same at every run, and then written at once."""

from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, update

from tracker.db import session, transaction
from tracker.models import (
    ACTIONS,
    INCIDENTS,
    ActionItem,
    Answer,
    Base,
    Counter,
    Incident,
    settle_all_counting,
)

SEED = 42
PEOPLE, TEAMS, SERVICES = 150, 15, 40
SPAN = timedelta(days=730)
ITEMS_EACH = 5
READER = 2
"""The person whose pages are measured: a responder with items of their own, in a team that owns services."""
QUESTIONS = ("summary", "what_broke", "who_was_affected", "resolution", "root_causes", "contributing_factors")
MORE_QUESTIONS = ("what_alerted_us", "time_to_know", "right_people", "worked_well", "slow_or_confusing", "lucky")
STORY = (
    "the checkout queue filled because a deploy changed the time-out and workers waited for the payment gateway while "
    "retries doubled the load on the database whose connections ran out so that orders stayed open until we rolled "
    "back and the cache was warm again which nobody had seen before since the alert fires only after ten minutes"
)
WORDS = STORY.split()
NAMES = ("Ana", "Bo", "Cem", "Dee", "Eli", "Fay", "Gus", "Hal", "Ida", "Jon")
TROUBLES = ("answers 503", "is slow", "lost messages", "ran out of memory", "shows old prices", "cannot sign in")

Row = dict[str, Any]


class Seeded:
    """All rows in memory, by table in the order of their foreign keys."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.random = Random(SEED)
        self.rows: defaultdict[type[Base], list[Row]] = defaultdict(list)

    def save(self) -> None:
        with transaction():
            for table, rows in self.rows.items():
                session.execute(insert(table), rows)
            # SQLAlchemy begins a row's own version at 1 whatever it is given; the history knows two already.
            session.execute(update(Answer.__table__).values(version=2))  # type: ignore[arg-type]
            for name, model in ((INCIDENTS, Incident), (ACTIONS, ActionItem)):
                session.execute(update(Counter).where(Counter.name == name).values(last=len(self.rows[model])))
            settle_all_counting(session())

    def _add(self, table: type[Base], **columns: Any) -> int:
        """Note one row; its number among the rows of its table."""
        rows = self.rows[table]
        rows.append(columns)
        return len(rows)

    def _numbered(self, table: type[Base], **columns: Any) -> int:
        return self._add(table, id=len(self.rows[table]) + 1, **columns)

    def _prose(self, words: int) -> str:
        text = " ".join(self.random.choices(WORDS, k=words))
        return f"{text[0].upper()}{text[1:]}."

    def _person_id(self) -> int:
        return self.random.randint(1, PEOPLE)
