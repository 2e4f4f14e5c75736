"""The comparison as the rest of the product asks it: all incidents that the index has read."""

from collections.abc import Sequence

from sqlalchemy import select

from tracker.db import session
from tracker.models import Service
from tracker.recurrence.calibration import calibration_in_use
from tracker.recurrence.similarity import Library
from tracker.recurrence.stored import Stored


def known_incidents() -> Library:
    """All incidents that are compared, private ones too: who may see a match is asked where it is shown."""
    return Library(Stored(), calibration=calibration_in_use())


def service_names(slugs: Sequence[str]) -> frozenset[str]:
    """The names of these services; a slug that is none is passed over."""
    return frozenset(session.scalars(select(Service.name).where(Service.slug.in_(slugs)))) if slugs else frozenset()
