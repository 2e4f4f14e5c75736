"""Somebody who calls the API at any of the web processes, and asks again when nobody answered."""

import http.client
import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

ASKED_FOR = 90.0
"""Seconds that a caller goes on asking before that is a failure."""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Caller:
    """One person's token. A request that nobody answered is sent again, to the next process, with the same key."""

    ports: Sequence[int]
    token: str
    name: str
    asked: int = 0
    unanswered: int = 0
    wrong: list[str] = field(default_factory=list)

    def post(self, path: str, **body: Any) -> Any:
        """Something new or a deed, done once however often it was asked for."""
        answer = self.send("POST", f"/api/v1{path}", body, key=str(uuid.uuid4()))
        if answer.status >= 400:
            raise RuntimeError(f"POST {path}: {answer.status} {answer.body[:300]!r}")
        return answer.json

    def get(self, path: str) -> Any:
        answer = self.send("GET", f"/api/v1{path}")
        if answer.status >= 400:
            raise RuntimeError(f"GET {path}: {answer.status} {answer.body[:300]!r}")
        return answer.json

    def change(self, path: str, *, is_so: Callable[[Any], bool], **body: Any) -> None:
        """Read, then change what was read; what was changed without an answer is seen when it is read again."""
        for _ in range(20):
            read = self.send("GET", f"/api/v1{path}")
            if read.status == 200 and is_so(read.json):
                return
            tag = {"If-Match": read.headers["etag"]} if read.status == 200 else {"If-None-Match": "*"}
            answer = self.send("PATCH", f"/api/v1{path}", body, headers=tag)
            if answer.status not in (200, 409, 412, 428):
                raise RuntimeError(f"PATCH {path}: {answer.status} {answer.body[:300]!r}")
        raise RuntimeError(f"PATCH {path} never was what was sent.")

    def send(
        self, method: str, path: str, body: object = None, *, key: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        """Until somebody answers, at one process after the other."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})}
        if key:
            sent["Idempotency-Key"] = key
        deadline = time.monotonic() + ASKED_FOR
        while True:
            self.asked += 1
            try:
                answer = self._once(method, path, content=content, headers=sent)
            except (OSError, http.client.HTTPException):
                self.unanswered += 1
            else:
                if answer.status < 500 and answer.status != 429:
                    return answer
                if answer.status != 429:
                    self.wrong.append(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{method} {path} was not answered in {ASKED_FOR:.0f} s.")
            time.sleep(0.3)

    def _once(self, method: str, path: str, *, content: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[self.asked % len(self.ports)], timeout=30)
        try:
            connection.request(method, path, body=content, headers=headers)
            response = connection.getresponse()
            shown = {name.lower(): text for name, text in response.getheaders()}
            return Answer(response.status, shown, response.read())
        finally:
            connection.close()
