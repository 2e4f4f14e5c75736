"""The alert that an incident came back: to whom, when again, and what it says."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from tracker import action_life, words
from tracker.channels import channels_about
from tracker.db import session
from tracker.messages import Writer
from tracker.models import (
    ActionEvent,
    ActionItem,
    Incident,
    IncidentAction,
    IncidentService,
    Message,
    MessageKind,
    Person,
    Postmortem,
    Recurrence,
    RecurrenceState,
    Service,
    Team,
    TeamMember,
    may_see,
)
from tracker.recurrence.explaining import explain
from tracker.recurrence.family_queries import causes_of, history_of
from tracker.recurrence.queries import answers_of, business_of, stocks
from tracker.recurrence.unfinished import Line, Stock, cut

TOLD_OF = (RecurrenceState.SUSPECTED, RecurrenceState.SAME)
ALERTED_FOR = timedelta(days=90)
"""After this long a pair tells nothing new by mail: the items' own reminders and the weekly report do."""
QUIET_FOR = timedelta(minutes=10)
"""What changed is told when no more of it came for so long: five clicks are one mail, and one taken back is none."""
ITEMS_SHOWN = 30
"""More stand on the page: a mail program cuts a long mail off."""
TITLE_SHOWN = 120


def pairs_with_news(*, now: datetime, today: date) -> list[int]:
    """The pairs whose alert is due: suspected or same, found lately, no practice, and the items' states are news.

    An incident that was imported is history: its pairs wait on the page for a decision, and nobody is woken for them.
    """
    is_drill = (
        exists()
        .where(Incident.id.in_([Recurrence.later_id, Recurrence.earlier_id]), Incident.is_drill.is_(True))
        .correlate(Recurrence)
    )
    query = (
        select(Recurrence)
        .join(Recurrence.later)
        .where(Recurrence.state.in_(TOLD_OF), Recurrence.found_at > now - ALERTED_FOR, ~is_drill)
        .where(Incident.imported_text.is_(None))
        .options(contains_eager(Recurrence.later))
        .order_by(Recurrence.id)
    )
    pairs = list(session.scalars(query))
    found = stocks(pairs, today=today)
    return [pair.id for pair in pairs if pair.alerted_state != found[pair.id].digest]


def alert(recurrence_id: int, *, writer: Writer, now: datetime, today: date) -> int:
    """Write the mails of one pair if the unfinished business is not what the last ones told of; how many.

    The first goes at once, news when it has been quiet; who made all of the news is not told of it.
    """
    pair = _locked(recurrence_id)
    if pair is None:
        return 0
    cause = answers_of([pair.later_id], "root_causes").get(pair.later_id, {}).get("root_causes", "")
    stock = business_of(pair, cause=cause, viewer=None, today=today).stock
    if pair.alerted_state == stock.digest:
        return 0
    is_change = pair.alerted_state is not None
    news = _events_since_told(pair) if is_change else []
    if any(event.at > now - QUIET_FOR for event in news):
        return 0
    doers = {event.person_id for event in news}
    pair.alerted_state = stock.digest
    told: dict[str, Any] = alert_words(pair, stock, is_change=is_change, now=now)
    told["rows"] = item_rows(stock.unfinished[:ITEMS_SHOWN], writer=writer)
    same: dict[str, Any] = {
        "about": f"recurrence:{pair.id}",
        "period": f"{stock.digest} {now:%Y-%m-%d %H:%M}",
        "now": now,
    }
    kind = MessageKind.RECURRENCE_ALERT
    messages = [
        writer.write("recurrence_alert", kind=kind, to=person, **same, **told)
        for person in recipients(pair)
        if doers != {person.id}
    ]
    posts = [
        writer.post("recurrence_alert", kind=kind, to=channel, **same, **told)
        for channel in channels_about(kind, incidents=(pair.later, pair.earlier))
    ]
    return sum(message is not None for message in (*messages, *posts))


def _locked(recurrence_id: int) -> Recurrence | None:
    query = select(Recurrence).where(Recurrence.id == recurrence_id, Recurrence.state.in_(TOLD_OF))
    services = (
        joinedload(Recurrence.later).selectinload(Incident.services),
        joinedload(Recurrence.earlier).selectinload(Incident.services),
    )
    return session.scalar(query.with_for_update(of=Recurrence).options(*services))


