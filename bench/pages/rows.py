"""Rows to measure with: a company of a few teams and years of incidents, the same at every run.

Two years lie behind the last incident. Most incidents are over, a few are live; items are open, late, done, shown to
work, did not hold or were declined; postmortems have answers with revisions, whys and factors.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bench.pages.promises import Promises
from bench.pages.seeded import ITEMS_EACH, MORE_QUESTIONS, NAMES, PEOPLE, QUESTIONS, SERVICES, SPAN, TEAMS, TROUBLES
from tracker.models import (
    Answer,
    AnswerRevision,
    Audience,
    CauseCategory,
    Comparison,
    ContributingFactor,
    EntryKind,
    Family,
    FamilyMember,
    Incident,
    IncidentPerson,
    IncidentRole,
    IncidentService,
    Person,
    Phase,
    Postmortem,
    PostmortemState,
    Recurrence,
    RecurrenceState,
    Role,
    RoleAssignment,
    Service,
    Severity,
    Stage,
    Team,
    TeamMember,
    TimelineEntry,
    Tracker,
    TrackerKind,
    Update,
    Why,
    WhyEnding,
)


def fill(*, incidents: int, now: datetime) -> None:
    """Fill an empty, migrated database."""
    Company(now=now, incidents=incidents).save()


class Company(Promises):
    """The teams, their incidents and what they made of them."""

    def __init__(self, *, now: datetime, incidents: int) -> None:
        super().__init__(now)
        self._organisation()
        for number in range(1, incidents + 1):
            self._incident(number, declared_at=now - SPAN * ((incidents - number + 0.2) / incidents))
        for number in range(1, incidents * ITEMS_EACH + 1):
            self._item(number)
        self._recurrences(incidents)

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
