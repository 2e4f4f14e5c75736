"""What is missing before tickets can go to a repository, found without leaving anything there; and who is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from tracker.clients import github_answers
from tracker.clients.answers import Answer, answer_list
from tracker.clients.check_report import Lacking
from tracker.clients.failures import AnswerLost, NoAccess, Redirected, Refused, TicketGone, Unavailable
from tracker.clients.github_site import PAGE, GithubSite
from tracker.clients.tickets import RemotePerson

MOST_PEOPLE = 20
PAGES_OF_PEOPLE = 10
"""A person waits for the answer."""
MOST_PAGES = 100


def repository_problems(site: GithubSite, *, target: str) -> list[str]:
    """Sentences; none when tickets can go there."""
    try:
        repo = Answer(site.get(f"/repos/{github_answers.target(target)}"), where="the repository")
    except (NoAccess, TicketGone, Refused):
        return [f"We cannot see {target}. Check its name, and that the token may read it."]
    return github_answers.repository_problems(repo, target=target) or _write_problems(site, target=target)


def _write_problems(site: GithubSite, *, target: str) -> list[str]:
    """Whether we may write, by asking for an issue without a title: refused for that alone, it leaves nothing."""
    try:
        site.write("POST", f"/repos/{target}/issues", fields={})
    except NoAccess:
        return [f"The token may read {target} but not add issues there. Give it write access to issues."]
    except TicketGone:
        return [f"Issues are switched off in {target}. Switch them on in its settings on GitHub."]
    except Redirected:
        return [f"{target} was renamed or moved. Enter its new name."]
    except Refused:
        return []
    except AnswerLost as error:
        raise Unavailable(f"{site.host} broke off or failed. We try again.") from error
    return [f"{target} takes issues without a title, which GitHub never does. Is this address really a GitHub?"]


def kind_problem(site: GithubSite, *, target: str, kind: str) -> str | None:
    """Why issues of the repository cannot be of that type. An older server knows no types, and says so with a 404."""
    try:
        answer = site.get(f"/repos/{github_answers.target(target)}/issue-types")
    except (NoAccess, TicketGone):
        return f"{target} has no issue types."
    kinds = [Answer(one, where="an issue type") for one in answer_list(answer, where="the issue types")]
    names = [one.text("name")[:100] for one in kinds[:PAGE] if not one.says_no("is_enabled")]
    if kind.lower() in (name.lower() for name in names):
        return None
    there = f"It has: {', '.join(names)}." if names else "It has none."
    return f"{target} has no issue type “{kind[:100]}”. {there}"


def people_found(site: GithubSite, *, target: str, words: str) -> tuple[RemotePerson, ...]:
    """By e-mail only those who show it to everybody; by name those who can be assigned issues of the repository."""
    wanted = words.strip().lower()
    if "@" in wanted:
        answer = Answer(site.get("/search/users", q=f"{wanted} in:email"), where="the search for people")
        logins = [Answer(one, where="a person").text("login") for one in answer.items("items")]
        return tuple(RemotePerson(name=login, shown=login, email=wanted) for login in logins[:MOST_PEOPLE])
    path = f"/repos/{github_answers.target(target)}/assignees"
    listed = _listed(site, path=path, name="login", most_pages=PAGES_OF_PEOPLE)
    found = (login for login in listed if wanted in login.lower())
    return tuple(RemotePerson(name=login, shown=login) for login in islice(found, MOST_PEOPLE))


def repository_lacks(site: GithubSite, *, target: str, labels: Collection[str], people: Collection[str]) -> Lacking:
    """GitHub takes labels and logins in any case."""
    path = f"/repos/{github_answers.target(target)}"
    return Lacking(
        labels=_absent(labels, from_=_listed(site, path=f"{path}/labels", name="name")),
        people=_absent(people, from_=_listed(site, path=f"{path}/assignees", name="login")),
    )


def _absent(names: Collection[str], *, from_: Iterable[str]) -> tuple[str, ...]:
    """The list is read as far as it has to be."""
    left = {name.lower(): name for name in names}
    for there in from_ if left else ():
        left.pop(there.lower(), None)
        if not left:
            break
    return tuple(left.values())


def _listed(site: GithubSite, *, path: str, name: str, most_pages: int = MOST_PAGES) -> Iterator[str]:
    """What each entry of a list is called, a page at a time."""
    for number in range(1, most_pages + 1):
        page = answer_list(site.get(path, per_page=PAGE, page=number), where="the list")
        yield from (Answer(one, where="an entry").text(name)[:100] for one in page)
        if len(page) < PAGE:
            return
