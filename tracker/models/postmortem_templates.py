"""What postmortems ask, in the words of this installation: one row a version."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key
from tracker.models.people import Person


class PostmortemTemplate(Base):
    """One version of the questions; its id is its number. Once a postmortem was started with it, it stays as it is."""

    __tablename__ = "postmortem_templates"

    id: Mapped[Key]
    questions: Mapped[list[Any]]
    """In their order; ``tracker.postmortems.templates`` knows what stands in each."""
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    made_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    made_by: Mapped[Person | None] = relationship()

    @property
    def own_headings(self) -> dict[str, str]:
        """How questions read that this installation worded itself, by their key."""
        return {row["key"]: row["heading"] for row in self.questions if row["heading"]}
