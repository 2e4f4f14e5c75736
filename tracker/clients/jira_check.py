"""What is missing before tickets can go to a Jira project, found by reading only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from tracker.clients.answers import Answer
from tracker.clients.failures import NoAccess, Refused, StrangeAnswer
from tracker.clients.jira_answers import target as checked_target
from tracker.clients.tickets import TicketField

Get = Callable[[str, Mapping[str, str]], object]
MOST_CHOICES = 200
_RIGHTS = ("CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS")
#: Fields that every ticket of ours carries, or that Jira fills by itself.
_FILLED = frozenset({"project", "issuetype", "summary", "description", "labels", "reporter"})
#: Fields that we fill, without which Jira refuses a ticket of ours, and why we do not leave them out.
_WANTED = (
    ("labels", "Labels", "by a label we find a ticket again whose answer was lost"),
    ("duedate", "Due date", "Jira refuses tickets with a due date otherwise"),
)


def project_problems(get: Get, *, target: str, kind: str, filled: Collection[str] = ()) -> list[str]:
    """Sentences about the project, our rights there, and required fields that nobody fills."""
    try:
        get(f"project/{checked_target(target)}", {})
    except (NoAccess, Refused):
        return [f"We cannot see the project {target}. Check its key, and that our account may browse it."]
    return _missing_rights(get, target=target) + _missing_fields(get, target=target, kind=kind, filled=filled)


def _missing_rights(get: Get, *, target: str) -> list[str]:
    try:
        answer = get("mypermissions", {"projectKey": target, "permissions": ",".join(_RIGHTS)})
    except (NoAccess, Refused):  # an old server that cannot say: the first ticket will tell
        return []
    rights = Answer(answer, where="our rights").inner("permissions")
    return [
        f"Our account lacks the permission {right.replace('_', ' ').lower()} in {target}."
        for right in _RIGHTS
        if rights.has(right) and rights.inner(right).says_no("havePermission")
    ]


def _missing_fields(get: Get, *, target: str, kind: str, filled: Collection[str]) -> list[str]:
    try:
        fields = _asked_fields(get, target=target, kind=kind)
    except Refused as error:
        return [error.message]
    asked = [_field(value, name=name) for name, value in fields.items() if name not in _FILLED]
    names_left = [one.shown for one in asked if one.is_required and one.name not in filled]
    problems = [f"Jira requires these fields for a {kind} in {target}: {', '.join(names_left)}."] if names_left else []
    return problems + [
        f'"{shown}" is not on the screen for a new {kind} in {target}. Add it there: {reason}.'
        for name, shown, reason in _WANTED
        if name not in fields
    ]


def ticket_fields(get: Get, *, target: str, kind: str) -> tuple[TicketField, ...]:
    """What a new issue can carry beyond what we always send. Raises `Refused` when there is no such issue type."""
    fields = _asked_fields(get, target=target, kind=kind)
    return tuple(_field(asked, name=name) for name, asked in fields.items() if name not in _FILLED)


def _asked_fields(get: Get, *, target: str, kind: str) -> dict[str, Answer]:
    kinds = _kinds(get, target=checked_target(target))
    if kind.lower() not in kinds:
        names = ", ".join(sorted(known.text("name") for known in kinds.values())) or "none"
        raise Refused(f'{target} has no issue type "{kind}" for us. It offers: {names}.')
    return _fields(get, target=target, kind=kinds[kind.lower()])


def _field(asked: Answer, *, name: str) -> TicketField:
    schema = asked.optional_inner("schema")
    choices = [Answer(one, where="a choice") for one in asked.items("allowedValues")[:MOST_CHOICES]]
    return TicketField(
        name=name[:100],
        shown=(asked.optional_text("name") or name)[:200],
        is_required=asked.says_yes("required") and not asked.says_yes("hasDefaultValue"),
        kind=((schema.optional_text("type") if schema else None) or "string")[:100],
        choices=tuple(shown[:200] for one in choices if (shown := _shown(one))),
    )


def _shown(choice: Answer) -> str | None:
    return choice.optional_text("name") or choice.optional_text("value")


def _kinds(get: Get, *, target: str) -> dict[str, Answer]:
    """The issue types we may create, by name in small letters."""
    try:
        answer = Answer(get(f"issue/createmeta/{target}/issuetypes", {}), where="the issue types")
        values = answer.items("issueTypes") or answer.items("values")
    except (NoAccess, Refused):  # servers before 8.4
        values = _old_kinds(get, target=target)
    kinds = [Answer(value, where="an issue type") for value in values]
    return {kind.text("name").lower(): kind for kind in kinds if not kind.says_yes("subtask")}


def _old_kinds(get: Get, *, target: str) -> list[object]:
    answer = get("issue/createmeta", {"projectKeys": target, "expand": "projects.issuetypes.fields"})
    projects = Answer(answer, where="the issue types").items("projects")
    return Answer(projects[0], where="the project").items("issuetypes") if projects else []


def _fields(get: Get, *, target: str, kind: Answer) -> dict[str, Answer]:
    inner = kind.optional_inner("fields")
    if inner is not None:
        return {name: inner.inner(name) for name in inner.names()}
    answer = Answer(get(f"issue/createmeta/{target}/issuetypes/{kind.text('id')}", {}), where="the fields")
    values = [Answer(value, where="a field") for value in answer.items("fields") or answer.items("values")]
    if not values:
        raise StrangeAnswer(f"Jira did not say which fields a new ticket in {target} needs.")
    return {value.text("fieldId"): value for value in values}
