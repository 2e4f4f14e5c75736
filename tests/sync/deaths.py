"""What waits for a worker when it dies, who goes on after it, and what has to be so in the end."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from tests.sync.conftest import Worker
from tests.sync.dying import LastingTickets, Steps, fork, was_killed
from tracker import action_life, action_links
from tracker.clients.ticket_text import new_marker
from tracker.clients.tickets import NewTicket
from tracker.clients.tickets import TicketState as RemoteState
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    ActionTicket,
    CommentState,
    Incident,
    Person,
    Push,
    PushState,
    Ticket,
    TicketComment,
    Tracker,
)
from tracker.sync import jobs, operations

LEASES_END = timedelta(minutes=11)
LAST_LOOK = timedelta(minutes=31)


@dataclass
class Work:
    """What waits for a worker: a ticket to be made, one to be told three things, one that was closed there."""

    asked: int
    changed: int
    closed: int


@dataclass
class Scene:
    """Everything that one death needs, and the person who decides what no program can."""

    worker: Worker
    lasting: LastingTickets
    steps: Steps
    tracker_id: int
    ana: Person
    incident: Incident

    def prepare(self, turn: int) -> Work:
        now = self.worker.now
        with transaction():
            asked, changed, closed = (self._item(f"Item {turn} {word}") for word in ("asked", "changed", "closed"))
            tracker = session.get_one(Tracker, self.tracker_id)
            ana = session.get_one(Person, self.ana.id)
            operations.ask_for_ticket(
                asked, operations.PushDraft(tracker.id, "acme/shop", is_confirmed=False), by=ana, now=now
            )
            for item in (changed, closed):
                new = NewTicket(target="acme/shop", title=item.title, body="", marker=new_marker(item.ref))
                with self.lasting.world() as there:
                    made = there.create(new)
                operations.link_existing(item, made, tracker_id=tracker.id, by=ana, now=now)
            with self.lasting.world() as there:
                there.remote_close(made.remote_id)
            session.flush()
            self._change(changed, by=ana)
            return Work(asked.id, changed.id, closed.id)

    def _item(self, title: str) -> ActionItem:
        number = (session.scalar(select(ActionItem.number).order_by(ActionItem.number.desc()).limit(1)) or 0) + 1
        item = ActionItem(number=number, title=title, created_at=self.worker.now)
        session.add(item)
        session.flush()
        return item

    def _change(self, item: ActionItem, *, by: Person) -> None:
        later = self.worker.now + timedelta(seconds=1)
        item.title += ", better"
        action_links.link_incident(item, session.get_one(Incident, self.incident.id), by=by, now=later)
        action_life.finish(item, evidence="The drill.", by=by, now=later)

    def work(self) -> None:
        now = self.worker.now
        jobs.push_due(now)
        session.rollback()
        jobs.pull_due(now)

    def dies_at(self, step: int) -> bool:
        """One worker begins and is killed at that step, unless it comes to its end before."""
        return was_killed(fork(self.work, steps=self.steps, dies_at=step))

    def one_of_two_dies_at(self, step: int) -> bool:
        """Two workers begin at once, of which the first is killed; the other one comes to its end."""
        dying = fork(self.work, steps=self.steps, dies_at=step)
        living = fork(self.work, steps=self.steps, dies_at=None)
        has_died = was_killed(dying)
        assert not was_killed(living)
        return has_died

    def recover(self) -> None:
        """Another worker goes on when the leases ended, until everything that was lost was looked for."""
        for wait in (LEASES_END, LAST_LOOK):
            self.worker.later(seconds=wait.total_seconds())
            self.work()
            session.rollback()
            if not self._is_anything_left():
                break
        self._decide()

    def _is_anything_left(self) -> bool:
        comments = select(TicketComment.id).where(TicketComment.state == CommentState.UNKNOWN).limit(1)
        pushes = select(Push.id).where(Push.state == PushState.UNKNOWN, Push.abandoned_at.is_(None)).limit(1)
        put_off = select(ActionTicket.action_id).where(ActionTicket.run_after > self.worker.now).limit(1)
        return any(session.scalar(query) is not None for query in (comments, pushes, put_off))

    def _decide(self) -> None:
        """What a person does about a ticket that was never found: ask for it again."""
        with transaction():
            query = select(Push).where(Push.state == PushState.UNKNOWN, Push.abandoned_at.is_(None))
            unknown = session.scalars(query).all()
            for push in unknown:
                operations.create_again(push, by=session.get_one(Person, self.ana.id), now=self.worker.now)
        if unknown:
            jobs.push_due(self.worker.now)
            session.rollback()

    def assert_agrees(self, work: Work) -> None:
        session.expire_all()
        there = self.lasting.tickets()
        asked, changed, closed = (session.get_one(ActionItem, one) for one in (work.asked, work.changed, work.closed))
        of_asked = [one for one in there if one.snapshot.title == asked.title]
        of_changed = [one for one in there if one.snapshot.title == changed.title]
        assert len(of_asked) == 1
        assert [one.snapshot.state for one in of_changed] == [RemoteState.DONE]
        assert [text.split(".")[0] for text in of_changed[0].comments] == ["Another incident asks for this"]
        assert closed.state is ActionState.DONE
        keys = session.scalars(
            select(Ticket.key)
            .join(ActionTicket, ActionTicket.ticket_id == Ticket.id)
            .where(ActionTicket.action_id == asked.id)
        ).all()
        assert keys == [of_asked[0].snapshot.key]

    def assert_nothing_is_left(self) -> None:
        live = select(Push.state).where(Push.abandoned_at.is_(None)).distinct()
        assert session.scalars(live).all() == [PushState.LINKED]
        assert session.scalars(select(TicketComment.state).distinct()).all() == [CommentState.MADE]
        leased = select(ActionTicket.action_id).where(ActionTicket.lease_until > self.worker.now)
        assert session.scalars(leased).all() == []
