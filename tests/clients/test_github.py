"""What only GitHub does: pull requests in lists, renamed repositories, people it silently does not assign."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.clients.worlds import GithubWorld, number_of
from tests.servers.proxy import Answer, Request, json_answer, status_fault
from tracker.clients import github_reading
from tracker.clients.failures import Refused, StrangeAnswer
from tracker.clients.singly import Singly
from tracker.clients.ticket_text import marker_comment, new_marker
from tracker.clients.tickets import Gone, RateLeft, TicketEdit, TicketState, WhyGone

pytestmark = pytest.mark.once


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def test_pull_requests_are_not_tickets(github: GithubWorld) -> None:
    made = github.client.create(github.new("Between pull requests"))
    github.server.dress.pull_requests_in.add(github.target)

    changed = list(github.client.changed_since(github.target, since=an_hour_ago()))

    assert made in changed
    assert "A pull" not in {one.title for one in changed}


def test_the_address_of_a_pull_request_is_refused(github: GithubWorld) -> None:
    with pytest.raises(Refused, match="pull request"):
        github.client.fetch(f"{github.server.base_url}/acme/shop/pull/1")


def test_every_call_names_us_and_the_version_we_know(github: GithubWorld) -> None:
    made = github.client.create(github.new("Version"))
    github.client.close(made.handle)
    list(github.client.changed_since(github.target, since=None))

    assert {one.headers.get("X-Github-Api-Version") for one in github.server.proxy.requests} == {"2022-11-28"}
    assert {one.headers["User-Agent"] for one in github.server.proxy.requests} == {"Followthrough"}


def test_the_marker_is_hidden_in_the_text_and_the_words_stay(github: GithubWorld) -> None:
    new = github.new("Text", body="Why.\n\n- [ ] one")

    made = github.client.create(new)

    assert github.text(made) == f"Why.\n\n- [ ] one\n\n{marker_comment(new.marker)}"


def test_a_due_date_changes_its_line_of_the_text_and_a_rewritten_line_is_left_alone(github: GithubWorld) -> None:
    new = github.new("Due", body="Why.", due_on=date(2026, 12, 24))
    made = github.client.create(new)
    text = f"Why.\n\n**Due:** 24 Dec 2026\n{marker_comment(new.marker)}"
    later = TicketEdit(due_on=date(2027, 1, 4), marker=new.marker)

    before, moved = github.text(made), github.client.edit(made.handle, changes=later)
    after = github.text(made)
    github.server.change(number_of(made), body=after.replace("4 Jan 2027", "when Ana is back"))
    left = github.client.edit(made.handle, changes=later)

    assert (before, after) == (text, text.replace("24 Dec 2026", "4 Jan 2027"))
    assert (moved.notes, len(left.notes)) == ((), 1)
    assert "when Ana is back" in github.text(made)


def test_of_two_tickets_with_one_marker_the_first_is_ours(github: GithubWorld) -> None:
    new = github.new("Original")
    made = github.client.create(new)
    github.server.add("A person's copy", body=f"copied {marker_comment(new.marker)}")

    assert github.client.find_by_marker(github.target, marker=new.marker, since=an_hour_ago()) == made


def test_a_ticket_is_found_on_the_last_page_too(github: GithubWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_reading, "PAGE", 2)
    new = github.new("Far down")
    made = github.client.create(new)
    for number in range(5):
        github.server.add(f"Above {number}")

    found = github.client.find_by_marker(github.target, marker=new.marker, since=an_hour_ago())

    assert found == made
    assert github.server.proxy.count("GET", "page=2") > 0


def test_a_search_for_a_marker_stops_at_the_time_of_the_push(github: GithubWorld) -> None:
    new = github.new("Later")
    github.client.create(new)
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    assert github.client.find_by_marker(github.target, marker=new.marker, since=tomorrow) is None


def test_endless_pages_end(github: GithubWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_reading, "MOST_PAGES", 5)
    url = f"{github.server.base_url}/repos/acme/shop/issues?page=2"
    monkeypatch.setattr(github.server.dress, "before", lambda _: json_answer(200, [], Link=f'<{url}>; rel="next"'))

    with pytest.raises(StrangeAnswer, match="we stopped there"):
        list(github.client.changed_since(github.target, since=None))
    assert len(github.server.proxy.requests) == 5


def test_a_list_keeps_its_question_when_the_repository_was_renamed(
    github: GithubWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyGithub follows with the path alone: closed tickets would vanish from the list."""
    made = github.client.create(github.new("Renamed"))
    github.close(made, state=TicketState.DONE)
    usual = github.server.dress.before

    def renamed(request: Request) -> Request | Answer:
        if request.path.startswith("/repos/acme/old-shop/"):
            location = github.server.base_url + request.path.replace("old-shop", "shop")
            return json_answer(301 if request.method == "GET" else 307, {}, Location=location)
        return usual(request)

    monkeypatch.setattr(github.server.dress, "before", renamed)

    listed = {one.remote_id: one for one in github.client.changed_since("acme/old-shop", since=an_hour_ago())}
    assert listed[made.remote_id].state is TicketState.DONE
    new = github.new("Into the old name")
    with pytest.raises(Refused, match="renamed or moved"):
        github.client.create(type(new)(target="acme/old-shop", title=new.title, body="", marker=new.marker))
    assert github.count(new.title) == 0


