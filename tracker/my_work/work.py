"""What was found, put into groups, the worst first, in words. Takes rows, returns values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tracker import words
from tracker.models import ActionItem, ActionState, PostmortemState
from tracker.my_work.confirming import grown_old_group, quiet_group
from tracker.my_work.item_queries import SOON
from tracker.my_work.owing import failed_group, nobodys_group
from tracker.my_work.queries import Lapsed, Pair, Unwritten
from tracker.my_work.shapes import Found, Group, Mark, Row, item_row
from tracker.my_work.ticket_work import calm_ticket_group, ticket_group

OTHERS_SHOWN = 5
TOLD = 3
"""How many kinds of work one sentence can carry."""


@dataclass(frozen=True)
class Work:
    waiting: Sequence[Group]
    """What this person should do something about, the worst first."""
    calm: Sequence[Group]
    """What they may want to know."""

    @property
    def sentence(self) -> str:
        """The worst of it in one sentence: "2 items are overdue, 1 decision waits."."""
        told = [group.count for group in self.waiting]
        more = ", and more below" if len(told) > TOLD else ""
        return f"{', '.join(told[:TOLD])}{more}." if told else ""


def arrange(found: Found, *, person_id: int, today: date, now: datetime) -> Work:
    nobodys = [item for item in found.due if item.owner_id != person_id]
    found = replace(found, due=[item for item in found.due if item.owner_id == person_id])
    groups = (
        lapsed_group(found.lapsed, now=now),
        overdue_group(found, today=today),
        failed_group(found, today=today),
        nobodys_group(nobodys, found, today=today),
        quiet_group(found.to_confirm),
        postmortem_group([one for one in found.unwritten if one.is_theirs], today=today),
        decision_group([pair for pair in found.pairs if pair.is_mine]),
        review_group(found.unwritten),
        due_soon_group(found, today=today),
        ticket_group(found),
        verify_group(found, today=today),
        look_again_group(found),
        grown_old_group(found.to_confirm),
    )
    calm = (
        watched_group(found, today=today),
        calm_ticket_group(found),
        other_pairs_group([pair for pair in found.pairs if not pair.is_mine]),
    )
    return Work([group for group in groups if group.rows], [group for group in calm if group.rows])


def lapsed_group(lapsed: Sequence[Lapsed], *, now: datetime) -> Group:
    rows = [
        Row(
            f"INC-{one.number}",
            one.title,
            f"/incidents/INC-{one.number}",
            Mark(one.severity),
            _lapsed_why(one, now=now),
            "Send an update",
        )
        for one in lapsed
    ]
    return Group(
        "Updates that people wait for",
        "“Still investigating, nothing new” is an update too.",
        rows,
        f"{words.count(len(rows), 'update is', 'updates are')} overdue",
    )


def _lapsed_why(one: Lapsed, *, now: datetime) -> str:
    since = f"The last one went {words.relative(one.last_sent_at, now)}" if one.last_sent_at else "None was sent yet"
    practice = " This is a drill." if one.is_drill else ""
    return f"{since}; the next was due {words.relative(one.due_at, now)}.{practice}"


def overdue_group(found: Found, *, today: date) -> Group:
    items = [item for item in found.due if item.is_overdue(today)]
    rows = [
        item_row(
            item,
            found,
            mark=Mark("overdue", f"{words.count(item.days_overdue(today), 'day')} overdue"),
            why=f"{_state_words(item)}It was due on {words.day_text(item.due_on)}.{_snoozed(item, today=today)}",
            verb="Open item",
        )
        for item in items
    ]
    return Group(
        "Overdue",
        "Finish it, give it a new date, hand it on, or decline it with a reason: each is better than silence.",
        rows,
        f"{words.count(len(rows), 'item is', 'items are')} overdue",
        "/actions?owner=me",
        "All your items",
    )


def _snoozed(item: ActionItem, *, today: date) -> str:
    is_waiting = item.snoozed_until is not None and item.snoozed_until > today
    return f" No reminder until {words.day_text(item.snoozed_until)}." if is_waiting else ""


def due_soon_group(found: Found, *, today: date) -> Group:
    soon = today + SOON
    items = [item for item in found.due if item.due_on is not None and today <= item.due_on <= soon]
    items = [item for item in items if item.state is not ActionState.DID_NOT_HOLD]
    rows = [
        item_row(
            item,
            found,
            mark=Mark("due_soon", _due_words(item.due_on, today=today)),
            why=f"{_state_words(item)}Due on {words.day_text(item.due_on)}.",
            verb="Open item",
        )
        for item in items
    ]
    return Group("Due within a week", "", rows, f"{words.count(len(rows), 'item is', 'items are')} due within a week")


def verify_group(found: Found, *, today: date) -> Group:
    items = sorted((item for item in found.done if _wants_word(item, today=today)), key=lambda item: item.done_evidence)
    rows = [_verify_row(item, found) for item in items]
    return Group(
        "Done: does it work?",
        "Done means shown to work: a test, a drill, a graph, a month without it.",
        rows,
        f"{words.count(len(rows), 'item waits', 'items wait')} to be verified",
    )


def _wants_word(item: ActionItem, *, today: date) -> bool:
    return not item.done_evidence or item.watch_until is None or item.watch_until <= today


def _verify_row(item: ActionItem, found: Found) -> Row:
    if not item.done_evidence:
        why, verb = "It was closed, and nobody has said yet how we know that it works.", "Say how we know"
    else:
        why, verb = f"Watched until {words.day_text(item.watch_until)}. Did it hold?", "Verify"
    return item_row(item, found, mark=Mark("done"), why=why, verb=verb)


def watched_group(found: Found, *, today: date) -> Group:
    rows = [
        item_row(
            item,
            found,
            mark=Mark("done", "Watched"),
            why=f"It comes back here on {words.day_text(item.watch_until)}, unless the incident comes first.",
            verb="Look",
        )
        for item in found.done
        if not _wants_word(item, today=today)
    ]
    return Group("Being watched", "", rows)


def look_again_group(found: Found) -> Group:
    rows = [
        item_row(
            item,
            found,
            mark=Mark("declined"),
            why=f"Declined, to be looked at again on {words.day_text(item.look_again_on)}.",
            verb="Look again",
        )
        for item in found.look_again
    ]
    return Group(
        "Declined: still right?",
        "Keep each declined until another day, open it again, or say that it was done meanwhile.",
        rows,
        f"{words.count(len(rows), 'declined item comes', 'declined items come')} back",
    )


def postmortem_group(unwritten: Sequence[Unwritten], *, today: date) -> Group:
    rows = [_postmortem_row(one, today=today) for one in unwritten]
    return Group(
        "Postmortems to write", "", rows, f"{words.count(len(rows), 'postmortem is', 'postmortems are')} not published"
    )


def _postmortem_row(one: Unwritten, *, today: date) -> Row:
    is_late = one.due_on is not None and one.due_on < today
    mark = (
        Mark("overdue", f"{words.count((today - one.due_on).days, 'day')} overdue")
        if is_late and one.due_on
        else Mark(one.state)
    )
    due = f"Due on {words.day_text(one.due_on)}." if one.due_on else "It has no date; write it while it is fresh."
    nobody = "" if one.has_lead else " Nobody leads it yet, and you declared the incident."
    return Row(
        f"INC-{one.number}",
        one.title,
        f"/incidents/INC-{one.number}/postmortem",
        mark,
        due + nobody,
        "Publish it" if one.state is PostmortemState.IN_REVIEW else "Write on",
    )


def review_group(unwritten: Sequence[Unwritten]) -> Group:
    rows = [
        Row(
            f"INC-{one.number}",
            one.title,
            f"/incidents/INC-{one.number}/postmortem/review",
            Mark(one.state),
            f"You were asked on {words.day_text(one.asked_at.date())} to read it before it is published."
            + (f" It is due on {words.day_text(one.due_on)}." if one.due_on else ""),
            "Read it",
        )
        for one in unwritten
        if one.asked_at is not None
    ]
    return Group(
        "Postmortems to read",
        "Comment on what is not clear yet, or approve it as it stands.",
        rows,
        f"{words.count(len(rows), 'postmortem waits', 'postmortems wait')} for you to read",
    )


def decision_group(pairs: Sequence[Pair]) -> Group:
    return Group(
        "Is this the same again?",
        "Say same, related or not the same. You are asked once a pair.",
        [_pair_row(pair) for pair in pairs],
        f"{words.count(len(pairs), 'decision waits', 'decisions wait')}",
    )


def other_pairs_group(pairs: Sequence[Pair]) -> Group:
    return Group(
        "Other suspected recurrences",
        "",
        [_pair_row(pair) for pair in pairs[:OTHERS_SHOWN]],
        more_url="/recurrences",
        more="All recurrences",
    )


def _pair_row(pair: Pair) -> Row:
    reasons = "; ".join(pair.reasons[:2])
    return Row(
        f"INC-{pair.later_number}",
        pair.later_title,
        f"/recurrences/{pair.id}",
        Mark("suspected"),
        f"Looks like INC-{pair.earlier_number} {pair.earlier_title}{f': {reasons}' if reasons else ''}.",
        "Decide",
    )


def _state_words(item: ActionItem) -> str:
    return "The fix did not hold. " if item.state is ActionState.DID_NOT_HOLD else ""


def _due_words(due_on: date | None, *, today: date) -> str:
    days = (due_on - today).days if due_on else 0
    return {0: "Due today", 1: "Due tomorrow"}.get(days, f"Due in {words.count(days, 'day')}")
