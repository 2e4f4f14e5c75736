"""What a person is asked to confirm, in groups."""

from collections.abc import Sequence

from tracker import words
from tracker.my_work.confirm_queries import Kind, ToConfirm
from tracker.my_work.shapes import Group, Mark, Row


def quiet_group(found: Sequence[ToConfirm]) -> Group:
    rows = [
        Row(
            f"INC-{one.key}",
            one.title,
            f"/incidents/INC-{one.key}",
            Mark("resolved"),
            "It was watched for as long as was wanted. Verify it, or open it again.",
            "Say how it went",
        )
        for one in found
        if one.kind is Kind.QUIET
    ]
    return Group(
        "Did it stay quiet?",
        "Look at the graphs and the alerts once more.",
        rows,
        f"{words.count(len(rows), 'incident waits', 'incidents wait')} to be verified",
    )


def grown_old_group(found: Sequence[ToConfirm]) -> Group:
    rows = [_contact_row(one) if one.kind is Kind.CONTACT else _runbook_row(one) for one in found if one.kind in OLD]
    return Group(
        "Still right?",
        "At night nobody has time to find out. Say so on the page of each.",
        rows,
        f"{words.count(len(rows), 'contact or runbook waits', 'contacts and runbooks wait')} to be looked at",
    )


OLD = (Kind.CONTACT, Kind.RUNBOOK)


def _contact_row(one: ToConfirm) -> Row:
    tried = f"Last tried on {words.day_text(one.looked_on)}" if one.looked_on else "Nobody ever tried it"
    why = f"Whom to wake: {one.contact}. {tried}."
    return Row("Contact", one.title, f"/services/{one.key}", Mark("due_soon", "To try"), why, "Try it")


def _runbook_row(one: ToConfirm) -> Row:
    read = f"Last read on {words.day_text(one.looked_on)}." if one.looked_on else "Nobody ever read it."
    return Row("Runbook", one.title, f"/runbooks/{one.key}", Mark("due_soon", "To read"), read, "Read it")
