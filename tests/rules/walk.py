"""A walk through every address of the application: what the addresses are, and things that exist to fill them with."""

import contextvars
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import make
from tests.browser import Browser
from tracker.clients.ticket_text import new_marker
from tracker.db import session
from tracker.models import (
    ActionEvent,
    ActionItem,
    AnswerRevision,
    ApiToken,
    Audience,
    CalibrationFit,
    CauseCategory,
    Channel,
    ContributingFactor,
    Drill,
    DrillGap,
    DrillInject,
    Edition,
    Evidence,
    Family,
    FamilyMember,
    FieldMapping,
    HookEvent,
    Hypothesis,
    Incident,
    Message,
    MessageKind,
    Person,
    Picture,
    PostState,
    Push,
    Recurrence,
    ReviewComment,
    Role,
    Runbook,
    RunbookRun,
    RunbookStepDone,
    Service,
    Setting,
    SignInLink,
    StatusComponent,
    Team,
    Tick,
    Ticket,
    TimelineEntry,
    TimelineRevision,
    Tracker,
    Update,
    Webhook,
    WebhookPost,
    Why,
)
from tracker.postmortems.outline import STEPS
from tracker.recurrence.jobs import read_what_is_marked
from tracker.security import PUBLIC, Vault, token_hash
from tracker.status.settings_row import NAME as STATUS_PAGE

READING = "GET"
WRITING = ("POST", "PUT", "PATCH", "DELETE")
LINK_TOKEN = "a one-time token that is only good for tests"


@dataclass(frozen=True)
class World:
    """One of everything an address can name, about one incident."""

    incident: Incident
    action: ActionItem
    entry: TimelineEntry
    why: Why
    factor: ContributingFactor
    recurrence: Recurrence
    family: Family
    service: Service
    team: Team
    tracker: Tracker
    person: Person
    """Somebody on whom every button may be pressed."""
    token: ApiToken
    message: Message
    push: Push
    ticket: Ticket
    mapping: FieldMapping
    channel: Channel
    hypothesis: Hypothesis
    webhook: Webhook
    post: WebhookPost
    fit: CalibrationFit
    runbook: Runbook
    run: RunbookRun
    drill: Drill
    inject: DrillInject
    gap: DrillGap

    def rows(self) -> dict[str, Any]:
        """The rows by their names: ``<why_id>`` in an address is the number of ``why``."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def ids(self) -> dict[str, int]:
        """The numbers of the rows, read once: each request lets the rows themselves be read again."""
        return {name: row.id for name, row in self.rows().items()}

    @cached_property
    def refs(self) -> dict[str, str]:
        return {"action": self.action.ref, "incident": self.incident.ref}

    @cached_property
    def slugs(self) -> dict[str, str]:
        return {"/services": self.service.slug, "/teams": self.team.slug}

    @cached_property
    def comment_id(self) -> int:
        return session.scalar(select(func.max(ReviewComment.id))) or 1

    @cached_property
    def tracker_slug(self) -> str:
        return self.tracker.slug

    def fills(self, rule: Rule) -> dict[str, list[object]]:
        """What fits into each part of an address."""
        path = rule.rule
        slug = next((slug for start, slug in self.slugs.items() if path.startswith(start)), self.tracker_slug)
        numbered = {"/families": "family", "/recurrences": "recurrence", "/settings/mail": "message"}
        row = next((name for start, name in numbered.items() if path.startswith(start)), "recurrence")
        return {
            "ref": [self.refs["action" if path.startswith("/actions") else "incident"]],
            "slug": [slug],
            "tracker": [self.tracker_slug],
            "id": [self.ids[row]],
            **{f"{name}_id": [number] for name, number in self.ids.items()},
            "token": [LINK_TOKEN],
            "step": [*(step.key for step in STEPS), "short-form"],
            "question": ["summary"],
            "comment_id": [self.comment_id],
            "version": [1],
            "direction": ["up", "in"],
            "key": [f"{self.ids['incident']:032x}"],
            "week": ["2026-W47", "2026-W48"],
            "filename": ["css/app.css"],
        }

    def paths(self, rule: Rule) -> list[str]:
        """The addresses of a rule, with what exists filled in.

        What this walk does not know is filled with something that fits; that nothing is there shows in
        ``test_the_walk_reaches_something_behind_every_address``.
        """
        found = [rule.rule]
        fills = self.fills(rule)
        for name in sorted(rule.arguments):
            part = re.compile(rf"<(?:[^<>]*:)?{name}>")
            found = [part.sub(str(value), path) for path in found for value in fills.get(name, ["1"])]
        return found


def rules(app: Flask, *, method: str) -> Iterator[Rule]:
    """The rules that answer to a method, in a fixed order."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        if method in (rule.methods or set()):
            yield rule


def declared(app: Flask, rule: Rule) -> Role | str:
    """The role a rule declared, or ``"public"``."""
    allowed = getattr(app.view_functions[rule.endpoint], "allowed", None)
    view_class = getattr(app.view_functions[rule.endpoint], "view_class", None)
    found = allowed or getattr(view_class, "allowed", None)
    assert isinstance(found, Role) or found == PUBLIC, f"{rule.rule} declares nothing."
    return found


