"""What is missing before tickets can go to a repository, found without leaving anything there; and who is there."""

from __future__ import annotations

from itertools import islice

from tracker.clients import github_answers
from tracker.clients.answers import Answer, answer_list
from tracker.clients.failures import AnswerLost, NoAccess, Redirected, Refused, TicketGone, Unavailable
from tracker.clients.github_site import PAGE, GithubSite
from tracker.clients.tickets import RemotePerson

MOST_PEOPLE = 20
PAGES_OF_PEOPLE = 10


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


def people_found(site: GithubSite, *, target: str, words: str) -> tuple[RemotePerson, ...]:
    """By e-mail only those who show it to everybody; by name those who can be assigned issues of the repository."""
    wanted = words.strip().lower()
    if "@" in wanted:
        answer = Answer(site.get("/search/users", q=f"{wanted} in:email"), where="the search for people")
        logins = [Answer(one, where="a person").text("login") for one in answer.items("items")]
        return tuple(RemotePerson(name=login, shown=login, email=wanted) for login in logins[:MOST_PEOPLE])
    path = f"/repos/{github_answers.target(target)}/assignees"
    found = (login for login in _assignees(site, path=path) if wanted in login.lower())
    return tuple(RemotePerson(name=login, shown=login) for login in islice(found, MOST_PEOPLE))


def _assignees(site: GithubSite, *, path: str) -> list[str]:
    logins: list[str] = []
    for number in range(1, PAGES_OF_PEOPLE + 1):
        people = answer_list(site.get(path, per_page=PAGE, page=number), where="the list of people")
        logins += [Answer(one, where="a person").text("login")[:100] for one in people]
        if len(people) < PAGE:
            break
    return logins
