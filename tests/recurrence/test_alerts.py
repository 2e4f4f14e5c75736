"""The alert that an incident came back: once a pair, to the right people, with the unfinished business."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask

from tests import make
from tests.recurrence.conftest import join, letters
from tracker import action_life
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    Incident,
    IncidentPerson,
    Person,
    PostmortemState,
    Recurrence,
    RecurrenceState,
    Role,
    Service,
    Team,
)
from tracker.recurrence import jobs, operations


@pytest.fixture
def pair(earlier: Incident, later: Incident) -> Recurrence:
    return make.recurrence(later, earlier)


def told(person: Person) -> str:
    """All that was written to somebody, with its spaces made one."""
    return " ".join(" ".join(message.text for message in letters(person)).split())


def test_the_alert_tells_what_was_promised_and_not_kept(
    pair: Recurrence, earlier: Incident, ana: Person, now: datetime
) -> None:
    shown = now - timedelta(days=30)
    late = {"owner_id": ana.id, "due_on": (now - timedelta(days=33)).date()}
    make.action("Lock in small batches", incidents=(earlier,), **late)
    make.action("Alert on lock waits", incidents=(earlier,), state=ActionState.DONE, done_at=now - timedelta(days=40))
    make.action("Rehearse", incidents=(earlier,), state=ActionState.VERIFIED, done_at=shown, verified_at=shown)

    jobs.alert_due(now)

    (letter,) = letters(ana)
    assert letter.subject == f"{pair.later.ref} looks like {pair.earlier.ref} (61 days ago)"
    assert "Of its 3 items: 1 verified, 1 done but not verified, 1 overdue by 33 days (Ana)." in told(ana)
    assert "Lock in small batches" in told(ana)
    assert "Alert on lock waits" in told(ana)
    assert "Rehearse" not in told(ana)
    assert f"/recurrences/{pair.id}" in letter.text
    assert f"/recurrences/{pair.id}" in letter.html


def test_a_declined_item_is_told_with_its_reason(
    pair: Recurrence, earlier: Incident, ana: Person, responder: Person, now: datetime
) -> None:
    declined = {"declined_at": now - timedelta(days=20), "declined_reason": "It costs a week."}
    owners = {"owner_id": ana.id, "risk_accepted_by_id": responder.id}
    make.action("Split the table", incidents=(earlier,), state=ActionState.DECLINED, **declined, **owners)

    jobs.alert_due(now)

    assert "declined on 3 Nov 2026 by Bob because “It costs a week”" in told(ana)


def test_a_skipped_postmortem_is_unfinished_business(
    pair: Recurrence, earlier: Incident, ana: Person, now: datetime
) -> None:
    reason = {"state": PostmortemState.SKIPPED, "skipped_reason": "Nobody had time.", "skipped_at": now}
    make.postmortem(earlier, lead_id=ana.id, **reason)

    jobs.alert_due(now)

    assert "No action items came of it. Its postmortem was skipped: “Nobody had time”." in told(ana)


def test_it_goes_to_those_who_look_after_the_service_own_an_item_led_or_declared(
    pair: Recurrence, earlier: Incident, later: Incident, payments: Team, checkout: Service, now: datetime
) -> None:
    names = ("Member", "Lead", "Owner", "Owes", "Kept", "Led", "Declared", "Stranger")
    people = {name: make.person(name) for name in names}
    join(people["Member"], payments)
    make.action(incidents=(earlier,), owner_id=people["Owes"].id)
    make.action(incidents=(earlier,), owner_id=people["Kept"].id, state=ActionState.DONE, done_at=now)
    make.postmortem(earlier, lead_id=people["Led"].id)
    with transaction():
        session.get_one(Team, payments.id).lead_id = people["Lead"].id
        session.get_one(Service, checkout.id).owner_id = people["Owner"].id
        session.get_one(Incident, later.id).declared_by_id = people["Declared"].id

    jobs.alert_due(now)

    written = {name for name, person in people.items() if letters(person)}
    assert written == {"Member", "Lead", "Owner", "Owes", "Kept", "Led", "Declared"}


@pytest.mark.parametrize("secret", ["earlier", "later"])
def test_who_may_not_see_both_incidents_is_not_told_of_either(
    secret: str, pair: Recurrence, payments: Team, request: pytest.FixtureRequest, now: datetime
) -> None:
    outsider, named, admin = make.person("Otto"), make.person("Nora"), make.person("Alice", role=Role.ADMIN)
    for person in (outsider, named, admin):
        join(person, payments)
    incident: Incident = request.getfixturevalue(secret)
    with transaction():
        session.get_one(Incident, incident.id).is_private = True
        session.add(IncidentPerson(incident_id=incident.id, person_id=named.id))

    jobs.alert_due(now)

    assert [bool(letters(person)) for person in (outsider, named, admin)] == [False, True, True]


def test_somebody_who_has_left_is_not_written_to(pair: Recurrence, payments: Team, now: datetime) -> None:
    gone = make.person("Gil", is_active=False)
    join(gone, payments)

    jobs.alert_due(now)

    assert letters() == []


def test_it_is_told_once_a_pair(pair: Recurrence, ana: Person, payments: Team, now: datetime) -> None:
    join(ana, payments)

    written = [jobs.alert_due(now + timedelta(days=days)) for days in (0, 0, 1, 40)]

    assert written == [1, 0, 0, 0]


def test_two_jobs_at_the_same_moment_tell_it_once(
    app: Flask, pair: Recurrence, ana: Person, payments: Team, now: datetime
) -> None:
    join(ana, payments)
    start = Barrier(4)

    def run(_worker: int) -> int:
        with app.app_context():
            start.wait()
            try:
                return jobs.alert_due(now)
            finally:
                session.remove()

    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(run, range(4)))

    assert (sum(written), len(letters(ana))) == (1, 1)


def test_deciding_that_it_is_the_same_tells_nobody_twice(
    pair: Recurrence, ana: Person, payments: Team, responder: Person, now: datetime
) -> None:
    join(ana, payments)
    jobs.alert_due(now)
    with transaction():
        operations.decide(session.get_one(Recurrence, pair.id), RecurrenceState.SAME, why="", by=responder, now=now)

    jobs.alert_due(now)

    assert len(letters(ana)) == 1


def test_it_is_told_again_when_the_items_change_their_state(
    pair: Recurrence, earlier: Incident, ana: Person, now: datetime
) -> None:
    action = make.action(incidents=(earlier,), owner_id=ana.id, due_on=date(2026, 12, 1))
    jobs.alert_due(now)
    with transaction():
        session.get_one(ActionItem, action.id).state = ActionState.IN_PROGRESS

    jobs.alert_due(now)

    first, second = letters(ana)
    assert (first.subject.endswith("ago)"), second.subject.endswith("ago): its items changed")) == (True, True)


def change(action: ActionItem, *, by: Person, now: datetime) -> None:
    with transaction():
        action_life.start(session.get_one(ActionItem, action.id), by=by, now=now)


def test_news_waits_until_it_is_quiet_and_is_one_mail(
    pair: Recurrence, earlier: Incident, ana: Person, responder: Person, now: datetime
) -> None:
    items = [make.action(incidents=(earlier,), owner_id=ana.id) for _ in range(2)]
    jobs.alert_due(now)
    for minute, item in enumerate(items, start=1):
        change(item, by=responder, now=now + timedelta(minutes=minute))

    written = [jobs.alert_due(now + timedelta(minutes=minute)) for minute in (2, 11, 12, 30)]

    assert written == [0, 0, 1, 0]


def test_nobody_is_written_to_about_what_only_they_did(
    pair: Recurrence, earlier: Incident, ana: Person, payments: Team, responder: Person, now: datetime
) -> None:
    join(responder, payments)
    item = make.action(incidents=(earlier,), owner_id=ana.id)
    jobs.alert_due(now)
    change(item, by=responder, now=now + timedelta(minutes=1))

    jobs.alert_due(now + timedelta(minutes=20))

    assert (len(letters(ana)), len(letters(responder))) == (2, 1)


def test_the_mail_links_both_incidents_and_cuts_endless_titles(
    pair: Recurrence, earlier: Incident, later: Incident, ana: Person, now: datetime
) -> None:
    make.action("endless words " * 20 + "at last", incidents=(earlier,), owner_id=ana.id)

    jobs.alert_due(now)

    (letter,) = letters(ana)
    for incident in (earlier, later):
        assert f"/incidents/{incident.ref}" in letter.text
        assert f"/incidents/{incident.ref}" in letter.html
    assert "at last" not in letter.text + letter.html


def test_days_passing_is_no_news(pair: Recurrence, earlier: Incident, ana: Person, now: datetime) -> None:
    make.action(incidents=(earlier,), owner_id=ana.id, due_on=(now + timedelta(days=2)).date())

    written = [jobs.alert_due(now), jobs.alert_due(now + timedelta(days=9))]

    assert written == [1, 0]


@pytest.mark.parametrize("state", [RecurrenceState.RELATED, RecurrenceState.NOT_THE_SAME])
def test_a_pair_that_is_not_the_same_is_told_to_nobody(
    state: RecurrenceState, earlier: Incident, later: Incident, ana: Person, payments: Team, now: datetime
) -> None:
    join(ana, payments)
    make.recurrence(later, earlier, state=state, decided_at=now)

    jobs.alert_due(now)

    assert letters() == []


def test_nothing_is_told_of_a_drill(
    pair: Recurrence, later: Incident, ana: Person, payments: Team, now: datetime
) -> None:
    join(ana, payments)
    with transaction():
        session.get_one(Incident, later.id).is_drill = True

    jobs.alert_due(now)

    assert letters() == []


def test_an_imported_incident_wakes_nobody(
    pair: Recurrence, later: Incident, ana: Person, payments: Team, now: datetime
) -> None:
    join(ana, payments)
    with transaction():
        session.get_one(Incident, later.id).imported_text = "a digest"

    jobs.alert_due(now)

    assert letters() == []


def test_a_pair_found_long_ago_is_left_to_the_reminders(
    pair: Recurrence, ana: Person, payments: Team, now: datetime
) -> None:
    join(ana, payments)

    jobs.alert_due(now + timedelta(days=91))

    assert letters() == []


def test_a_very_long_list_of_items_ends_with_how_many_more_there_are(
    pair: Recurrence, earlier: Incident, ana: Person, now: datetime
) -> None:
    for number in range(33):
        make.action(f"Promise {number}", incidents=(earlier,), owner_id=ana.id)

    jobs.alert_due(now)

    assert "And 3 more items on the page." in told(ana)