def _events_since_told(pair: Recurrence) -> list[ActionEvent]:
    """What happened since the last mail to the items of the earlier incident, those too that it asks for no longer."""
    told = select(func.max(Message.created_at)).where(
        Message.kind == MessageKind.RECURRENCE_ALERT, Message.about == f"recurrence:{pair.id}"
    )
    items = select(IncidentAction.action_id).where(IncidentAction.incident_id == pair.earlier_id)
    is_about = ActionEvent.detail["incident"].as_integer() == pair.earlier.number
    query = select(ActionEvent).where(
        ActionEvent.at > (session.scalar(told) or pair.found_at),
        or_(ActionEvent.action_id.in_(items), is_about),
        ActionEvent.detail[action_life.REMINDER].as_string().is_(None),
    )
    return list(session.scalars(query.order_by(ActionEvent.id)))


def recipients(pair: Recurrence) -> list[Person]:
    """Who an alert is for, of those who may see both incidents, each once."""
    ids = {key for query in _concerned(pair) for key in session.scalars(query) if key is not None}
    people = session.scalars(select(Person).where(Person.id.in_(ids), Person.is_active).order_by(Person.id))
    return [person for person in people if sees_both(person, pair)]


def sees_both(person: Person, pair: Recurrence) -> bool:
    both = select(func.count()).where(Incident.id.in_([pair.later_id, pair.earlier_id]), may_see(person))
    return session.scalar(both) == 2


def _concerned(pair: Recurrence) -> Iterator[Any]:
    """The ids of: the services' owners, teams and leads, the items' owners, the earlier lead, the declarer.

    Whoever did an item hears of it too: their fix may be the one that did not hold.
    """
    teams = (
        select(Service.team_id)
        .join(IncidentService, IncidentService.service_id == Service.id)
        .where(IncidentService.incident_id == pair.later_id, Service.team_id.is_not(None))
    )
    yield select(TeamMember.person_id).where(TeamMember.team_id.in_(teams))
    yield select(Team.lead_id).where(Team.id.in_(teams))
    yield (
        select(Service.owner_id)
        .join(IncidentService, IncidentService.service_id == Service.id)
        .where(IncidentService.incident_id == pair.later_id)
    )
    yield (
        select(ActionItem.owner_id)
        .join(IncidentAction, IncidentAction.action_id == ActionItem.id)
        .where(IncidentAction.incident_id == pair.earlier_id)
    )
    yield select(Postmortem.lead_id).where(Postmortem.incident_id == pair.earlier_id)
    yield select(Incident.declared_by_id).where(Incident.id == pair.later_id)


def alert_words(pair: Recurrence, stock: Stock, *, is_change: bool, now: datetime) -> dict[str, Any]:
    """What the mail's templates are given."""
    later, earlier = pair.later, pair.earlier
    days = (now - earlier.declared_at).days
    return {
        "later": later,
        "earlier": earlier,
        "when": "on a day not known" if earlier.is_undated else f"{words.count(days, 'day')} ago" if days else "today",
        "is_same": pair.state is RecurrenceState.SAME,
        "is_change": is_change,
        "reasons": _reasons(pair),
        "sentence": stock.sentence,
        "left_out": max(0, len(stock.unfinished) - ITEMS_SHOWN),
        "decide_path": f"/recurrences/{pair.id}",
    }


def _reasons(pair: Recurrence) -> list[str]:
    """As the page has them, for a reader nobody knows: of the family only what everybody may see."""
    both = [pair.later_id, pair.earlier_id]
    return explain(pair, history=history_of(both, viewer=None), causes=causes_of(both))


def item_rows(lines: Sequence[Line], *, writer: Writer) -> list[dict[str, object]]:
    """The unfinished items as the mail's rows want them."""
    return [
        {
            "ref": line.promise.ref,
            "title": cut(line.promise.title, TITLE_SHOWN),
            "href": writer.url(f"/actions/{line.promise.ref}"),
            "detail": line.words[:1].upper() + line.words[1:],
            "is_urgent": line.is_owed,
        }
        for line in lines
    ]
