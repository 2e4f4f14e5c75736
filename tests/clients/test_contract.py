"""What all trackers do alike, when nothing breaks. What they do when things break: `test_faults.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.clients.worlds import GithubWorld, JiraWorld, MemoryWorld, World, never_made
from tracker.clients.check_report import Lacking
from tracker.clients.failures import ClientError, NoAccess, Refused, TicketGone
from tracker.clients.singly import Singly
from tracker.clients.ticket_text import new_marker
from tracker.clients.tickets import BackLink, Gone, TicketEdit, TicketSnapshot, TicketState, WhyGone

pytestmark = pytest.mark.once

CLOSED = [TicketState.DONE, TicketState.NOT_PLANNED, TicketState.DUPLICATE]


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def test_a_new_ticket_comes_back_as_it_stands_there(world: World) -> None:
    new = world.new("Add an alert", labels=("follow-through",))

    made = world.client.create(new)

    assert (made.title, made.state, made.target) == (new.title, TicketState.OPEN, world.target)
    assert "follow-through" in made.labels
    assert made.updated_at.utcoffset() == timedelta(0)
    assert world.client.fetch(made.key) == world.client.fetch(made.url) == made


def test_one_create_is_one_write_and_one_ticket(world: World) -> None:
    new = world.new("Only once")

    world.client.create(new)

    assert (world.writes(), world.count(new.title)) == (1, 1)


def test_a_due_date_is_kept_where_the_tracker_has_one(world: World) -> None:
    made = world.client.create(world.new("Due", due_on=date(2026, 12, 24)))

    assert made.due_on == (None if isinstance(world, GithubWorld) else date(2026, 12, 24))


def test_a_ticket_is_found_again_by_its_marker_and_by_no_other(world: World) -> None:
    new = world.new("Find me")
    made = world.client.create(new)
    world.client.create(world.new("Not me"))

    found = world.client.find_by_marker(world.target, marker=new.marker, since=an_hour_ago())
    other = world.client.find_by_marker(world.target, marker=new_marker("AI-1"), since=an_hour_ago())

    assert (found, other) == (made, None)


def test_a_marker_in_the_words_of_a_person_does_not_count(world: World) -> None:
    marker = new_marker("AI-99")
    world.client.create(world.new("Copied", body=f"See <!-- followthrough:{marker} -->"))

    assert world.client.find_by_marker(world.target, marker=marker, since=an_hour_ago()) is None


def test_nobody_is_called_by_a_mention(world: World) -> None:
    made = world.client.create(world.new("Ask @acme/everyone"))
    world.client.comment(made.handle, text="@ana and [~ana] and ana@example.com")

    assert "@acme" not in made.title
    said = world.comments(made)[-1]
    assert "@ana" not in said
    assert "[~ana" not in said
    assert "ana@example.com" in said


def test_a_title_that_is_too_long_is_cut_where_one_sees_it(world: World) -> None:
    made = world.client.create(world.new("long " * 100))

    assert len(made.title) <= 256
    assert made.title.endswith("…")


def test_a_text_that_is_too_long_is_cut_and_still_found(world: World) -> None:
    new = world.new("Long", body="line\n" * 20_000)
    made = world.client.create(new)

    assert world.client.find_by_marker(world.target, marker=new.marker, since=an_hour_ago()) == made


@pytest.mark.parametrize("letter", ["x", "é", "火", "🔥"])
def test_no_text_is_longer_than_the_tracker_takes_and_a_cut_is_seen(world: World, letter: str) -> None:
    new = world.new(letter * 300, body=letter * 70_000, due_on=date(2026, 12, 24))

    made = world.client.create(new)
    edited = world.client.edit(made.handle, changes=TicketEdit(title=letter * 299))
    world.client.comment(made.handle, text=letter * 70_000, marker=new.marker)

    assert (made.title[-1], edited.title[-1]) == ("…", "…")
    assert "too long for the tracker" in world.text(made)
    assert "too long for the tracker" in world.comments(made)[-1]
    assert len(edited.title) >= 128, "no more is cut than Jira wants"


def test_whom_nobody_meant_is_called_by_no_text_that_leaves(world: World) -> None:
    called = "@team and [~ana] and @acme/everyone"
    new = world.new(called, body=called, labels=("@team",))

    made = world.client.create(new)
    world.client.comment(made.handle, text=called)
    edited = world.client.edit(made.handle, changes=TicketEdit(title=called + "!"))

    for said in (made.title, edited.title, world.text(made), world.comments(made)[-1]):
        assert said.replace("\u200b", "").startswith(called)
        assert not any(mention in said for mention in ("@team", "[~ana]", "@acme"))


@pytest.mark.parametrize("state", CLOSED)
def test_what_others_close_is_read_with_its_reason(world: World, state: TicketState) -> None:
    made = world.client.create(world.new("Close me"))
    world.close(made, state=state)

    read = world.client.read_many([made.handle])[made.remote_id]

    assert isinstance(read, TicketSnapshot)
    assert read.state is state


@pytest.mark.parametrize("state", CLOSED)
def test_we_close_with_a_reason_and_reopen(world: World, state: TicketState) -> None:
    made = world.client.create(world.new("Close and reopen"))

    closed = world.client.close(made.handle, state=state)
    reopened = world.client.reopen(made.handle)

    assert (closed.state, reopened.state) == (state, TicketState.OPEN)
    assert (closed.remote_id, reopened.remote_id) == (made.remote_id, made.remote_id)


def test_an_edit_changes_what_it_names_and_nothing_else(world: World) -> None:
    new = world.new("Old", labels=("one",), due_on=date(2026, 12, 24))
    made = world.client.create(new)

    edited = world.client.edit(made.handle, changes=TicketEdit(title="A better title"))

    assert (edited.title, edited.labels, edited.due_on) == ("A better title", made.labels, made.due_on)


def test_new_labels_do_not_make_us_lose_the_ticket(world: World) -> None:
    new = world.new("Labels", labels=("one",))
    made = world.client.create(new)

    edited = world.client.edit(made.handle, changes=TicketEdit(labels=("two",)))
    found = world.client.find_by_marker(world.target, marker=new.marker, since=an_hour_ago())

    assert edited.labels == ("two",)
    assert found is not None
    assert found.remote_id == made.remote_id


def test_changes_are_listed_without_a_call_for_each_ticket(world: World) -> None:
    made = [world.client.create(world.new("Listed")) for _ in range(3)]
    world.close(made[1], state=TicketState.NOT_PLANNED)

    changed = {one.remote_id: one for one in world.client.changed_since(world.target, since=an_hour_ago())}

    assert {one.remote_id for one in made} <= changed.keys()
    assert changed[made[1].remote_id].state is TicketState.NOT_PLANNED


def test_the_list_without_a_start_holds_everything(world: World) -> None:
    made = world.client.create(world.new("Everything"))
    world.close(made, state=TicketState.DONE)

    assert made.remote_id in {one.remote_id for one in world.client.changed_since(world.target, since=None)}


def test_a_deleted_ticket_is_gone_and_never_done(world: World) -> None:
    made = world.client.create(world.new("Delete me"))
    world.delete(made)

    assert world.client.read_many([made.handle]) == {
        made.remote_id: Gone(remote_id=made.remote_id, why=WhyGone.DELETED)
    }


def test_a_ticket_we_may_not_see_any_more_is_no_access_and_not_deleted(world: World) -> None:
    made = world.client.create(world.new("Hide me"))
    world.hide_target()

    assert world.client.read_many([made.handle]) == {
        made.remote_id: Gone(remote_id=made.remote_id, why=WhyGone.NO_ACCESS)
    }


def test_a_moved_ticket_keeps_its_id_and_shows_its_new_key(world: World) -> None:
    made = world.client.create(world.new("Move me"))
    key = world.move(made)

    read = world.client.read_many([made.handle])[made.remote_id]

    assert isinstance(read, TicketSnapshot)
    assert (read.remote_id, read.key, read.target) == (made.remote_id, key, world.other_target)
    assert world.client.close(made.handle).state is TicketState.DONE


def test_one_deleted_ticket_does_not_fail_the_others(world: World) -> None:
    first, deleted, last = (world.client.create(world.new("Batch")) for _ in range(3))
    world.delete(deleted)
    unknown = never_made(first)

    read = world.client.read_many([first.handle, unknown, deleted.handle, last.handle])

    assert read[first.remote_id] == first
    assert read[last.remote_id] == last
    assert isinstance(read[deleted.remote_id], Gone)
    assert isinstance(read[unknown.remote_id], Gone)


def test_why_a_ticket_is_gone_is_asked_for_only_where_many_at_once_cannot_tell(world: World) -> None:
    made = world.client.create(world.new("Gone")).handle
    world.delete(world.client.fetch(made.key))
    tells_at_once = isinstance(world, MemoryWorld) or (isinstance(world, JiraWorld) and world.server.is_cloud)

    def why(*, lost: WhyGone | None, singly: Singly) -> WhyGone | None:
        seen = world.client.read_many([replace(made, lost=lost)], singly=singly).get(made.remote_id)
        return seen.why if isinstance(seen, Gone) else None

    assert why(lost=None, singly=Singly()) is WhyGone.DELETED
    assert why(lost=WhyGone.DELETED, singly=(none_left := Singly(left=0))) is WhyGone.DELETED
    assert not none_left.has_run_out
    assert why(lost=None, singly=none_left) is (WhyGone.DELETED if tells_at_once else None)
    assert none_left.has_run_out is not tells_at_once
    assert why(lost=WhyGone.NO_ACCESS, singly=none_left) is (WhyGone.DELETED if tells_at_once else WhyGone.NO_ACCESS)


def test_a_deleted_ticket_cannot_be_written_to(world: World) -> None:
    made = world.client.create(world.new("Deleted"))
    world.delete(made)

    with pytest.raises((TicketGone, NoAccess)) as caught:
        world.client.comment(made.handle, text="Another incident asks for this.")
    assert caught.value.permanent


@pytest.mark.parametrize(
    "pasted", ["", "hello", "https://elsewhere.example.com/acme/shop/issues/1", "http://[", "../../user"]
)
def test_what_is_not_a_ticket_is_refused_with_a_sentence(world: World, pasted: str) -> None:
    with pytest.raises(Refused) as caught:
        world.client.fetch(pasted)
    assert str(caught.value).endswith(".")


def test_a_target_that_is_not_there_is_named_by_the_check(world: World) -> None:
    missing = "acme/nothing" if "/" in world.target else "NOPE"

    fine = world.client.check(targets=[world.target])
    wrong = world.client.check(targets=[world.target, missing])

    assert fine.is_healthy
    assert fine.account
    assert len(wrong.problems) == 1
    assert missing in wrong.problems[0]


def test_a_ticket_for_nowhere_is_an_error_for_good(world: World) -> None:
    world.hide_target()

    with pytest.raises(ClientError):
        world.client.fetch("acme/shop#1" if "/" in world.target else f"{world.target}-1")


def test_the_link_back_may_be_added_twice(world: World) -> None:
    link = BackLink(global_id="followthrough:AI-7", url="https://ft.example.com/actions/AI-7", title="AI-7")
    made = world.client.create(world.new("Linked", back_link=link))

    world.client.link_back(made.handle, link=link)

    assert made.notes == ()


def test_an_assignee_is_put_on_and_taken_off(world: World) -> None:
    name = "octocat" if "/" in world.target else "admin"
    made = world.client.create(world.new("Whose"))

    given = world.client.edit(made.handle, changes=TicketEdit(assignee=name))
    taken = world.client.edit(made.handle, changes=TicketEdit(assignee=None))

    assert (given.assignee, taken.assignee) == (name, None)


def test_people_are_found_by_part_of_a_name(world: World) -> None:
    name = "octocat" if "/" in world.target else "admin"

    found = world.client.people(world.target, words=name[:4])

    assert name in [one.name for one in found]
    assert world.client.people(world.target, words="nobody-at-all") == ()


def test_a_comment_is_found_again_by_its_marker_and_by_no_other(world: World) -> None:
    made = world.client.create(world.new("Talk"))
    marker, other = new_marker("AI-7"), new_marker("AI-7")

    world.client.comment(made.handle, text="Another incident asks for this.", marker=marker)

    assert "Another incident asks for this." in world.comments(made)[0]
    assert world.client.has_comment(made.handle, marker=marker, since=an_hour_ago())
    assert not world.client.has_comment(made.handle, marker=other, since=an_hour_ago())


def test_a_duplicate_names_its_original(world: World) -> None:
    original, copy, alone = (world.client.create(world.new("Same")) for _ in range(3))
    world.duplicate(copy, original=original)
    world.close(alone, state=TicketState.DUPLICATE)

    found = world.client.originals_of([copy.handle, alone.handle, never_made(copy)])

    assert {of: one.handle for of, one in found.items()} == {copy.remote_id: original.handle}


def test_an_unchanged_list_can_be_told_by_its_mark(world: World) -> None:
    made = world.client.create(world.new("Marked"))
    since = an_hour_ago()
    first = world.client.changes(world.target, since=since)
    listed = list(first.tickets)

    again = world.client.changes(world.target, since=since, mark=first.mark)
    listed_again = list(again.tickets)
    world.client.edit(made.handle, changes=TicketEdit(title="Changed since"))
    changed = world.client.changes(world.target, since=since, mark=first.mark)

    assert made in listed
    assert again.is_unchanged is bool(first.mark)
    assert first.mark or not isinstance(world, GithubWorld)
    assert listed_again == ([] if first.mark else listed)
    assert not changed.is_unchanged
    assert "Changed since" in {one.title for one in changed.tickets}


def test_the_ways_that_are_open_are_named_where_a_workflow_rules(world: World) -> None:
    made = world.client.create(world.new("Ways"))

    ways = world.client.ways(made.handle)

    assert (ways != ()) is isinstance(world, JiraWorld)
    assert not ways or any(way.closes for way in ways)


def test_what_a_mapping_names_and_nobody_there_has_is_told(world: World) -> None:
    world.client.create(world.new("Labelled", labels=("here",)))
    octocat = "octocat" if "/" in world.target else "admin"

    lacking = world.client.lacking(world.target, labels=["HERE", "gone"], people=[octocat, "left-us"])

    if isinstance(world, GithubWorld):
        assert lacking == Lacking(labels=("gone",), people=("left-us",))
    assert "HERE" not in lacking.labels
    assert octocat not in lacking.people


def test_the_resolutions_are_named_where_people_may_choose_one(world: World) -> None:
    assert ("Done" in world.client.resolutions()) is isinstance(world, JiraWorld)


def test_the_check_leaves_nothing_behind(world: World) -> None:
    before = {one.remote_id for one in world.client.changed_since(world.target, since=None)}

    report = world.client.check(targets=[world.target])

    assert report.problems == ()
    assert {one.remote_id for one in world.client.changed_since(world.target, since=None)} == before
