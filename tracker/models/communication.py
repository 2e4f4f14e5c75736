"""Who hears of incidents as they go on: subscribers, and everybody through the public status page."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Line, enum_by_value
from tracker.models.catalog import Service
from tracker.models.incidents import Audience
from tracker.models.people import Person


class UpdateSubscription(Base):
    """Updates to one audience about one service, or about everything, that a person wants by mail."""

    __tablename__ = "update_subscriptions"
    __table_args__ = (
        UniqueConstraint("person_id", "audience", "service_id"),
        Index(
            "uq_update_subscriptions_everything",
            "person_id",
            "audience",
            unique=True,
            sqlite_where=text("service_id IS NULL"),
            postgresql_where=text("service_id IS NULL"),
        ),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    audience: Mapped[Audience] = mapped_column(enum_by_value(Audience, "audience"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), index=True)
    """``None``: about everything, also what is added to the catalog later."""

    person: Mapped[Person] = relationship()
    service: Mapped[Service | None] = relationship()


class StatusComponent(Base):
    """A service that the public status page shows, by the name that the public knows."""

    __tablename__ = "status_components"

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[Line]

    service: Mapped[Service] = relationship()
