"""My work: what waits for me, worst first."""

from datetime import date, datetime

from flask import Blueprint

from tracker import clock
from tracker.models import Person, Role
from tracker.my_work import item_queries, queries
from tracker.my_work.confirm_queries import things_to_confirm
from tracker.my_work.shapes import Found
from tracker.my_work.work import arrange
from tracker.pages import page, today, viewer
from tracker.security import allow
from tracker.ticket_troubles import owned_in_trouble

blueprint = Blueprint("my_work", __name__)


@blueprint.get("/")
@allow(Role.VIEWER)
def index() -> str:
    person, day, now = viewer(), today(), clock.utcnow()
    work = arrange(found_for(person, day=day, now=now), person_id=person.id, today=day, now=now)
    if work.waiting:
        return page("my_work/index.html", work=work)
    return page(
        "my_work/index.html",
        work=work,
        next_item=item_queries.next_item(person),
        is_new=not queries.is_any_incident(person),
    )


def found_for(person: Person, *, day: date, now: datetime) -> Found:
    """All that waits for a person. Decisions and updates wait only for those who may make them."""
    due, done = item_queries.items_due(person, today=day), item_queries.items_done(person, today=day)
    look_again = item_queries.items_to_look_at_again(person, today=day)
    troubled = owned_in_trouble(person, now=now, limit=queries.ROWS)
    return Found(
        due=due,
        done=done,
        look_again=look_again,
        unwritten=queries.unwritten_postmortems(person),
        pairs=queries.suspected_pairs(person) if person.can_respond else (),
        lapsed=queries.lapsed_updates(person, now=now) if person.can_respond else (),
        asked=queries.incidents_of([*due, *done, *look_again, *(item for item, _ in troubled)], viewer=person),
        troubled=troubled,
        to_confirm=things_to_confirm(person, today=day, now=now),
    )
