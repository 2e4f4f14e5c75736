"""What an update begins with, for each audience."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.make import NOW
from tracker.incidents.update_drafts import PARTS, Situation, draft_for, text_of
from tracker.models import Audience, Phase

KNOWN = Situation(
    title="Pool of db-7 is empty",
    phase=Phase.TRIAGED,
    services=("Checkout", "Basket"),
    public_names=("Checkout", "Basket"),
    now=NOW,
    zone=UTC,
    started_at=datetime(2026, 11, 23, 8, 40, tzinfo=UTC),
    next_due_at=NOW + timedelta(minutes=15),
    noted={"users": "About 300", "features": "Payment by card"},
    suspected=("The new version leaks connections",),
    last_action="Rolled back to 4.1",
    holders={"incident commander": "Ana"},
)


def test_the_team_reads_what_we_know_do_and_need() -> None:
    assert draft_for(Audience.TEAM, KNOWN) == {
        "know": "Pool of db-7 is empty. Affected: About 300. What does not work: Payment by card. "
        "We suspect: The new version leaks connections.",
        "doing": "We know what is affected and are making it safe. Rolled back to 4.1.",
        "need": "Tell Ana if you can help.",
        "next": "Next update by 09:20 UTC.",
    }


def test_stakeholders_read_the_impact_and_no_suspicion() -> None:
    draft = draft_for(Audience.STAKEHOLDERS, KNOWN)

    assert draft["impact"] == "Affected: About 300. What does not work: Payment by card."
    assert draft["timeline"] == "It began at 08:40 UTC. Next update by 09:20 UTC."
    assert "leaks" not in "".join(draft.values())


def test_users_read_nothing_of_ours() -> None:
    """No title, no suspicion, no name of a person or a machine, no note of the room."""
    text = text_of(Audience.USERS, draft_for(Audience.USERS, KNOWN))

    assert text == (
        "Checkout and Basket may not work as you expect.\n\nWe are working on it.\n\n"
        "You hear from us here again by 09:20 UTC."
    )


def test_of_what_is_over_users_hear_that_it_is() -> None:
    text = text_of(Audience.USERS, draft_for(Audience.USERS, replace(KNOWN, phase=Phase.RESOLVED)))

    assert text == "The problem with Checkout and Basket is over.\n\nIt is solved. We are sorry for the trouble."


def test_what_is_not_known_is_left_out_and_nothing_breaks() -> None:
    bare = Situation(title="Slow", phase=Phase.DECLARED, services=(), now=NOW, zone=UTC)

    for audience, parts in PARTS.items():
        assert set(draft_for(audience, bare)) == {part.key for part in parts}
    assert text_of(Audience.TEAM, {"know": "Slow.", "doing": " "}) == "**What we know:** Slow."
