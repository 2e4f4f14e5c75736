"""Buttons that change rights, trackers, decisions or exports, as somebody presses them; and where all else is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests import make
from tracker.clients.tickets import RemotePerson
from tracker.db import session
from tracker.models import (
    ActionState,
    ApiToken,
    Family,
    FamilyMember,
    Person,
    PersonSession,
    Postmortem,
    RecurrenceState,
    Severity,
    Team,
    Webhook,
)
from tracker.postmortems.template_operations import find_question, fingerprint, questions_now
from tracker.security import Vault
from tracker.sync.following.directions import Reopened
from tracker.transfer.uploads import Upload, pack

PAT_IN_THE_TRACKER = RemotePerson(name="pat-codes", shown="Pat C.", email="pat@example.com")
OUTSIDE = "93.184.216.34"
"""A host out in the world that needs no name server."""


@dataclass(frozen=True)
class Press:
    path: str
    noted: str
    """What must stand in the audit log afterwards, once."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    method: str = "POST"


def of_people(admin: Person) -> Iterator[Press]:
    pat = make.person("Pat")
    token = ApiToken(person_id=admin.id, name="t", token_hash="h", first_characters="ft_x", created_at=make.NOW)
    other = PersonSession(person_id=admin.id, token_hash="o", created_at=make.NOW, last_seen_at=make.NOW)
    path = f"/settings/people/{pat.id}"
    yield Press("/settings/people/new", "add_person", {"email": "new@example.com", "role": "viewer"})
    yield Press(path, "change_role", {"name": "Pat", "role": "viewer"})
    yield Press(f"{path}/link", "make_sign_in_link")
    yield Press(f"{path}/mail-link", "mail_sign_in_link")
    yield Press(f"{path}/sessions", "end_sessions")
    yield Press(f"{path}/forget-single-sign-on", "forget_identity")
    yield Press(f"{path}/deactivate", "deactivate_person")
    yield Press(f"{path}/reactivate", "reactivate_person")
    yield Press("/settings/tokens", "create_token", {"name": "Pipeline", "scope": "read", "days": "90"})
    yield Press(f"/settings/tokens/{make.save(token).id}/revoke", "revoke_token")
    yield Press(f"/profile/sessions/{make.save(other).id}/end", "end_session")
    yield Press("/profile/sessions", "end_sessions")
    yield Press("/profile/password", "set_password", {"new": "four unrelated words here"})
    yield Press("/settings/audit.csv", "export_audit")


def of_the_catalog(admin: Person) -> Iterator[Press]:
    service, team = make.service("Checkout"), make.team("Payments")
    yield Press(f"/services/{service.slug}/archive", "archive_service")
    yield Press(f"/services/{service.slug}/restore", "restore_service")
    yield Press("/teams/new", "add_team", {"name": "Search"})
    yield Press(f"/teams/{team.slug}/edit", "edit_team", {"name": "Payments", "version": team.version})
    days = {"before": 3, "lead": 5, "owner": 12, "version": session.get_one(Team, team.id).version}
    yield Press(f"/teams/{team.slug}/reminders", "set_reminder_days", days)


def of_trackers(admin: Person) -> Iterator[Press]:
    tracker, pat = make.tracker("GitHub", url=f"https://{OUTSIDE}"), make.person("Pat Codes")
    path = f"/settings/trackers/{tracker.id}"
    typed = {"name": "Ours", "url": f"https://{OUTSIDE}", "token": "t", "default_target": "acme/shop"}
    yield Press("/settings/trackers/new", "add_tracker", {**typed, "site": "github"})
    yield Press(f"{path}/edit", "edit_tracker", {**typed, "name": "GitHub"})
    yield Press(f"{path}/off", "switch_off_tracker")
    yield Press(f"{path}/on", "switch_on_tracker")
    yield Press(f"{path}/following", "edit_following", {"state_in": "y", "reopened": Reopened.REOPEN.value})
    yield Press(f"{path}/webhook", "make_webhook")
    yield Press(f"{path}/webhook/remove", "remove_webhook")
    yield Press(f"{path}/people/{pat.id}", "confirm_account", {"name": PAT_IN_THE_TRACKER.name, "words": "pat"})
    yield Press(f"{path}/people/{pat.id}/forget", "forget_account")
    yield Press(f"{path}/fields/new", "save_field_mapping", {"target": "acme/shop", "labels": "incident"})
    yield Press(f"{path}/fields/1", "save_field_mapping", {"target": "acme/shop", "labels": "postmortem"})
    yield Press(f"{path}/fields/1/remove", "remove_field_mapping")
    yield Press(f"{path}/remove", "remove_tracker")


