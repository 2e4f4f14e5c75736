"""A past incident as a plan: what happens again, what a good answer is, and what is held back."""

from datetime import datetime, timedelta

from tests.make import NOW
from tracker.drills.replay import AFTER, BEFORE, Past, Told, replayed, telling_words
from tracker.models import EntryKind


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


PAST = Past(
    entries=(
        Told(at(-17), EntryKind.EVENT, "Stations that reconnect are refused."),
        Told(at(0), EntryKind.DETECTION, "Heartbeats page: 41 % of stations silent."),
        Told(at(3), EntryKind.ACTION, "Restarted one pod. It made things worse."),
        Told(at(14), EntryKind.EVENT, "The log says: certificates expired."),
        Told(at(19), EntryKind.DECISION, "No further restarts."),
        Told(at(20), EntryKind.EVENT, "Support counts 40 calls in ten minutes."),
        Told(at(25), EntryKind.COMMUNICATION, "Told stakeholders."),
        Told(None, EntryKind.EVENT, "A journalist calls."),
        Told(at(80), EntryKind.EVENT, "71 % of stations are back."),
    ),
    answers=("The certificate of the stations was issued by hand and expired.",),
    known=("Locker control",),
    noticed_at=at(0),
    safe_at=at(70),
)


def test_what_happened_to_people_happens_again_and_what_they_did_is_the_good_answer() -> None:
    found = replayed(PAST, minutes=60)

    assert [(one.minute, one.text) for one in found if not one.held_back] == [
        (0, "Heartbeats page: 41 % of stations silent."),
        (20, "Support counts 40 calls in ten minutes."),
        (30, "A journalist calls."),
    ]
    assert found[1].expected == "Restarted one pod. It made things worse."


def test_what_only_the_end_tells_is_held_back_with_the_reason() -> None:
    held = {one.text: one.held_back for one in replayed(PAST, minutes=60) if one.held_back}

    assert held == {
        "Stations that reconnect are refused.": BEFORE,
        "The log says: certificates expired.": "It names the answer: certificates, expired.",
        "71 % of stations are back.": AFTER,
    }


def test_words_that_everybody_saw_when_it_began_give_nothing_away() -> None:
    assert sorted(telling_words(PAST).values()) == ["certificate", "expired", "issued"]


def test_a_long_incident_passes_faster_and_a_short_one_as_fast_as_it_did() -> None:
    assert [one.minute for one in replayed(PAST, minutes=15) if not one.held_back] == [0, 10, 15]
    assert [one.minute for one in replayed(PAST, minutes=600) if not one.held_back] == [0, 20, 30]


def test_a_timeline_without_any_time_happens_step_by_step() -> None:
    entries = tuple(Told(None, EntryKind.EVENT, text) for text in ("Slow.", "Slower.", "Down."))

    found = replayed(Past(entries, (), (), noticed_at=None, safe_at=None), minutes=60)

    assert [one.minute for one in found] == [0, 5, 10]