def test_where_issues_are_switched_off_nothing_is_deleted(github: GithubWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made = github.client.create(github.new("Switched off"))
    usual = github.server.dress.before

    def switched_off(request: Request) -> Request | Answer:
        if request.path.startswith(f"/repos/{github.target}/issues/"):
            return json_answer(410, {"message": "Issues are disabled for this repo"})
        return json_answer(502, {}) if request.path == "/graphql" else usual(request)

    monkeypatch.setattr(github.server.dress, "before", switched_off)

    (gone,) = github.client.read_many([made.handle]).values()
    assert gone == Gone(remote_id=made.remote_id, why=WhyGone.NO_ACCESS)


def test_what_was_transferred_to_where_we_may_not_read_is_hidden_and_not_deleted(github: GithubWorld) -> None:
    made = github.client.create(github.new("Out of sight"))
    github.move(made)
    github.server.dress.hidden.add(github.other_target)

    (gone,) = github.client.read_many([made.handle]).values()

    assert gone == Gone(remote_id=made.remote_id, why=WhyGone.NO_ACCESS)


def test_whether_a_hidden_repository_can_be_read_is_asked_once_a_round(github: GithubWorld) -> None:
    made = github.client.create(github.new("Hidden with all others"))
    github.hide_target()
    singly, before = Singly(), github.server.proxy.count("GET")

    seen = [github.client.read_many([made.handle], singly=singly) for _hundred in range(3)]

    assert seen == [{made.remote_id: Gone(remote_id=made.remote_id, why=WhyGone.NO_ACCESS)}] * 3
    assert github.server.proxy.count("GET") == before + 1


def test_who_could_not_be_assigned_is_said(github: GithubWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = github.server.dress.before

    def silently_unassigned(request: Request) -> Request | Answer:
        if request.method == "POST":
            fields = request.json | {"assignees": []}
            request = Request(request.method, request.path, request.headers, Answer(200).with_json(fields).body)
        return usual(request)

    monkeypatch.setattr(github.server.dress, "before", silently_unassigned)

    made = github.client.create(github.new("For a stranger", assignee="stranger"))

    assert made.assignee is None
    assert "stranger" in made.notes[0]


def test_the_type_of_an_issue_is_sent_and_said_where_it_was_dropped(
    github: GithubWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = github.client.create(github.new("Typed", kind="bug"))
    assert (typed.notes, list(github.server.dress.kinds.values())) == ((), ["bug"])
    monkeypatch.setattr(github.server.dress, "kinds", {})
    monkeypatch.setattr(github.server.dress, "_dressed", lambda issue: issue)

    dropped = github.client.create(github.new("Typed by nobody", kind="Bug"))

    assert dropped.notes == ("GitHub did not set the type Bug.",)


def test_an_issue_type_that_is_not_there_is_told_by_the_check(github: GithubWorld) -> None:
    sentence = "acme/shop has no issue type “Epic”. It has: Task, Bug."

    assert github.client.fields(github.target, kind="bug") == ()
    assert github.client.check(targets=[github.target], kind="Epic").problems == (sentence,)
    with pytest.raises(Refused, match="no issue type “Epic”"):
        github.client.fields(github.target, kind="Epic")
    github.server.proxy.break_next(status_fault(404), path="/issue-types")
    with pytest.raises(Refused, match="acme/shop has no issue types"):
        github.client.fields(github.target, kind="Epic")


def test_an_assignee_is_read_from_the_list_of_assignees(github: GithubWorld) -> None:
    assert github.client.create(github.new("For Ana", assignee="ana")).assignee == "ana"


def test_another_ticket_under_the_same_key_is_not_ours(github: GithubWorld) -> None:
    made = github.client.create(github.new("First life"))
    github.server.dress.node_ids[(github.target, number_of(made))] = "I_of_another_repository"

    gone = github.client.read_many([made.handle])[made.remote_id]

    assert getattr(gone, "why", None) == "replaced"


def test_one_strange_issue_does_not_hide_the_others(github: GithubWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made = github.client.create(github.new("Fine"))
    usual = github.server.dress.after

    def with_nonsense(request: Request, answer: Answer) -> Answer:
        answer = usual(request, answer)
        return answer.with_json([{"number": "x"}, 7, None, *answer.json])

    monkeypatch.setattr(github.server.dress, "after", with_nonsense)

    assert made in list(github.client.changed_since(github.target, since=an_hour_ago()))


def test_a_marker_new_to_everyone_is_nowhere(github: GithubWorld) -> None:
    assert github.client.find_by_marker(github.target, marker=new_marker("AI-1"), since=an_hour_ago()) is None


def test_many_tickets_are_read_with_one_question(github: GithubWorld) -> None:
    made = [github.client.create(github.new("Many")) for _ in range(4)]
    github.server.proxy.heal()

    read = github.client.read_many([one.handle for one in made])

    assert read == {one.remote_id: one for one in made}
    assert [one.path for one in github.server.proxy.requests] == ["/graphql"]


def test_who_helps_stays_when_the_assignee_changes(github: GithubWorld) -> None:
    made = github.client.create(github.new("For two", assignee="ana"))

    both = github.client.edit(made.handle, changes=TicketEdit(assignee="admin", instead_of=""))
    one = github.client.edit(made.handle, changes=TicketEdit(assignee=None, instead_of="admin"))

    assert sorted([str(both.assignee), *both.helpers]) == ["admin", "ana"]
    assert (one.assignee, one.helpers) == ("ana", ())


def test_a_server_without_that_question_is_asked_one_by_one(github: GithubWorld) -> None:
    made = [github.client.create(github.new("Singly")) for _ in range(2)]
    github.server.dress.speaks_graphql = False

    read = github.client.read_many([one.handle for one in made])

    assert read == {one.remote_id: one for one in made}
    github.server.dress.speaks_graphql = True


def test_a_round_without_changes_costs_one_call_and_no_list(github: GithubWorld) -> None:
    github.client.create(github.new("Quiet"))
    first = github.client.changes(github.target, since=an_hour_ago())
    list(first.tickets)
    github.server.proxy.heal()

    again = github.client.changes(github.target, since=an_hour_ago(), mark=first.mark)

    assert again.is_unchanged
    assert len(github.server.proxy.requests) == 1


def test_the_calls_that_are_left_are_known(github: GithubWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4711", "X-RateLimit-Reset": "1795000000"}
    user = json_answer(200, {"login": "octocat"})
    monkeypatch.setattr(github.server.dress, "before", lambda _: Answer(200, user.body, {**user.headers, **said}))

    github.client.check()

    assert github.client.rate_left == RateLeft(left=4711, of=5000, resets_at=datetime.fromtimestamp(1795000000, tz=UTC))


def test_the_check_notices_a_token_that_may_only_read(github: GithubWorld) -> None:
    github.server.proxy.break_next(status_fault(403), method="POST", path="/issues")

    (problem,) = github.client.check(targets=[github.target]).problems

    assert "not add issues" in problem