def of_what_is_told(admin: Person) -> Iterator[Press]:
    channel = make.channel()
    sealed = Vault(make.SECRET).seal("whsec_AAAA")
    hook = make.save(Webhook(name="Chat", url=f"https://{OUTSIDE}/", sealed_secret=sealed, created_at=make.NOW))
    typed = {"name": "#shop", "team_id": 0, "kinds": "reminder", "version": 1}
    path = f"/settings/chat/{channel.id}"
    yield Press("/settings/chat/new", "add_channel", {**typed, "secret_address": f"json://{OUTSIDE}/x"})
    yield Press(f"{path}/edit", "edit_channel", {**typed, "name": "#till"})
    yield Press(f"{path}/off", "switch_off_channel")
    yield Press(f"{path}/on", "switch_on_channel")
    yield Press(f"{path}/remove", "remove_channel")
    path, typed = f"/settings/webhooks/{hook.id}", {"name": "Chat", "url": f"https://{OUTSIDE}/", "version": 1}
    yield Press("/settings/webhooks", "make_outgoing_webhook", typed)
    yield Press(path, "edit_outgoing_webhook", typed)
    yield Press(f"{path}/secret", "renew_webhook_secret")
    yield Press(f"{path}/switch", "switch_off_webhook")
    yield Press(f"{path}/switch", "switch_on_webhook")
    yield Press(f"{path}/remove", "remove_outgoing_webhook")
    yield Press("/settings/status", "change_status_page", {"title": "Status", "is_on": "y"})


def of_what_goes_in_and_out(admin: Person) -> Iterator[Press]:
    text = b"# Outage\n\n## Summary\n\nIt broke.\n\n## Timeline\n\n- 2026-03-01 10:00 Alert\n"
    yield Press("/settings/transfer/export", "export_everything")
    yield Press("/settings/transfer/import", "import_documents", {"packed": pack([Upload("outage.md", text)])})


def of_postmortems(admin: Person) -> Iterator[Press]:
    skipped, ready = make.incident(severity=Severity.SEV4), make.incident(severity=Severity.SEV4)
    complete(make.postmortem(ready))
    question = {"heading": "What did it cost?", "guidance": "In money.", "step": "what-happened", "is_asked": "y"}
    own = "/settings/questions/own_what_did_it_cost"
    yield Press(f"/incidents/{skipped.ref}/postmortem/skip", "skip_postmortem", {"reason": "A drill."})
    yield Press(f"/incidents/{skipped.ref}/postmortem/take-up", "take_up_postmortem")
    yield Press(f"/incidents/{ready.ref}/postmortem/publish", "publish_postmortem")
    yield Press(f"/incidents/{ready.ref}/postmortem/unpublish", "unpublish_postmortem", {"reason": "A number."})
    yield Press("/settings/questions/new", "change_postmortem_questions", question)
    yield Press(own, "change_postmortem_questions", {**question, "seen": seen_now("own_what_did_it_cost")})
    yield Press(f"{own}/move/up", "change_postmortem_questions")


def complete(postmortem: Postmortem) -> None:
    for question in ("summary", "root_causes", "what_alerted_us", "no_items"):
        make.answer(postmortem, question, "Words.")


def seen_now(key: str) -> str:
    """What the page of a question hands back, to tell whether somebody changed it meanwhile."""
    return fingerprint(find_question(questions_now(), key))


def of_incidents_and_items(admin: Person) -> Iterator[Press]:
    incident = make.incident()
    one, other = make.action(incidents=(incident,)), make.action(incidents=(incident,))
    hidden = {"title": "Hidden", "severity": "SEV2", "is_private": "y", "version": incident.version}
    no = {"reason": "Too dear.", "accepted_by_id": admin.id, "look_again_on": "2027-01-01"}
    yield Press(f"/incidents/{incident.ref}/edit", "change_privacy", hidden)
    yield Press(f"/actions/{one.ref}/decline", "decline_action", no)
    yield Press("/actions/change/decline", "decline_action", {**no, "item": other.ref})
    yield Press(f"/actions/{one.ref}/keep-declined", "keep_declined", no)
    yield Press("/actions/change/keep-declined", "keep_declined", {**no, "item": other.ref})
    yield Press(f"/actions/{one.ref}/reopen", "take_up_declined")
    yield Press("/actions/change/open-again", "take_up_declined", {"item": other.ref})


