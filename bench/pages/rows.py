"""Rows to measure with: a company of a few teams and years of incidents, the same at every run.

Two years lie behind the last incident. Most incidents are over, a few are live; items are open, late, done, shown to
work, did not hold or were declined; postmortems have answers with revisions, whys and factors.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, update

from tracker.db import session, transaction
from tracker.models import (
    ACTIONS,
    INCIDENTS,
    ActionEvent,
    ActionItem,
    ActionKind,
    ActionState,
    ActionTicket,
    Answer,
    AnswerRevision,
    Audience,
    Base,
    CauseCategory,
    Comparison,
    ContributingFactor,
    Counter,
    EntryKind,
    Family,
    FamilyMember,
    Incident,
    IncidentAction,
    IncidentPerson,
    IncidentRole,
    IncidentService,
    Lever,
    Person,
    Phase,
    Postmortem,
    PostmortemState,
    Priority,
    Push,
    PushState,
    Recurrence,
    RecurrenceState,
    Role,
    RoleAssignment,
    Service,
    Severity,
    Stage,
    Team,
    TeamMember,
    Ticket,
    TicketState,
    TimelineEntry,
    Tracker,
    TrackerKind,
    Update,
    Why,
    WhyEnding,
    settle_all_counting,
)

SEED = 42
PEOPLE, TEAMS, SERVICES = 150, 15, 40
SPAN = timedelta(days=730)
ITEMS_EACH = 5
READER = 2
"""The person whose pages are measured: a responder with items of their own, in a team that owns services."""
QUESTIONS = ("summary", "what_broke", "who_was_affected", "resolution", "root_causes", "contributing_factors")
MORE_QUESTIONS = ("what_alerted_us", "time_to_know", "right_people", "worked_well", "slow_or_confusing", "lucky")
STORY = (
    "the checkout queue filled because a deploy changed the time-out and workers waited for the payment gateway while "
    "retries doubled the load on the database whose connections ran out so that orders stayed open until we rolled "
    "back and the cache was warm again which nobody had seen before since the alert fires only after ten minutes"
)
WORDS = STORY.split()
NAMES = ("Ana", "Bo", "Cem", "Dee", "Eli", "Fay", "Gus", "Hal", "Ida", "Jon")
TROUBLES = ("answers 503", "is slow", "lost messages", "ran out of memory", "shows old prices", "cannot sign in")

Row = dict[str, Any]


def fill(*, incidents: int, now: datetime) -> None:
    """Fill an empty, migrated database."""
    Company(now=now, incidents=incidents).save()


class Company:
    """All rows in memory, by table in the order of their foreign keys."""

    def __init__(self, *, now: datetime, incidents: int) -> None:
        self.now = now
        self.random = Random(SEED)
        self.rows: defaultdict[type[Base], list[Row]] = defaultdict(list)
        self._organisation()
        for number in range(1, incidents + 1):
            self._incident(number, declared_at=now - SPAN * ((incidents - number + 0.2) / incidents))
        for number in range(1, incidents * ITEMS_EACH + 1):
            self._item(number)
        self._recurrences(incidents)

    def save(self) -> None:
        with transaction():
            for table, rows in self.rows.items():
                session.execute(insert(table), rows)
            # SQLAlchemy begins a row's own version at 1 whatever it is given; the history knows two already.
            session.execute(update(Answer.__table__).values(version=2))  # type: ignore[arg-type]
            for name, model in ((INCIDENTS, Incident), (ACTIONS, ActionItem)):
                session.execute(update(Counter).where(Counter.name == name).values(last=len(self.rows[model])))
            settle_all_counting(session())

    def _add(self, table: type[Base], **columns: Any) -> int:
        """Note one row; its number among the rows of its table."""
        rows = self.rows[table]
        rows.append(columns)
        return len(rows)

    def _numbered(self, table: type[Base], **columns: Any) -> int:
        return self._add(table, id=len(self.rows[table]) + 1, **columns)

    def _prose(self, words: int) -> str:
        text = " ".join(self.random.choices(WORDS, k=words))
        return f"{text[0].upper()}{text[1:]}."

    def _person_id(self) -> int:
        return self.random.randint(1, PEOPLE)

    def _organisation(self) -> None:
        long_ago = self.now - SPAN - timedelta(days=30)
        for number in range(1, PEOPLE + 1):
            role = Role.ADMIN if number == 1 else Role.VIEWER if number % 10 == 0 else Role.RESPONDER
            name = f"{NAMES[number % len(NAMES)]} Number{number}"
            self._numbered(Person, email=f"person{number}@example.com", name=name, role=role, created_at=long_ago)
        for number in range(1, TEAMS + 1):
            self._numbered(Team, slug=f"team-{number}", name=f"Team {number}", lead_id=number)
        for number in range(1, PEOPLE + 1):
            self._add(TeamMember, person_id=number, team_id=number % TEAMS + 1)
        for kind in TrackerKind:
            self._numbered(
                Tracker,
                slug=kind.value,
                name=kind.value.capitalize(),
                kind=kind,
                url=f"https://{kind.value}.example.com",
                sealed_token=b"sealed",
                default_target="acme/shop",
                created_at=long_ago,
                read_at=self.now - timedelta(minutes=3),
            )
        for number in range(1, SERVICES + 1):
            self._numbered(
                Service,
                slug=f"service-{number}",
                name=f"Service {number}",
                description=self._prose(20),
                team_id=number % TEAMS + 1,
                owner_id=self._person_id(),
                escalation_contact="+49 30 901820",
                escalation_verified_on=self.now.date() - timedelta(days=20),
                tracker_id=1,
            )

    def _incident(self, number: int, *, declared_at: datetime) -> None:
        began = declared_at - timedelta(minutes=self.random.randint(1, 40))
        phase = self._phase(declared_at)
        ended = None if phase.is_live else began + timedelta(minutes=self.random.randint(30, 600))
        severity = self.random.choices(list(Severity), weights=(5, 20, 50, 25))[0]
        services = self.random.sample(range(1, SERVICES + 1), k=self.random.choice((1, 1, 2)))
        is_private = self.random.random() < 0.02
        self._numbered(
            Incident,
            number=number,
            title=f"Service {services[0]} {self.random.choice(TROUBLES)}",
            summary=self._prose(25),
            severity=severity,
            phase=phase,
            is_drill=self.random.random() < 0.03,
            is_private=is_private,
            started_at=began,
            detected_at=began + timedelta(minutes=5),
            declared_at=declared_at,
            triaged_at=declared_at + timedelta(minutes=4),
            stabilised_at=ended - timedelta(minutes=10) if ended else None,
            resolved_at=ended,
            declared_by_id=self._person_id(),
        )
        for service in services:
            self._add(IncidentService, incident_id=number, service_id=service)
        for person in self.random.sample(range(1, PEOPLE + 1), k=3 if is_private else 0):
            self._add(IncidentPerson, incident_id=number, person_id=person)
        self._room(number, began=began, severity=severity)
        self._add(
            Comparison,
            incident_id=number,
            stage=Stage.DECLARED,
            asked_at=declared_at,
            run_after=declared_at,
            done_at=declared_at,
            compared_with=number - 1,
        )
        if ended and (severity in (Severity.SEV1, Severity.SEV2) or self.random.random() < 0.2):
            self._postmortem(number, ended=ended, is_required=severity in (Severity.SEV1, Severity.SEV2))

    def _phase(self, declared_at: datetime) -> Phase:
        """Live for some hours, then followed up for a few weeks, then closed."""
        age = self.now - declared_at
        if age < timedelta(hours=6):
            return self.random.choice([phase for phase in Phase if phase.is_live])
        if age < timedelta(days=20):
            return self.random.choice((Phase.RESOLVED, Phase.VERIFIED))
        return Phase.CLOSED

    def _room(self, incident_id: int, *, began: datetime, severity: Severity) -> None:
        for minute in range(self.random.randint(5, 18)):
            at = began + timedelta(minutes=7 * minute)
            self._numbered(
                TimelineEntry,
                incident_id=incident_id,
                at=at,
                kind=self.random.choice(list(EntryKind)),
                text=self._prose(12),
                author_id=self._person_id(),
                created_at=at,
            )
        for role in (IncidentRole.COMMANDER, IncidentRole.TECHNICAL_LEAD):
            self._numbered(RoleAssignment, incident_id=incident_id, role=role, person_id=self._person_id(), since=began)
        for number in range({Severity.SEV1: 6, Severity.SEV2: 3}.get(severity, 1)):
            self._numbered(
                Update,
                incident_id=incident_id,
                audience=self.random.choice(list(Audience)),
                text=self._prose(20),
                author_id=self._person_id(),
                sent_at=began + timedelta(minutes=15 + 20 * number),
            )

    def _postmortem(self, incident_id: int, *, ended: datetime, is_required: bool) -> None:
        due = ended + timedelta(days=7)
        chance = self.random.random()
        state = PostmortemState.PUBLISHED
        if self.now - ended < timedelta(days=6) or chance < 0.03:
            state = PostmortemState.DRAFT
        elif chance < 0.06:
            state = PostmortemState.SKIPPED
        is_published = state is PostmortemState.PUBLISHED
        key = self._numbered(
            Postmortem,
            incident_id=incident_id,
            state=state,
            lead_id=self._person_id(),
            is_required=is_required,
            due_on=due.date(),
            cause_category=self.random.choice(list(CauseCategory)),
            started_at=ended,
            published_at=ended + timedelta(days=self.random.randint(1, 9)) if is_published else None,
            skipped_at=due if state is PostmortemState.SKIPPED else None,
            skipped_reason="The same as the week before." if state is PostmortemState.SKIPPED else "",
        )
        for question in (*QUESTIONS, *self.random.sample(MORE_QUESTIONS, k=3)):
            self._answer(key, question=question, at=ended)
        self._whys(key)

    def _answer(self, postmortem_id: int, *, question: str, at: datetime) -> None:
        who, text = self._person_id(), f"{self._prose(30)}\n\n- {self._prose(10)}\n- {self._prose(12)}"
        key = self._numbered(
            Answer, postmortem_id=postmortem_id, question=question, text=text, saved_by_id=who, saved_at=at, version=2
        )
        for version, words in ((1, self._prose(20)), (2, text)):
            self._numbered(AnswerRevision, answer_id=key, version=version, text=words, saved_by_id=who, saved_at=at)

    def _whys(self, postmortem_id: int) -> None:
        parent = None
        for position in range(5):
            is_last = position == 4
            ending = WhyEnding.CAN_ACT if is_last else None
            parent = self._numbered(
                Why, postmortem_id=postmortem_id, parent_id=parent, position=0, claim=self._prose(10), ending=ending
            )
        for position in range(3):
            self._numbered(
                ContributingFactor,
                postmortem_id=postmortem_id,
                position=position,
                text=self._prose(10),
                category=self.random.choice(list(CauseCategory)),
            )

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

    def _recurrences(self, incidents: int) -> None:
        """One incident in ten was like an earlier one; the latest pairs wait for a decision."""
        for later, earlier in self._pairs(incidents):
            found_at = self.rows[Incident][later - 1]["declared_at"]
            is_waiting = self.now - found_at < timedelta(days=21)
            state = self.random.choice((RecurrenceState.SAME, RecurrenceState.RELATED, RecurrenceState.NOT_THE_SAME))
            self._numbered(
                Recurrence,
                later_id=later,
                earlier_id=earlier,
                state=RecurrenceState.SUSPECTED if is_waiting else state,
                stage=Stage.DECLARED,
                score=round(self.random.uniform(0.3, 0.9), 3),
                reasons=["Both are about the same service.", "Both speak of a time-out."],
                shared_terms=[["time-out", 12], ["gateway", 40]],
                compared_with=later - 1,
                found_at=found_at,
                decided_at=None if is_waiting else found_at + timedelta(days=1),
                decided_by_id=None if is_waiting else self._person_id(),
            )
        for family in range(1, 1 + max(1, incidents // 100)):
            self._numbered(Family, name=self.rows[Incident][family - 1]["title"], created_at=self.now)
            for member in (family, family + incidents // 2):
                self._add(FamilyMember, incident_id=member, family_id=family)

    def _pairs(self, incidents: int) -> Iterator[tuple[int, int]]:
        for later in range(2, incidents + 1):
            if self.random.random() < 0.1:
                yield later, self.random.randint(1, later - 1)
