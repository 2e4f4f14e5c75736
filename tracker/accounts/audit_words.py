"""What stands in the audit log, in words: what was done, and the details as one sentence."""

from collections.abc import Iterable, Mapping
from typing import Any

from tracker.models import AuditEntry

DONE = {
    "add_channel": "Connected a chat channel",
    "add_person": "Added a person",
    "add_team": "Added a team",
    "add_tracker": "Connected a tracker",
    "archive_service": "Archived a service",
    "change_password": "Changed the password",
    "change_privacy": "Changed who sees an incident",
    "change_postmortem_questions": "Changed what postmortems ask",
    "change_status_page": "Changed the public status page",
    "change_role": "Changed what a person may do",
    "create_token": "Made a token",
    "deactivate_person": "Took away the right to sign in",
    "decide_recurrence": "Decided a recurrence",
    "choose_calibration": "Chose how likely a match must be",
    "confirm_account": "Said who somebody is in a tracker",
    "edit_channel": "Changed a chat channel",
    "edit_following": "Changed what a tracker follows",
    "forget_identity": "Disconnected from single sign-on",
    "link_identity": "Came in through single sign-on for the first time",
    "forget_account": "Forgot who somebody is in a tracker",
    "make_outgoing_webhook": "Added a webhook",
    "edit_outgoing_webhook": "Changed a webhook",
    "renew_webhook_secret": "Made a new secret of a webhook",
    "switch_on_webhook": "Switched on a webhook",
    "switch_off_webhook": "Switched off a webhook",
    "remove_outgoing_webhook": "Removed a webhook",
    "make_webhook": "Connected a tracker's messages",
    "remove_field_mapping": "Took away a field of new tickets",
    "remove_webhook": "Disconnected a tracker's messages",
    "save_field_mapping": "Filled a field of new tickets",
    "merge_families": "Put families together",
    "split_family": "Took a family apart",
    "undo_family_change": "Undid a change of families",
    "edit_team": "Changed a team",
    "edit_tracker": "Changed a tracker",
    "end_session": "Signed out one browser",
    "end_sessions": "Signed out everywhere",
    "decline_action": "Declined an action item",
    "keep_declined": "Looked at a declined item again, and kept it declined",
    "give_verdict": "Said whether a fix held",
    "take_back_verdict": "Took back whether a fix held",
    "make_backup": "Made a backup",
    "restore_backup": "Put a backup back",
    "export_audit": "Took the audit log out",
    "export_everything": "Took everything out",
    "import_everything": "Took a whole installation in",
    "import_documents": "Took documents in",
    "mail_sign_in_link": "Mailed a sign-in link",
    "make_sign_in_link": "Made a sign-in link",
    "publish_postmortem": "Published a postmortem",
    "reactivate_person": "Gave back the right to sign in",
    "restore_service": "Brought back a service",
    "revoke_token": "Ended a token",
    "set_reminder_days": "Chose when a team is reminded",
    "set_password": "Set a first password",
    "skip_postmortem": "Skipped a postmortem",
    "remove_channel": "Removed a chat channel",
    "remove_tracker": "Removed a tracker that was never used",
    "switch_off_channel": "Switched off a chat channel",
    "switch_on_channel": "Switched on a chat channel",
    "switch_off_tracker": "Switched off a tracker",
    "switch_on_tracker": "Switched on a tracker",
    "take_up_declined": "Took back that an item is declined",
    "take_up_postmortem": "Took up a skipped postmortem",
    "undo_recurrence_decision": "Took back a decision on a recurrence",
    "unpublish_postmortem": "Took a postmortem back to draft",
}
OF_INCIDENTS = ("change_privacy", "publish_postmortem", "skip_postmortem", "take_up_postmortem", "unpublish_postmortem")
"""What is done to an incident, and names it."""
DETAILS = {
    "add_channel": "{kind}.",
    "add_person": "As {role}.",
    "add_tracker": "{kind} at {url}.",
    "change_postmortem_questions": "Version {version}.",
    "change_status_page": "Changed the public status page",
    "decline_action": "Until {look_again_on}, the risk accepted by {accepted_by}.",
    "keep_declined": "Until {look_again_on}, the risk accepted by {accepted_by}.",
    "give_verdict": "{verdict}.",
    "change_role": "From {before} to {after}.",
    "create_token": "It begins with {begins_with}.",
    "decide_recurrence": "They are {decision}.",
    "make_outgoing_webhook": "It tells {url}.",
    "edit_outgoing_webhook": "It tells {url}.",
    "edit_tracker": "At {url}.{token}",
    "end_session": "{program}.",
    "link_identity": "At {issuer}.",
    "revoke_token": "It began with {begins_with}.",
    "undo_recurrence_decision": "They were {was}; now that is open again.",
    "unpublish_postmortem": "Because: {reason}",
}
WORDS = {"admin": "administrator", "github": "GitHub", "jira": "Jira", "same": "the same"}

Names = Mapping[int, str]
"""The names of people by their number."""


def done(action: str) -> str:
    """What was done: "Added a person"."""
    return DONE.get(action, action.replace("_", " ").capitalize())


def people_in(entries: Iterable[AuditEntry]) -> set[int]:
    """The numbers of the people that details name."""
    return {number for entry in entries for number in entry.detail.get("named", [])}


def detail(entry: AuditEntry, *, names: Names) -> str:
    """The details as a sentence; empty where the rest says all."""
    if not entry.detail:
        return ""
    if entry.action == "change_privacy":
        return _privacy(entry.detail, names=names)
    if entry.action in DETAILS:
        return DETAILS[entry.action].format_map(_Told(entry.detail))
    return ", ".join(f"{key.replace('_', ' ')}: {value}" for key, value in entry.detail.items())


class _Told(dict[str, Any]):
    """Details by their names, in our words."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(
            {key: WORDS.get(value, value) if isinstance(value, str) else value for key, value in told.items()}
        )
        self["token"] = " With a new token." if told.get("new_token") else ""

    def __missing__(self, key: str) -> str:
        return "not known"


def _privacy(told: Mapping[str, Any], *, names: Names) -> str:
    if not told.get("is_private"):
        return "Everybody may see it."
    may = ["administrators", *sorted(names.get(number, "somebody who is gone") for number in told.get("named", []))]
    listed = f"{', '.join(may[:-1])} and {may[-1]}" if len(may) > 1 else may[0]
    return f"Only {listed} may see it."