def checks_itself(app: Flask, rule: Rule) -> bool:
    """Whether a rule is for programs that bring a credential of their own instead of a session."""
    return bool(getattr(app.view_functions[rule.endpoint], "checks_itself", False))


def browser_of(app: Flask, person: Person | None) -> Browser:
    """A fresh browser, in which the person is signed in as they are now."""
    session.expire_all()
    return Browser(app, person=person)


def token_of(browser: Browser) -> str:
    """A CSRF token of this browser's session, signed as the server signs those of its forms."""

    def note() -> str:
        with browser.client.session_transaction() as cookie:
            return str(cookie.setdefault("csrf_token", "0" * 40))

    raw = contextvars.Context().run(note)
    return str(URLSafeTimedSerializer(browser.app.secret_key or "", salt="wtf-csrf-token").dumps(raw))


def send(browser: Browser, method: str, path: str, **request: Any) -> TestResponse:
    """One request as it is, in a context of its own, without the checks of a page."""
    session.rollback()
    response: TestResponse = contextvars.Context().run(
        lambda: browser.client.open(path, method=method, follow_redirects=False, **request)
    )
    response.get_data()
    response.close()
    session.rollback()
    return response


def make_world(word: str = "", *, is_private: bool = False, named: tuple[Person, ...] = ()) -> World:
    """One of everything. Each text about the incident holds ``word`` and what kind of text it is."""
    team = make.team(f"Team {make.unique('t')}")
    service = make.service(f"Service {make.unique('s')}", team_id=team.id)
    make_status_page(service)
    incident = make.incident(
        f"{word}title wombat",
        is_private=is_private,
        named=named,
        services=[service],
        summary=f"{word}summary",
        alert_name=f"{word}alert",
        detected_at=make.NOW + timedelta(minutes=3),
    )
    entry, why, factor = make_postmortem(incident, word)
    action = make_action(incident, word)
    earlier = make.incident(
        f"Earlier {make.unique('e')}", declared_at=make.NOW - timedelta(days=61), services=[service]
    )
    read_what_is_marked(make.NOW)
    recurrence = make.recurrence(
        incident, earlier, reasons=[f"shares the rare words: {word}reason"], shared_terms=[[f"{word}term", 2]]
    )
    tracker = make.tracker(f"Tracker {make.unique('k')}", slug=make.unique("tracker"), read_at=make.NOW)
    push = make.push(action, tracker, marker=new_marker(action.ref), last_error=f"{word}pusherror")
    ticket = make.ticket(tracker, action=action, title=f"{word}ticket", key=f"{word}key#1", assignee=f"{word}assignee")
    family = make.save(Family(name="Cold caches", created_at=make.NOW))
    for one in (incident, earlier):
        make.save(FamilyMember(incident_id=one.id, family_id=family.id))
    run = make_run(incident, word)
    person = make.person(f"Pat {make.unique('p')}", email=f"{make.unique('pat')}@example.com")
    token = make.save(
        ApiToken(
            person_id=person.id, name="t", token_hash=make.unique("h"), first_characters="ft_x", created_at=make.NOW
        )
    )
    drill = make_drill(incident, word, lead=person)
    message = make.save(
        Message(
            kind=MessageKind.RECURRENCE_ALERT,
            about=f"recurrence:{recurrence.id}",
            person_id=person.id,
            subject=f"{word}subject",
            text=f"{word}mailtext",
            html=f"<p>{word}mailhtml</p>",
            run_after=make.NOW,
            created_at=make.NOW,
        )
    )
    return World(
        incident,
        action,
        entry,
        why,
        factor,
        recurrence,
        family,
        service,
        team,
        tracker,
        person,
        token,
        message,
        push,
        ticket,
        make_mapping(tracker),
        make_channel(),
        make_hypothesis(incident, word),
        *make_webhook(),
        make.calibration_fit(slope=1.0, shift=0.0),
        run.runbook,
        run,
        drill,
        drill.injects[0],
        drill.gaps[0],
    )


def make_channel() -> Channel:
    """One that keeps its number when a button of the walk has taken its row away."""
    channel = make.channel(make.unique("#channel"))
    session.expunge(channel)
    return channel


def make_webhook() -> tuple[Webhook, WebhookPost]:
    """One that is off, so that nothing the walk does is written for it; a button may take both rows away."""
    sealed = Vault(make.SECRET).seal("whsec_AAAA")
    columns = {"name": "Chat", "url": "https://example.com/hooks", "sealed_secret": sealed, "is_active": False}
    row = make.save(Webhook(**columns, created_at=make.NOW))
    session.expunge(row)
    told = {"event": HookEvent.TEST, "row_id": 0, "at": make.NOW, "run_after": make.NOW, "state": PostState.FAILED}
    post = make.save(WebhookPost(webhook_id=row.id, **told))
    session.expunge(post)
    return row, post


