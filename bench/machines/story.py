"""The main job, told once and again by each person: an incident, its postmortem, its promises, and its coming back."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench.machines.callers import Caller
from tests.servers.github import GithubServer
from tests.servers.jira import JiraServer, issue_id
from tests.sync.hooks import SECRET, signature

PLACES = ("checkout", "search", "invoices", "sign-in", "exports", "mail gateway", "inventory", "recommendations")
TROUBLES = (
    ("answers 503 while the nightly export runs", "The export holds every database connection of the pool."),
    ("serves old pictures after the cache was moved", "The new cache node never heard of invalidations."),
    ("loses sessions when the certificate rotates", "The proxy kept the certificate that had run out in memory."),
    ("queues for minutes after a broker restart", "Consumers joined with an offset that pointed behind the log."),
    ("charges twice when the gateway times out", "The retry of the gateway carried no key of its own."),
    ("shows an empty page for large customers", "A page of results was cut at a limit that nobody had set on purpose."),
)
RESOLVED = (
    "the immediate problem is fixed",
    "users can work normally",
    "metrics are back to baseline",
    "no further intervention is needed",
)


@dataclass
class World:
    """The trackers outside."""

    github: GithubServer
    jira: JiraServer


@dataclass
class Told:
    """What a person was told by the program, to be found afterwards."""

    incidents: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    items: dict[str, str] = field(default_factory=dict)
    """Title by reference."""
    closed: list[str] = field(default_factory=list)
    """Items whose ticket was closed in the tracker."""
    decided: list[int] = field(default_factory=list)
    hooks: int = 0


class Person:
    """Does the main job until told to stop."""

    def __init__(self, number: int, *, caller: Caller, world: World, email: str) -> None:
        self._number, self.caller, self._world, self._email = number, caller, world, email
        self.told = Told()

    def work(self, goes_on: Callable[[], bool]) -> None:
        turn = 0
        while goes_on():
            where, (trouble, cause) = PLACES[(self._number * 3 + turn) % len(PLACES)], TROUBLES[turn % len(TROUBLES)]
            try:
                self._tell(f"{where} {trouble}", cause=f"{cause} It was {where} that showed it.")
            except (RuntimeError, AssertionError, ValueError, LookupError) as error:
                self.caller.wrong.append(f"{self.caller.name}, turn {turn}: {type(error).__name__}: {error}")
            turn += 1

    def _tell(self, title: str, *, cause: str) -> None:
        first = self._incident(title)
        items = self._postmortem(first, title=title, cause=cause)
        for ref in items:
            if self._has_ticket(ref, until=time.monotonic() + 15):
                self._close_outside(ref)
        again = self._incident(f"Again: {title}")
        if pair := self._pair_of(again, until=time.monotonic() + 15):
            answer = self.caller.post(f"/recurrences/{pair}/decision", decision="same", why="The same pool, again.")
            self.told.decided.append(answer["id"])
        self.caller.get(f"/reports/weekly/{this_week()}")

    def _incident(self, title: str) -> str:
        made = self.caller.post("/incidents", title=title, severity="SEV2", services=["shop"], summary=f"{title}.")
        ref = str(made["ref"])
        self.told.incidents.append(ref)
        path = f"/incidents/{ref}"
        self.caller.change(path, is_so=lambda it: it["phase"] != "declared", phase="stabilised", note="Rolled back.")
        self.caller.change(
            path, is_so=lambda it: it["phase"] == "resolved", phase="resolved", resolved_means=list(RESOLVED)
        )
        return ref

    def _postmortem(self, ref: str, *, title: str, cause: str) -> list[str]:
        path = f"/incidents/{ref}/postmortem"
        answers = {"summary": f"{title} for 40 minutes.", "root_causes": cause, "what_alerted_us": "A customer wrote."}
        self.caller.change(path, is_so=lambda it: answers.items() <= it["answers"].items(), answers=answers)
        items = [self._item(ref, cause=cause, tracker=tracker) for tracker in ("github", "jira")]
        self.caller.post(f"{path}/publish")
        self.told.published.append(ref)
        return items

    def _item(self, ref: str, *, cause: str, tracker: str) -> str:
        title = f"{ref} {tracker}: never again. {cause}"
        made = self.caller.post(
            "/action-items", incident=ref, title=title, done_when="It is on the dashboard.", owner=self._email,
            kind="prevent", tracker=tracker,
        )  # fmt: skip
        self.told.items[made["ref"]] = title
        return str(made["ref"])

    def _has_ticket(self, ref: str, *, until: float) -> bool:
        while time.monotonic() < until:
            if self.caller.get(f"/action-items/{ref}")["tickets"]:
                return True
            time.sleep(0.5)
        return False

    def _close_outside(self, ref: str) -> None:
        """Somebody closes the ticket in the tracker, which tells us as trackers do: signed, perhaps twice."""
        title = self.told.items[ref]
        if " github: " in title:
            (issue,) = [one for one in self._world.github.issues() if one["title"] == title]
            self._world.github.change(issue["number"], state="closed", state_reason="completed")
            body: dict[str, Any] = {"action": "closed", "issue": {**issue, "state": "closed", "updated_at": now()},
                    "repository": {"full_name": self._world.github.target}}  # fmt: skip
            self._told_by("github", "X-Hub-Signature-256", body)
        else:
            (issue,) = [one for one in self._world.jira.issues() if one["fields"]["summary"] == title]
            self._world.jira.close(issue["key"])
            body = {"timestamp": int(time.time() * 1000), "issue": {"id": issue_id(issue["key"]), "key": issue["key"]}}
            self._told_by("jira", "X-Hub-Signature", body)
        self.told.closed.append(ref)

    def _told_by(self, tracker: str, header: str, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        for _ in range(2):
            answer = self.caller.send(
                "POST", f"/hooks/{tracker}/{tracker}", content, headers={header: signature(content, secret=SECRET)}
            )
            if answer.status != 202:
                raise RuntimeError(f"The webhook of {tracker}: {answer.status} {answer.body[:200]!r}")
            self.told.hooks += 1

    def _pair_of(self, ref: str, *, until: float) -> int | None:
        while time.monotonic() < until:
            if found := self.caller.get(f"/recurrences?incident={ref}&state=suspected")["items"]:
                return int(found[0]["id"])
            time.sleep(0.5)
        return None


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def this_week() -> str:
    week = datetime.now(UTC).isocalendar()
    return f"{week.year}-W{week.week:02}"