def of_recurrences(admin: Person) -> Iterator[Press]:
    first, second, third, fourth = (make.incident(f"{number} falls over") for number in range(4))
    pair = make.recurrence(second, first, state=RecurrenceState.SAME, decided_at=make.NOW)
    done_at = make.NOW - timedelta(days=9)
    fix = make.action(incidents=(first,), state=ActionState.DONE, done_at=done_at, done_evidence="Seen.")
    family = make.save(Family(name="Falls", created_at=make.NOW))
    for member in (first, second):
        make.save(FamilyMember(incident_id=member.id, family_id=family.id))
    path, about = f"/recurrences/{pair.id}", {"action": fix.ref}
    yield Press(f"{path}/verdict", "give_verdict", {**about, "verdict": "not relevant"})
    yield Press(f"{path}/verdict/take-back", "take_back_verdict", about)
    yield Press(f"{path}/undo", "undo_recurrence_decision")
    yield Press(f"{path}/decide", "decide_recurrence", {"decision": "same", "why": "The same cache."})
    yield Press(f"/incidents/{third.ref}/recurrences/same", "merge_families", {"other": first.ref, "merge_why": "So."})
    yield Press(f"/families/{family.id}/merge", "merge_families", {"other": fourth.ref, "merge_why": "So."})
    yield Press(f"/families/{family.id}/split", "split_family", {"out": fourth.ref, "split_why": "Not so."})
    yield Press("/families/changes/3/undo", "undo_family_change")
    fit = make.calibration_fit(is_in_use=False)
    yield Press(f"/settings/calibration/{fit.id}/use", "choose_calibration")
    yield Press("/settings/calibration/shipped", "choose_calibration")


def of_programs(admin: Person) -> Iterator[Press]:
    incident, earlier = make.incident("Queue full again"), make.incident("Queue full")
    item, pair = make.action(incidents=(incident,)), make.recurrence(incident, earlier)
    complete(make.postmortem(incident))
    no = {"state": "declined", "reason": "Too dear.", "look_again_on": "2027-01-01"}
    yield Press(f"/api/v1/action-items/{item.ref}", "decline_action", no, "PATCH")
    yield Press(f"/api/v1/incidents/{incident.ref}/postmortem/publish", "publish_postmortem")
    yield Press(f"/api/v1/recurrences/{pair.id}/decision", "decide_recurrence", {"decision": "same", "why": "It is."})
    yield Press(f"/api/v1/incidents/{incident.ref}", "change_privacy", {"is_private": True}, "PATCH")


SCENES = (
    of_people,
    of_the_catalog,
    of_trackers,
    of_what_is_told,
    of_what_goes_in_and_out,
    of_postmortems,
    of_incidents_and_items,
    of_recurrences,
    of_programs,
)

ELSEWHERE: Mapping[str, str] = {
    "the history of the item, and of its ticket": """
        actions.change_chosen actions.create actions.finish actions.link actions.not_holding
        actions.snooze actions.start actions.undo actions.unlink actions.update actions.verify
        recurrence.link
        sync.create_again sync.give_up sync.link sync.make_several sync.push sync.try_again sync.unlink
        sync.write_again""",
    "the incident, its timeline and its updates": """
        incidents.add incidents.advise_rollback incidents.correct incidents.decide_on_rollback incidents.declare
        incidents.hand_over incidents.look incidents.mark incidents.move_on incidents.note_evidence
        incidents.put_back incidents.remove incidents.reopen incidents.resolve incidents.send_parts
        incidents.send_update incidents.settle incidents.star incidents.suspect incidents.take_back incidents.tick
        timeline.add catalog.reached""",
    "the postmortem, with revisions, comments and editions": """
        postmortems.add_factor postmortems.add_picture postmortems.add_why postmortems.approve
        postmortems.ask_for_review postmortems.ask_reviewer postmortems.autosave postmortems.change_factor
        postmortems.change_why postmortems.choose_cause postmortems.comment postmortems.dismiss_factor_wording
        postmortems.dismiss_wording postmortems.lead postmortems.move_why postmortems.remove_factor
        postmortems.remove_why postmortems.reopen postmortems.resolve postmortems.restore postmortems.save
        postmortems.settle postmortems.start""",
    "the drill": """
        drills.add_inject drills.end drills.give_inject drills.note_gap drills.plan drills.promise_gap drills.remove
        drills.remove_inject drills.save drills.save_inject drills.start drills.test_item drills.tick
        drills.write_showed""",
    "the runbook and its runs": """
        readiness.archive readiness.do_step readiness.restore readiness.reviewed readiness.save readiness.use
        readiness.write""",
    "the service": "catalog.create catalog.save catalog.verify_contact",
    "the same rows as from a page": """
        api.add_entry api.create_action api.declare_incident api.push_action api.take_notification
        api.write_postmortem""",
    "the row of the session, and the line of the log that each try to sign in is": """
        accounts.ask_for_link accounts.check_password accounts.sign_out accounts.use_link""",
    "with whoever chose it, for themself alone": """
        accounts.change_profile incidents.choose_subscriptions mail_choices.save_choice mail_choices.stop
        reports.subscribe reports.unsubscribe""",
    "nowhere: it is looked at, or what was written down is done sooner or once more": """
        channels.send_test mailing.send_again postmortems.be_here postmortems.preview postmortems.wording sync.check
        sync.github_hook sync.jira_hook sync.look sync.sync_now timeline.look transfer.preview webhooks.send_again
        webhooks.send_test""",
}
"""Endpoints that change no rights, trackers, decisions or exports, by where what they do is kept instead."""
