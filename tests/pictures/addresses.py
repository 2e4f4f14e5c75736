"""Which pages there are, and what of the sample data each is shown with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import Select, func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import make
from tests.browser import Browser
from tests.rules.walk import READING, World, checks_itself, declared, make_link, make_webhook, rules, send
from tracker import clock
from tracker.db import session
from tracker.documents import documents_of
from tracker.markdown_documents import to_markdown
from tracker.models import (
    ActionEvent,
    ActionItem,
    ActionTicket,
    ApiToken,
    Base,
    CalibrationFit,
    CauseCategory,
    Channel,
    ContributingFactor,
    Drill,
    DrillGap,
    DrillInject,
    Edition,
    Evidence,
    EvidenceKind,
    Family,
    FamilyMember,
    FieldMapping,
    Hypothesis,
    Incident,
    IncidentAction,
    IncidentService,
    Message,
    MessageKind,
    Person,
    Phase,
    Postmortem,
    PostmortemState,
    Push,
    PushState,
    Recurrence,
    RecurrenceState,
    ReviewComment,
    Role,
    Runbook,
    RunbookRun,
    RunbookStepDone,
    Service,
    Setting,
    StatusComponent,
    Team,
    Ticket,
    TimelineEntry,
    Tracker,
    Why,
)
from tracker.security import PUBLIC
from tracker.status.settings_row import NAME as STATUS_PAGE
from tracker.stopped_mails import stop_url
from tracker.wiring import settings

Row = TypeVar("Row", bound=Base)
FROM_ELSEWHERE = {"accounts.come_back"}
"""Where only another site sends people."""
PICTURES = {"postmortems.picture"}
"""What stands on a page and is none."""
LIVE_PHASES = [phase for phase in Phase if phase.is_live]


@dataclass(frozen=True)
class Shot:
    """One page to take."""

    name: str
    path: str
    is_public: bool


class SampleWorld(World):
    """The rows of the sample data that have most to show."""

    def fills(self, rule: Rule) -> dict[str, list[object]]:
        last_week = (clock.utcnow() - timedelta(weeks=1)).date().isocalendar()
        found = super().fills(rule) | {"week": [f"{last_week.year}-W{last_week.week:02d}"]}
        if rule.rule.startswith("/mail/stop"):
            address = stop_url(MessageKind.REMINDER, person_id=self.person.id, settings=settings())
            found["token"] = [address.rpartition("/")[2]]
        return found


def what_to_take(app: Flask) -> tuple[list[Shot], list[str], Person]:
    """The addresses that answer with a page, those that answer with nothing, and who looks at them."""
    person = viewer_of_most()
    world = sample_world()
    make_link(world.person, now=clock.utcnow())
    pages, misses = [], []
    for shot in shots(app, world):
        response = send(Browser(app, person=None if shot.is_public else person), READING, shot.path)
        is_miss = response.status_code >= 400 and not shot.name.startswith("errors-")
        if is_miss:
            misses.append(
                f"{shot.path} answers {response.status_code}: teach tests/pictures/addresses.py what to show."
            )
        elif is_page(response):
            pages.append(shot)
    return pages, misses, person


def is_page(response: TestResponse) -> bool:
    """Whether somebody would look at this: no file, no part that only another page loads, and no mail alone.

    A mail stands in a sandbox where no script may run, axe neither; the page around it shows it in a frame.
    """
    is_whole = response.mimetype == "text/html" and "<html" in response.get_data(as_text=True)
    return is_whole and "sandbox" not in response.headers.get("Content-Security-Policy", "")


def shots(app: Flask, world: World) -> Iterator[Shot]:
    """Every address that answers to GET with what it is shown with, and the pages that no rule names."""
    for rule in rules(app, method=READING):
        if checks_itself(app, rule) or rule.endpoint in FROM_ELSEWHERE | PICTURES:
            continue
        is_public = declared(app, rule) == PUBLIC
        paths = world.paths(rule)
        for path in paths:
            name = rule.endpoint.replace(".", "-") + (f"-{path.rsplit('/', 1)[1]}" if len(paths) > 1 else "")
            yield Shot(name, path, is_public)
    live = session.scalar(
        select(Incident).where(Incident.phase.in_(LIVE_PHASES), ~Incident.is_private, ~Incident.is_drill).limit(1)
    )
    if live is not None:
        yield Shot("incidents-show-live", f"/incidents/{live.ref}", is_public=False)
    drilled = session.get(Incident, world.drill.incident_id)
    if drilled is not None:
        yield Shot("drills-room", f"/incidents/{drilled.ref}", is_public=False)
        yield Shot("drills-in-the-room", f"/incidents/{drilled.ref}/drill", is_public=False)
    for state, drill in (("over", Drill.ended_at.is_not(None)), ("planned", Drill.started_at.is_(None))):
        found = first(select(Drill).where(drill))
        if found is not None:
            yield Shot(f"drills-page-{state}", f"/drills/{found.id}", is_public=False)
    items = "&".join(f"item=AI-{number}" for number in range(1, 6))
    yield Shot("actions-change-chosen", f"/actions/change?{items}", is_public=False)
    yield Shot("sync-several-chosen", f"/actions/tickets?{items}", is_public=False)
    yield Shot("actions-index-board", "/actions?view=board", is_public=False)
    yield Shot("errors-404", "/incidents/INC-999999", is_public=False)


def sample_world() -> World:
    """One of everything an address can name, out of the sample data; what it lacks is made."""
    incident = best_incident()
    promised = richest(ActionItem, ActionEvent.action_id).join(IncidentAction)
    action = first(promised.where(IncidentAction.incident_id == incident.id)) or make.action(incidents=(incident,))
    show_status_page()
    show_review(incident)
    run = a_run(incident)
    tracker = first(select(Tracker).order_by(Tracker.id)) or make.tracker(read_at=clock.utcnow())
    postmortem = first(select(Postmortem).where(Postmortem.incident_id == incident.id)) or make.postmortem(incident)
    person = first(select(Person).order_by(Person.role != Role.RESPONDER, Person.id)) or make.person()
    recurrence = first(select(Recurrence).order_by(Recurrence.state != RecurrenceState.SUSPECTED, Recurrence.id.desc()))
    hook, drill = make_webhook(), a_drill(incident, lead=viewer_of_most())
    ticket = first(richest(Ticket, ActionTicket.ticket_id)) or make.ticket(
        tracker, action=action, title=action.title, seen_at=clock.utcnow()
    )
    return SampleWorld(
        incident=incident,
        action=action,
        entry=first(select(TimelineEntry).where(TimelineEntry.incident_id == incident.id)) or make.entry(incident),
        why=first(select(Why).where(Why.postmortem_id == postmortem.id))
        or make.save(Why(postmortem_id=postmortem.id, claim="The pool was empty.")),
        factor=first(select(ContributingFactor).where(ContributingFactor.postmortem_id == postmortem.id))
        or make.save(ContributingFactor(postmortem_id=postmortem.id, text="The release was on a Friday.")),
        recurrence=recurrence or make.recurrence(later=incident),
        family=first(richest(Family, FamilyMember.family_id)) or a_family(incident),
        service=first(richest(Service, IncidentService.service_id)) or make.service(),
        team=first(richest(Team, Service.team_id)) or make.team(),
        tracker=tracker,
        person=person,
        token=first(select(ApiToken)) or a_token(person),
        message=first(select(Message).order_by(Message.kind != MessageKind.RECURRENCE_ALERT, Message.id))
        or a_message(person),
        push=first(select(Push)) or make.push(action, tracker, state=PushState.LINKED, ticket_id=ticket.id),
        ticket=ticket,
        channel=first(select(Channel)) or make.channel(),
        mapping=first(select(FieldMapping).where(FieldMapping.tracker_id == tracker.id)) or a_mapping(tracker),
        hypothesis=first(select(Hypothesis).where(Hypothesis.incident_id == incident.id)) or a_hypothesis(incident),
        webhook=hook[0],
        post=hook[1],
        fit=first(select(CalibrationFit)) or make.calibration_fit(),
        runbook=run.runbook,
        run=run,
        drill=drill,
        inject=drill.injects[-1],
        gap=drill.gaps[0],
    )


def show_review(incident: Incident) -> None:
    """An edition of its postmortem, and what a reader said to it."""
    postmortem = first(select(Postmortem).where(Postmortem.incident_id == incident.id)) or make.postmortem(incident)
    answers = {"postmortem_id": postmortem.id, "question": "summary", "made_at": make.NOW}
    make.save(ReviewComment(text="How do we know the number?", **answers))
    if first(select(Edition).where(Edition.postmortem_id == postmortem.id)) is not None:
        return
    document = to_markdown(documents_of([session.merge(incident)])[0])
    if first(select(Edition).where(Edition.postmortem_id == postmortem.id)) is None:
        make.save(Edition(postmortem_id=postmortem.id, number=1, document=document, published_at=make.NOW))


def a_run(incident: Incident) -> RunbookRun:
    """A runbook that is half done in an incident."""
    steps = ["Look at the certificate's date", "Issue a new one", "Watch clients return"]
    text = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))
    runbook = Runbook(title="Renew a certificate", text=text, saved_at=clock.utcnow(), reviewed_on=None)
    run = RunbookRun(runbook=runbook, incident_id=incident.id, steps=steps, started_at=incident.declared_at)
    run.done.append(RunbookStepDone(position=0, note="It ended at midnight.", done_at=incident.declared_at))
    return make.save(run)


def a_drill(incident: Incident, *, lead: Person) -> Drill:
    """The incident happens again, and has for half an hour."""
    begun = clock.utcnow() - timedelta(minutes=30)
    room = make.incident("Game day: a quiet Sunday", is_drill=True, declared_at=begun, started_at=begun)
    drill = Drill(title=room.title, severity=room.severity, lead_id=lead.id, replays_id=incident.id, created_at=begun)
    drill.incident_id, drill.started_at = room.id, begun
    drill.scenario, drill.aim = "It is an ordinary Sunday. An alert fires.", "Do we look at the certificate first?"
    for minute, text in (
        (0, "41 % of stations are silent."),
        (20, "Support counts 40 calls."),
        (45, "A journalist calls."),
    ):
        drill.injects.append(DrillInject(minute=minute, text=text, expected="Tell users what to do until then."))
    drill.gaps.append(DrillGap(text="Nobody on call may renew a certificate", noted_at=begun))
    return make.save(drill)


def show_status_page() -> None:
    """Switched on, with the services of the sample data, and users told of the newest incidents."""
    value = {"is_on": True, "title": "Acme status", "intro": "Questions? Write to support@example.org."}
    if session.get(Setting, STATUS_PAGE) is None:
        make.save(Setting(name=STATUS_PAGE, value=value, changed_at=clock.utcnow()))
    for service in session.scalars(select(Service).where(~Service.is_archived).limit(5)).all():
        if session.get(StatusComponent, service.id) is None:
            make.save(StatusComponent(service_id=service.id, name=service.name))


def a_hypothesis(incident: Incident) -> Hypothesis:
    """One with evidence on both sides."""
    hypothesis = Hypothesis(
        incident_id=incident.id,
        suspect=CauseCategory.RECENT_DEPLOY,
        claim="The new version opens a connection for every request.",
        disproof="Servers that still run the old version lose connections too.",
        raised_at=incident.declared_at,
    )
    for kind, text, is_against in (
        (EvidenceKind.METRIC, "Connections rise since the deploy, on the three new servers alone.", False),
        (EvidenceKind.LOG, "One server with the old version refused a connection too.", True),
    ):
        hypothesis.evidence.append(Evidence(kind=kind, text=text, is_against=is_against, noted_at=incident.declared_at))
    return make.save(hypothesis)


def best_incident() -> Incident:
    """A published one that everybody may see, best of a family, with the longest timeline."""
    published = (
        richest(Incident, TimelineEntry.incident_id)
        .join(Postmortem)
        .where(Postmortem.state == PostmortemState.PUBLISHED, ~Incident.is_private, ~Incident.is_drill)
    )
    return first(published.join(FamilyMember)) or first(published) or make.incident()


def viewer_of_most() -> Person:
    """The administrator for whom most is waiting."""
    query = richest(Person, ActionItem.owner_id).where(Person.role == Role.ADMIN, Person.is_active)
    return first(query) or make.person("Alice", role=Role.ADMIN)


def richest(kind: type[Row], counted: Any) -> Select[Row]:
    """The rows of a kind, those to which most others point by the column ``counted`` first."""
    key: Any = kind
    number = select(func.count()).where(counted == key.id).scalar_subquery()
    return select(kind).order_by(number.desc(), key.id)


def first(query: Select[Row]) -> Row | None:
    return session.scalars(query.limit(1)).first()


def a_family(incident: Incident) -> Family:
    family = make.save(Family(name="Cold caches", created_at=make.NOW))
    make.save(FamilyMember(incident_id=incident.id, family_id=family.id))
    return family


def a_mapping(tracker: Tracker) -> FieldMapping:
    return make.save(
        FieldMapping(
            tracker_id=tracker.id,
            target="acme/shop",
            labels=["incident", "reliability"],
            priorities={"P1": "urgent", "P2": "soon"},
            checked_at=clock.utcnow(),
        )
    )


def a_token(person: Person) -> ApiToken:
    return make.save(
        ApiToken(person_id=person.id, name="t", token_hash="h", first_characters="ft_x", created_at=make.NOW)
    )


def a_message(person: Person) -> Message:
    return make.save(
        Message(
            kind=MessageKind.SIGN_IN_LINK,
            about="picture",
            person_id=person.id,
            subject="Your link",
            text="Sign in.",
            html="<p>Sign in.</p>",
            run_after=make.NOW,
            created_at=make.NOW,
        )
    )
