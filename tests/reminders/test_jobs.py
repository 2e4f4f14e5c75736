"""Who hears of what, when: one mail a person a day, each step once, nothing that they may not see."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.db import session, transaction
from tracker.messages import Writer
from tracker.models import (
    ActionEvent,
    ActionItem,
    ActionState,
    Message,
    MessageKind,
    Person,
    PostmortemState,
    RecurrenceState,
    Reminder,
    ReminderStep,
    Role,
    TeamMember,
)
from tracker.reminders import jobs, operations
from tracker.stopped_mails import stop_mails, stop_url
from tracker.wiring import settings

TODAY = date(2026, 11, 23)


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def mails(person: Person) -> list[Message]:
    session.rollback()
    query = select(Message).where(Message.person_id == person.id, Message.kind == MessageKind.REMINDER)
    return list(session.scalars(query.order_by(Message.id)))


def sentences(action: ActionItem) -> list[str]:
    session.rollback()
    return list(session.scalars(select(ActionEvent.sentence).where(ActionEvent.action_id == action.id)))


def test_what_waits_for_a_person_is_one_mail(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    make.action("Warm the cache", owner_id=ana.id, due_on=days(-2))
    make.action("Alert on queue depth", owner_id=ana.id, due_on=days(2))

    jobs.write_reminders(now)

    [mail] = mails(ana)
    assert mail.subject == "1 overdue item and 1 more thing wait for you"
    assert "AI-1 Warm the cache\n  2 days overdue, due on 21 Nov 2026." in mail.text
    assert "AI-2 Alert on queue depth\n  Due in 2 days, on 25 Nov 2026." in mail.text


def test_nothing_to_say_is_no_mail(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    make.action(owner_id=ana.id, due_on=days(4))
    make.action(owner_id=ana.id, due_on=days(-4), state=ActionState.DONE, done_at=now, watch_until=days(20))

    assert jobs.write_reminders(now) == 0
    assert mails(ana) == []


def test_the_same_step_is_told_once(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    action = make.action(owner_id=ana.id, due_on=TODAY)

    written = [jobs.write_reminders(now + timedelta(days=after, minutes=5)) for after in (0, 0, 1, 2)]

    assert written == [1, 0, 0, 0]
    assert sentences(action) == ["Reminded Ana: due today."]


def test_a_new_due_date_begins_the_ladder_again(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    action = make.action(owner_id=ana.id, due_on=TODAY)
    jobs.write_reminders(now)

    with transaction():
        session.get_one(ActionItem, action.id).due_on = days(1)
    jobs.write_reminders(now + timedelta(days=1))

    assert sentences(action) == ["Reminded Ana: due today.", "Reminded Ana: due today."]


def test_the_lead_hears_after_a_week_and_the_services_owner_after_two(app: Flask, now: datetime) -> None:
    ana, lena, otto = make.person("Ana"), make.person("Lena"), make.person("Otto")
    team = make.team(lead_id=lena.id)
    incident = make.incident(services=[make.service(owner_id=otto.id, team_id=team.id)])
    action = make.action(incidents=(incident,), owner_id=ana.id, team_id=team.id, due_on=days(-6))

    heard = {}
    for day in range(12):
        jobs.write_reminders(now + timedelta(days=day))
        heard[day] = [len(mails(one)) for one in (ana, lena, otto)]

    assert [heard[day] for day in (0, 1, 7, 8)] == [[1, 0, 0], [2, 1, 0], [2, 1, 0], [3, 1, 1]]
    assert sentences(action)[2] == "Reminded Lena, who leads the team: 7 days overdue, due on 17 Nov 2026."
    assert "Owner: Ana." in mails(otto)[0].text


def test_after_thirty_days_the_item_says_that_the_report_shows_it(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    action = make.action(owner_id=ana.id, due_on=days(-30))

    jobs.write_reminders(now)

    [told] = sentences(action)
    assert told.endswith("It stands on the front of the weekly report.")
    assert session.scalars(select(Reminder.step)).all() == [ReminderStep.FRONT]


def test_an_item_of_nobody_goes_to_who_leads_the_team_then_to_its_members_then_to_administrators(
    app: Flask, now: datetime, admin: Person
) -> None:
    lena, bo = make.person("Lena"), make.person("Bo")
    led, unled = make.team("Led", lead_id=lena.id), make.team("Unled")
    make.save(TeamMember(team_id=unled.id, person_id=bo.id))
    for team_id in (led.id, unled.id, None):
        make.action(f"Of team {team_id}", team_id=team_id, due_on=TODAY)

    jobs.write_reminders(now)

    assert [len(mails(one)) for one in (lena, bo, admin)] == [1, 1, 1]
    assert [f"Of team {one}" in mails(who)[0].text for one, who in ((led.id, lena), (unled.id, bo), (None, admin))] == [
        True
    ] * 3


def test_nobody_hears_of_what_they_may_not_see(app: Flask, now: datetime) -> None:
    ana, lena, otto = make.person("Ana"), make.person("Lena"), make.person("Otto")
    team = make.team(lead_id=lena.id)
    service = make.service(owner_id=otto.id, team_id=team.id)
    secret = make.incident("quokka", is_private=True, named=(ana,), services=[service], declared_by_id=otto.id)
    make.postmortem(secret, due_on=days(-20), is_required=True)
    make.recurrence(make.incident("quokka again", declared_by_id=otto.id, services=[service]), secret, found_at=now)
    make.action("quokka item", incidents=(secret,), owner_id=ana.id, team_id=team.id, due_on=days(-20))

    for day in (0, 8):
        jobs.write_reminders(now + timedelta(days=day))

    assert [len(mails(one)) for one in (ana, lena, otto)] == [1, 0, 0]


def test_a_postmortem_has_a_clock_too(app: Flask, now: datetime) -> None:
    ana, lena = make.person("Ana"), make.person("Lena")
    team = make.team(lead_id=lena.id)
    incident = make.incident("Checkout is down", services=[make.service(team_id=team.id)])
    make.postmortem(incident, lead_id=ana.id, due_on=days(1), is_required=True)
    done = make.incident("Search is slow", services=[])
    make.postmortem(
        done, lead_id=ana.id, due_on=days(-9), state=PostmortemState.SKIPPED, skipped_reason="No news.", skipped_at=now
    )

    for day in (0, 1, 8):
        jobs.write_reminders(now + timedelta(days=day))

    assert [mail.text.count("INC-1 Checkout is down") for mail in mails(ana)] == [1, 1, 1]
    assert "INC-2" not in "".join(mail.text for mail in mails(ana))
    assert "7 days overdue, due on 24 Nov 2026. Owner: Ana." in mails(lena)[0].text


def test_an_undecided_recurrence_is_asked_for(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    later = make.incident("Checkout again", declared_by_id=ana.id)
    pair = make.recurrence(later, found_at=now - timedelta(days=2))

    written = [jobs.write_reminders(now + timedelta(days=day)) for day in (0, 1, 2)]

    assert written == [0, 1, 0]
    assert f"/recurrences/{pair.id}" in mails(ana)[0].text


def test_a_decided_recurrence_is_asked_for_no_more(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    later = make.incident("Checkout again", declared_by_id=ana.id)
    make.recurrence(later, found_at=now - timedelta(days=9), state=RecurrenceState.RELATED, decided_at=now)

    assert jobs.write_reminders(now) == 0


def test_the_end_of_the_watch_window_and_the_day_to_look_again_are_told(app: Flask, now: datetime) -> None:
    ana, bo = make.person("Ana"), make.person("Bo")
    make.action("Watched", owner_id=ana.id, state=ActionState.DONE, done_at=now, watch_until=TODAY)
    declined = make.action("Declined", owner_id=ana.id, risk_accepted_by_id=bo.id, look_again_on=TODAY)
    with transaction():
        decided = session.get_one(ActionItem, declined.id)
        decided.state, decided.declined_at, decided.declined_reason = ActionState.DECLINED, now, "Too dear."

    jobs.write_reminders(now)

    assert "Done, and watched until 23 Nov 2026." in mails(ana)[0].text
    assert "To be looked at again on 23 Nov 2026." in mails(bo)[0].text


def test_what_somebody_declined_or_did_who_has_gone_is_told_to_who_is_next_in_charge(app: Flask, now: datetime) -> None:
    gone, lena = make.person("Gone", is_active=False), make.person("Lena")
    admin = make.person("Adam", role=Role.ADMIN)
    why: dict[str, Any] = {"declined_at": now, "declined_reason": "Too dear.", "look_again_on": TODAY}
    make.action("Declined", owner_id=gone.id, risk_accepted_by_id=gone.id, state=ActionState.DECLINED, **why)
    team_id = make.team(lead_id=lena.id).id
    make.action("Watched", owner_id=gone.id, team_id=team_id, state=ActionState.DONE, done_at=now, watch_until=TODAY)

    jobs.write_reminders(now)

    assert "AI-1 Declined\n  To be looked at again on 23 Nov 2026." in mails(admin)[0].text
    assert "AI-2 Watched\n  Done, and watched until 23 Nov 2026." in mails(lena)[0].text


def test_who_was_switched_off_hears_nothing_and_their_items_go_to_the_team_at_once(app: Flask, now: datetime) -> None:
    ana, lena = make.person("Ana", is_active=False), make.person("Lena")
    action = make.action("Warm the cache", owner_id=ana.id, team_id=make.team(lead_id=lena.id).id)
    kept = make.action("Verified", owner_id=ana.id, state=ActionState.VERIFIED, done_at=now, verified_at=now)

    night = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    jobs.write_reminders(night)
    jobs.write_reminders(night)

    assert [mail.subject for mail in mails(lena)] == ["AI-1 needs a new owner: Warm the cache"]
    assert mails(ana) == []
    assert sentences(action) == ["Ana is not here any more: it waits for a new owner."]
    assert session.get_one(ActionItem, action.id).owner_id is None
    assert session.get_one(ActionItem, kept.id).owner_id == ana.id


def test_switching_a_person_off_hands_their_items_over(
    app: Flask, admin_browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    ana, lena = make.person("Ana"), make.person("Lena")
    make.action("Warm the cache", owner_id=ana.id, team_id=make.team(lead_id=lena.id).id)

    admin_browser.get(f"/settings/people/{ana.id}").submit("Switch off")
    app.extensions["followthrough.queue"].huey.execute(app.extensions["followthrough.queue"].huey.dequeue())

    assert len(mails(lena)) == 1


def test_the_team_of_a_private_item_hears_of_it_only_when_it_may(app: Flask, now: datetime, admin: Person) -> None:
    ana, lena = make.person("Ana", is_active=False), make.person("Lena")
    secret = make.incident("quokka", is_private=True)
    make.action("quokka item", incidents=(secret,), owner_id=ana.id, team_id=make.team(lead_id=lena.id).id)

    jobs.write_reminders(now)

    assert (len(mails(lena)), len(mails(admin))) == (0, 1)


def test_a_worker_that_dies_before_its_commit_has_told_nothing(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    make.action(owner_id=ana.id, due_on=TODAY)

    class Killed(BaseException):
        """As if the process had ended here."""

    with pytest.raises(Killed), transaction():
        calendar, writer = settings().work_calendar, Writer(settings())
        operations.remind(session.get_one(Person, ana.id), day=TODAY, calendar=calendar, writer=writer, now=now)
        raise Killed
    assert mails(ana) == []

    jobs.write_reminders(now)

    assert len(mails(ana)) == 1


def test_who_stopped_reminders_gets_none_and_no_item_says_otherwise(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    action = make.action(owner_id=ana.id, due_on=TODAY)
    with transaction():
        stop_mails(ana.id, kind=MessageKind.REMINDER)

    assert jobs.write_reminders(now) == 0
    assert sentences(action) == []


def test_the_mail_itself_says_how_to_stop_it(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    make.action(owner_id=ana.id, due_on=TODAY)

    jobs.write_reminders(now)

    [mail] = mails(ana)
    for part in (mail.text, mail.html):
        assert "http://localhost/profile/mail" in part
        assert stop_url(MessageKind.REMINDER, person_id=ana.id, settings=settings()) in part


def test_a_person_elsewhere_hears_of_it_when_they_are_at_work(app: Flask, now: datetime) -> None:
    ana = make.person("Ana", timezone="America/Los_Angeles")
    make.action(owner_id=ana.id, due_on=TODAY)

    assert jobs.write_reminders(now) == 0
    assert jobs.write_reminders(now.replace(hour=18)) == 1


def test_a_role_that_only_reads_is_not_asked_to_decide(app: Flask, now: datetime) -> None:
    vera = make.person("Vera", role=Role.VIEWER)
    make.recurrence(make.incident(declared_by_id=vera.id), found_at=now - timedelta(days=9))

    assert jobs.write_reminders(now) == 0
