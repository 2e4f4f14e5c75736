"""Who may see what: said in two ways that must not differ."""

from sqlalchemy import select

from tests import make
from tracker.db import session
from tracker.models import ActionItem, Incident, Person, may_not_see, may_see, may_see_action, may_see_actions


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


def test_items_are_seen_alike_one_by_one_and_in_lists(admin: Person, responder: Person, viewer: Person) -> None:
    public = make.incident("Open to all")
    hidden = make.incident("Of nobody here", is_private=True)
    named = make.incident("Named", is_private=True, named=(responder,))
    for asking in ((), (public,), (hidden,), (named,), (public, hidden), (hidden, named)):
        make.action(incidents=asking)

    for person, expected in ((admin, 6), (responder, 5), (viewer, 3), (None, 3)):
        one_by_one = set(session.scalars(select(ActionItem.id).where(may_see_action(person))))
        in_lists = set(session.scalars(select(ActionItem.id).where(may_see_actions(person))))
        assert one_by_one == in_lists
        assert len(in_lists) == expected
