"""People at work on one server: each has a connection and a session, reads pages, and adds words to what all edit.

What they add is a mark of its own each time, put behind the text that the form showed. So one look at the texts at the
end tells of every write: whether it is there, is there once, and was not overwritten by the next one.
"""

import gzip
import html
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from random import Random
from urllib.parse import urlencode

QUESTION = "summary"
VERSION = re.compile(rf'name="(?:{QUESTION}_)?version" value="(\d+)"')
TEXT = re.compile(rf'<textarea[^>]*name="(?:detail|{QUESTION})"[^>]*>(.*?)</textarea>', re.DOTALL)
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
MET = "at the same moment"
"""In the answer to the second of two writes that came in one instant."""


class Kind(StrEnum):
    BARE = "bare view"
    READ = "page read"
    ITEM = "item changed"
    POSTMORTEM = "postmortem saved"


@dataclass(frozen=True)
class Work:
    """What there is to read and to change. Everybody may see all of it."""

    week: str
    services: int
    incidents: Sequence[int]
    items: Mapping[int, dict[str, str]]
    """By number: what the form of an item holds beside what is changed."""
    drafts: Sequence[int]
    """The incidents whose postmortem is being written."""


@dataclass(frozen=True)
class Mark:
    """Words that somebody added."""

    kind: Kind
    number: int
    text: str


@dataclass
class Noted:
    """What one person was told by the server."""

    times: defaultdict[Kind, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Milliseconds of each answer."""
    acknowledged: list[Mark] = field(default_factory=list)
    refused: list[Mark] = field(default_factory=list)
    """Somebody else had saved first, which the answer said."""
    unanswered: list[Mark] = field(default_factory=list)
    """The server was gone before it could say whether it is written."""
    errors: list[str] = field(default_factory=list)
    cut_off: int = 0


def pages(work: Work, chance: Random) -> Mapping[str, int]:
    """Addresses of one look around, and how often each is opened."""
    incident, item = chance.choice(work.incidents), chance.choice(list(work.items))
    return {
        "/": 4,
        "/incidents": 3,
        f"/incidents/INC-{incident}": 6,
        f"/incidents/INC-{incident}/postmortem": 3,
        "/actions": 3,
        f"/actions/AI-{item}": 5,
        f"/services/service-{chance.randint(1, work.services)}": 2,
        f"/reports/weekly/{work.week}": 2,
        "/reports/trends": 1,
        "/recurrences": 1,
    }


class Colleague:
    """One person with a browser."""

    def __init__(self, number: int, *, cookie: str, work: Work) -> None:
        self._number, self._cookie, self._work = number, cookie, work
        self._random = Random(number)
        self._written = 0
        self._plan: list[Callable[[], None]] = []
        self._connection = HTTPConnection("127.0.0.1", 0, timeout=120)
        self.noted = Noted()
        self.pause = 0.0
        """Seconds between two clicks, on average."""

    def turn_to(self, port: int) -> None:
        """A new page of notes, at this server."""
        self._connection.close()
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self.noted = Noted()

    def leave(self) -> None:
        self._connection.close()

    def look_at_the_bare_view(self) -> None:
        self._get(f"/bare/incidents/{self._random.choice(self._work.incidents)}", kind=Kind.BARE)

    def go_on(self) -> None:
        """The next thing of the day. Of ten requests, seven read (three of them open a form), three write."""
        if not self._plan:
            self._plan = [self._read] * 4 + [self._change_item] * 2 + [self._save_postmortem]
            self._random.shuffle(self._plan)
        self._plan.pop()()

    def _read(self) -> None:
        offered = pages(self._work, self._random)
        self._get(self._random.choices(list(offered), weights=list(offered.values()))[0])

    def _change_item(self) -> None:
        number = self._random.choice(list(self._work.items))
        address = f"/actions/AI-{number}/edit"
        page = self._get(address)
        mark = self._mark(Kind.ITEM, number)
        fields = {"version": _found(VERSION, page), "detail": f"{_found(TEXT, page)}\n{mark.text}"}
        self._post(address, self._work.items[number] | fields, page=page, mark=mark)

    def _save_postmortem(self) -> None:
        number = self._random.choice(self._work.drafts)
        page = self._get(f"/incidents/INC-{number}/postmortem/edit/what-happened")
        mark = self._mark(Kind.POSTMORTEM, number)
        fields = {"version": _found(VERSION, page), QUESTION: f"{_found(TEXT, page)}\n{mark.text}"}
        self._post(f"/incidents/INC-{number}/postmortem/answers/{QUESTION}", fields, page=page, mark=mark)

    def _mark(self, kind: Kind, number: int) -> Mark:
        self._written += 1
        return Mark(kind, number, f"[{self._number}-{self._written}]")

    def _get(self, address: str, *, kind: Kind = Kind.READ) -> str:
        status, page = self._ask(address, kind=kind)
        if status != 200:
            self.noted.errors.append(f"{address} answered {status}.")
        return page

    def _post(self, address: str, fields: Mapping[str, str], *, page: str, mark: Mark) -> None:
        sent = urlencode({**fields, "csrf_token": _found(TOKEN, page)})
        try:
            status, answer = self._ask(address, kind=mark.kind, sent=sent)
        except (OSError, HTTPException):
            self.noted.unanswered.append(mark)
            raise
        if status in (200, 303):
            self.noted.acknowledged.append(mark)
        elif status == 409 or (status == 422 and MET in answer):
            self.noted.refused.append(mark)
        else:
            self.noted.errors.append(f"{address} answered {status}.")

    def _ask(self, address: str, *, kind: Kind, sent: str | None = None) -> tuple[int, str]:
        if self.pause:
            time.sleep(self.pause * self._random.uniform(0.5, 1.5))
        headers = {"Cookie": self._cookie, "Accept-Encoding": "gzip"}
        if sent is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        self._connection.request("GET" if sent is None else "POST", address, headers=headers, body=sent)
        answer = self._connection.getresponse()
        body = answer.read()
        self.noted.times[kind].append(1000 * (time.perf_counter() - begun))
        if fresh := answer.headers.get("Set-Cookie"):
            self._cookie = fresh.partition(";")[0]
        return answer.status, (gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body).decode()


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise RuntimeError(f"The page has no {pattern.pattern}: {page[:300]}")
    return html.unescape(found[1])


def all_at_once(people: Sequence[Colleague], step: Callable[[Colleague], None], *, seconds: float) -> float:
    """Everybody does one step after the other; the seconds that it took until the last one was answered."""
    begun = time.monotonic()
    threads = start(people, step, until=lambda: time.monotonic() - begun > seconds)
    for thread in threads:
        thread.join()
    return time.monotonic() - begun


def start(
    people: Sequence[Colleague], step: Callable[[Colleague], None], *, until: Callable[[], bool]
) -> list[threading.Thread]:
    threads = [threading.Thread(target=_steps, args=(person, step, until)) for person in people]
    for thread in threads:
        thread.start()
    return threads


def _steps(person: Colleague, step: Callable[[Colleague], None], until: Callable[[], bool]) -> None:
    """Step after step; who is cut off tries again, as a person does who reloads."""
    while not until():
        try:
            step(person)
        except ConnectionRefusedError:
            person.leave()
            time.sleep(0.1)
        except (OSError, HTTPException):
            person.noted.cut_off += 1
            person.leave()
        except Exception as error:  # noqa: BLE001  told in the result: a thread that ends unseen would hide it
            person.noted.errors.append(repr(error))
            return
