"""References without gaps or races: ``INC-42`` and ``AI-7``."""

from sqlalchemy import String, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from tracker.models.base import Base


class Counter(Base):
    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


INCIDENTS = "incidents"
ACTIONS = "actions"


def next_number(session: Session, name: str) -> int:
    """The next number of a counter.

    The row stays locked until the transaction ends, so two writers never get the same number, and a
    rollback gives the number back.
    """
    statement = update(Counter).where(Counter.name == name).values(last=Counter.last + 1).returning(Counter.last)
    number = session.execute(statement).scalar_one_or_none()
    if number is None:
        raise LookupError(f"No counter named {name!r}: run the migrations.")
    return int(number)
