"""What the weekly report told when its week ended. Figures only: no title, no ref, nothing of one incident."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Key


class WeekRecord(Base):
    """The figures of one week about one team or everything, as one kind of reader was told them (decision 017)."""

    __tablename__ = "week_records"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    """Week, team and reader in one, so that nothing is recorded twice: ``2026-W47/all/everybody``."""
    week: Mapped[str] = mapped_column(String(8), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    """``None``: about everything."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    """The reader who was named on a private incident then; ``None``: everybody, or all administrators."""
    figures: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    """When it was counted: shortly after the week ended, unless no worker ran then."""
