"""Who may see what: said in two ways that must not differ."""

from sqlalchemy import select

from tests import make
from tracker.db import session
from tracker.models import Incident, Person, may_not_see, may_see


def test_may_see_and_may_not_see_part_all_incidents(admin: Person, responder: Person, viewer: Person) -> None:
    make.incident("Open to all")
    make.incident("Named", is_private=True, named=(responder,))
    make.incident("Of nobody here", is_private=True)

    for person, hidden in ((admin, 0), (responder, 1), (viewer, 2), (None, 2)):
        seen = set(session.scalars(select(Incident.id).where(may_see(person))))
        unseen = set(session.scalars(select(Incident.id).where(may_not_see(person))))
        assert not seen & unseen
        assert len(seen | unseen) == 3
        assert len(unseen) == hidden