def make_mapping(tracker: Tracker) -> FieldMapping:
    """One that keeps its number when a button of the walk has taken its row away."""
    mapping = make.save(FieldMapping(tracker_id=tracker.id, target="acme/shop", checked_at=make.NOW))
    session.expunge(mapping)
    return mapping


def make_run(incident: Incident, word: str) -> RunbookRun:
    """A runbook, which is for everybody, followed in the incident, which is not."""
    runbook = Runbook(title="Empty the queue", text="1. Look\n2. Empty it", saved_at=make.NOW)
    run = RunbookRun(runbook=runbook, incident_id=incident.id, steps=["Look", "Empty it"], started_at=make.NOW)
    run.done.append(RunbookStepDone(position=0, note=f"{word}stepnote", done_at=make.NOW))
    return make.save(run)


def make_drill(incident: Incident, word: str, *, lead: Person) -> Drill:
    """A drill that goes on in the incident, with something that has happened and something that was missing."""
    texts = {"scenario": f"{word}scenario", "aim": f"{word}aim", "showed": f"{word}showed"}
    drill = Drill(title=f"{word}game", severity=incident.severity, incident_id=incident.id, **texts)
    drill.created_at, drill.started_at, drill.lead_id = make.NOW, make.NOW, lead.id
    drill.injects.append(DrillInject(minute=0, text=f"{word}inject", expected=f"{word}expected", note=f"{word}note"))
    drill.gaps.append(DrillGap(text=f"{word}gap", noted_at=make.NOW))
    return make.save(drill)


def make_status_page(service: Service) -> None:
    """Switched on, with the service of the walk."""
    value = {"is_on": True, "title": "Status", "intro": ""}
    make.save(Setting(name=STATUS_PAGE, value=value, changed_at=make.NOW))
    make.save(StatusComponent(service_id=service.id, name="Ordering"))


def make_hypothesis(incident: Incident, word: str) -> Hypothesis:
    hypothesis = Hypothesis(
        incident_id=incident.id,
        suspect=CauseCategory.RECENT_DEPLOY,
        claim=f"{word}claim",
        disproof=f"{word}disproof",
        finding=f"{word}finding",
        raised_at=make.NOW,
    )
    hypothesis.evidence.append(Evidence(text=f"{word}seen", noted_at=make.NOW))
    return make.save(hypothesis)


def make_link(person: Person, *, now: datetime) -> None:
    """The one-time link that the walk opens."""
    hashed = token_hash(LINK_TOKEN)
    make.save(SignInLink(person_id=person.id, token_hash=hashed, created_at=now, expires_at=now + timedelta(days=1)))


def make_postmortem(incident: Incident, word: str) -> tuple[TimelineEntry, Why, ContributingFactor]:
    postmortem = make.postmortem(incident, is_required=True, due_on=date(2026, 11, 20), left_over=[f"{word}leftover"])
    entry = make.entry(incident, f"{word}entry", at_text=f"{word}attext")
    make.save(TimelineRevision(entry_id=entry.id, kind=entry.kind, text=f"{word}oldentry", corrected_at=make.NOW))
    make.save(Update(incident_id=incident.id, audience=Audience.TEAM, text=f"{word}update", sent_at=make.NOW))
    make.save(Update(incident_id=incident.id, audience=Audience.USERS, text=f"{word}userupdate", sent_at=make.NOW))
    make.save(Tick(incident_id=incident.id, item="scope", note=f"{word}tick", ticked_at=make.NOW))
    for question in ("summary", "root_causes", "worked_well"):
        answer = make.answer(postmortem, question, f"{word}answer")
        make.save(AnswerRevision(answer_id=answer.id, version=1, text=f"{word}oldanswer", saved_at=make.NOW))
    why = make.save(Why(postmortem_id=postmortem.id, claim=f"{word}why", evidence=f"{word}evidence"))
    factor = make.save(ContributingFactor(postmortem_id=postmortem.id, text=f"{word}factor"))
    make.save(ReviewComment(postmortem_id=postmortem.id, question="summary", text=f"{word}comment", made_at=make.NOW))
    make.save(Edition(postmortem_id=postmortem.id, number=1, document=f"{word}edition", published_at=make.NOW))
    picture = {"media_type": "image/png", "width": 1, "height": 1, "content": word.encode(), "added_at": make.NOW}
    make.save(Picture(incident_id=incident.id, key=f"{incident.id:032x}", **picture))
    return entry, why, factor


def make_action(incident: Incident, word: str) -> ActionItem:
    action = make.action(
        f"{word}item wombat",
        incidents=(incident,),
        detail=f"{word}detail",
        done_when=f"{word}donewhen",
        owner_text=f"{word}owner",
        done_evidence=f"{word}proof",
        declined_reason=f"{word}declined",
        due_on=date(2026, 11, 1),
    )
    make.save(ActionEvent(action_id=action.id, at=make.NOW, sentence=f"{word}event"))
    return action
