"""Action items with their history, and the tickets that they became."""

from datetime import datetime, timedelta

from bench.pages.seeded import TEAMS, Row, Seeded
from tracker.models import (
    ActionEvent,
    ActionItem,
    ActionKind,
    ActionState,
    ActionTicket,
    Incident,
    IncidentAction,
    Lever,
    Priority,
    Push,
    PushState,
    Ticket,
    TicketState,
    TrackerKind,
)


class Promises(Seeded):
    """What was promised after the incidents that are there already."""

    def _item(self, number: int) -> None:
        incident = self.random.choice(self.rows[Incident])
        created = min(incident["declared_at"] + timedelta(days=2), self.now - timedelta(minutes=1))
        priority = self.random.choices(list(Priority), weights=(20, 50, 30))[0]
        due = created + timedelta(days={Priority.P1: 14, Priority.P2: 28, Priority.P3: 56}[priority])
        owner = self._person_id() if self.random.random() < 0.95 else None
        life = self._life(created, due)
        self._numbered(
            ActionItem,
            number=number,
            title=self._prose(7),
            done_when=self._prose(10),
            owner_id=owner,
            team_id=(owner or 1) % TEAMS + 1,
            due_on=due.date(),
            kind=self.random.choice(list(ActionKind)),
            lever=self.random.choice(list(Lever)),
            priority=priority,
            created_at=created,
            created_by_id=self._person_id(),
            **life,
        )
        asking = {incident["id"]}
        if self.random.random() < 0.05:
            asking.add(self.random.choice(self.rows[Incident])["id"])
        for incident_id in sorted(asking):
            self._add(IncidentAction, incident_id=incident_id, action_id=number, linked_at=created)
        for sentence in ("Asked for.", "The due date was moved.", "Pushed to the tracker."):
            detail = {"incident": incident["number"]} if sentence == "Asked for." else {}
            self._numbered(ActionEvent, action_id=number, at=created, person_id=owner, sentence=sentence, detail=detail)
        if self.random.random() < 0.7:
            self._ticket(number, created=created, is_open=life["state"] in (ActionState.OPEN, ActionState.IN_PROGRESS))

    def _life(self, created: datetime, due: datetime) -> Row:
        """What became of an item: of those past due, one in eight is still owed."""
        done_at = created + (due - created) * self.random.uniform(0.2, 1.3)
        chance = self.random.random()
        ended: Row = dict.fromkeys(
            ("done_at", "watch_until", "verified_at", "did_not_hold_at", "declined_at", "look_again_on")
        )
        ended |= {"done_evidence": "", "declined_reason": ""}
        if done_at > self.now or chance < 0.12:
            return ended | {"state": self.random.choice((ActionState.OPEN, ActionState.IN_PROGRESS))}
        if chance < 0.2:
            return ended | {
                "state": ActionState.DECLINED,
                "declined_at": done_at,
                "declined_reason": "The service goes away this year.",
                "look_again_on": (done_at + timedelta(days=180)).date(),
            }
        watched = done_at + timedelta(days=30)
        ended |= {"done_at": done_at, "watch_until": watched.date(), "done_evidence": "The alert fired in the drill."}
        if watched > self.now or chance < 0.22:
            return ended | {"state": ActionState.DONE}
        if chance < 0.24:
            return ended | {"state": ActionState.DID_NOT_HOLD, "did_not_hold_at": watched}
        return ended | {"state": ActionState.VERIFIED, "verified_at": watched}

    def _ticket(self, action_id: int, *, created: datetime, is_open: bool) -> None:
        tracker = self.random.randint(1, len(TrackerKind))
        key = self._numbered(
            Ticket,
            tracker_id=tracker,
            remote_id=f"remote-{action_id}",
            key=f"acme/shop#{action_id}",
            url=f"https://github.example.com/acme/shop/issues/{action_id}",
            target="acme/shop",
            title="As the item",
            state=TicketState.OPEN if is_open else TicketState.DONE,
            remote_updated_at=created,
            seen_at=self.now,
            freshness_since=created,
        )
        self._add(ActionTicket, action_id=action_id, ticket_id=key, linked_at=created)
        self._numbered(
            Push,
            action_id=action_id,
            tracker_id=tracker,
            target="acme/shop",
            marker=f"marker-{action_id}",
            state=PushState.LINKED,
            run_after=created,
            sent_at=created,
            ticket_id=key,
            created_at=created,
        )
