"""Jira, played by PyPI `jira820` (Data Center 8.20), with what it lacks added in front of it.

`jira_server(is_cloud=True)` also speaks the three ways in which Jira Cloud differs for us: `search/jql` with its page
tokens, `issue/bulkfetch`, account ids. That part is ours, so it proves our calls and not Atlassian's answers.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from tests.servers.programs import free_port, running
from tests.servers.proxy import Answer, Dress, FaultProxy, Request, json_answer

_API = "/rest/api/2/"
_CONFIG = """\
project_key: OPS
project_name: Operations
modules: [Web]
components_extra: []
epics_per_module: 0
standalone_per_module: 0
history_per_module: 0
sprints_per_scrum_board: 0
statuses:
  - [Open, todo, "1"]
  - [In Progress, inprogress, "3"]
  - [Done, done, "10002"]
  - [Closed, done, "6"]
  - [Reopened, todo, "4"]
  - [Parked, inprogress, "7"]
  - [Shipped, inprogress, "8"]
transition_scheme:
  Open: [In Progress, Done, Closed, Parked, Shipped]
  In Progress: [Done, Closed]
  Done: [Reopened]
  Closed: [Reopened]
  Reopened: [Done, Closed]
  Parked: [Closed]
  Shipped: [Reopened]
transition_screens: {Done: [resolution], Closed: [worklog], Reopened: []}
"""


def issue_id(key: str) -> str:
    """jira820 makes its ids from keys."""
    return str(int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:8], 16))


class JiraDress(Dress):
    """Bad tokens, ids in addresses and searches, moved issues, hidden projects, and the Cloud's own calls."""

    def __init__(self, *, user: str, token: str, is_cloud: bool) -> None:
        basic = base64.b64encode(f"{user}:{token}".encode()).decode()
        self.accepted = {f"Basic {basic}"} if is_cloud else {f"Bearer {token}", f"Basic {basic}"}
        self.is_cloud = is_cloud
        self.proxy: FaultProxy | None = None
        self.page_size = 100
        self._known: dict[str, str] = {}
        self.reset()

    def reset(self) -> None:
        self.hidden: set[str] = set()
        self.moved: dict[str, str] = {}  # key as jira820 knows it -> key as it is shown
        self.lagging: set[str] = set()  # keys that search does not know yet (Cloud)
        self.required: set[str] = set()  # fields, as people see them, without which no issue is made

    def before(self, request: Request) -> Request | Answer:
        if request.headers.get("Authorization") not in self.accepted:
            return json_answer(401, {"errorMessages": ["You are not authenticated."], "errors": {}})
        path, _, query = request.path.partition("?")
        name = path.removeprefix(_API)
        if errors := _too_long(request) | self._missing(request, name=name):
            return json_answer(400, {"errorMessages": [], "errors": errors})
        if name.startswith("project/"):
            return self._project(request, key=name.partition("/")[2])
        if name == "user/assignable/search":
            return self._assignable(query)
        if self.is_cloud and name.startswith("issue/createmeta/"):
            return self._what_to_fill(name)
        if self.is_cloud and name == "issue/bulkfetch":
            return self._bulk(request)
        if self.is_cloud and request.method in ("POST", "PUT") and "assignee" in (request.json or {}).get("fields", {}):
            request = self._named(request)
        if name.startswith("issue/") and not name.startswith("issue/createmeta"):
            return self._issue(request, name=name, query=query)
        if name in ("search", "search/jql"):
            return self._search(request, name=name, query=query)
        return request

    def after(self, request: Request, answer: Answer) -> Answer:
        if answer.status != 200 or not answer.body:
            return answer
        name = request.path.partition("?")[0].removeprefix(_API)
        if self.is_cloud:
            answer = answer.with_json(_as_cloud(answer.json, name=name))
        if name == "search":
            return answer.with_json(self._found(answer.json))
        if name == "issue/createmeta":
            meta = answer.json
            self._with_required(meta["projects"][0]["issuetypes"])
            return answer.with_json(meta)
        if re.fullmatch(r"issue/[A-Z]+-\d+", name):
            return answer.with_json(self._shown(answer.json))
        return answer

    def _project(self, request: Request, *, key: str) -> Request | Answer:
        key, _, question = key.partition("/")
        if key not in ("OPS", "WEB") or key in self.hidden:
            return json_answer(404, {"errorMessages": [f"No project could be found with key '{key}'."], "errors": {}})
        return self._states() if question == "statuses" else replace(request, path=f"{_API}project/OPS")

    def _states(self) -> Answer:
        """Of each issue type all states, which jira820 knows without a project."""
        assert self.proxy is not None
        states = self.proxy.direct("GET", f"{_API}status")
        kinds = self.proxy.direct("GET", f"{_API}issuetype")
        names = ("self", "id", "name", "subtask")
        shown = [{name: kind[name] for name in names} | {"statuses": states} for kind in kinds]
        return json_answer(200, _without_nulls(shown))

    def _issue(self, request: Request, *, name: str, query: str) -> Request | Answer:
        parts = name.split("/")
        key = self._upstream_key(parts[1])
        if key is None or self._is_hidden(key):
            return _no_issue()
        parts[1] = key
        return replace(request, path=_API + "/".join(parts) + (f"?{query}" if query else ""))

    def _assignable(self, query: str) -> Answer:
        """Everybody jira820 knows; a Cloud hides their e-mails."""
        assert self.proxy is not None
        wanted = parse_qs(query)["query" if self.is_cloud else "username"][0]
        people = self.proxy.direct("GET", f"{_API}user/search?username={quote(wanted)}")
        if self.is_cloud:
            people = [{"accountId": one["name"], "displayName": one["displayName"]} for one in people]
        return json_answer(200, people)

    def _what_to_fill(self, name: str) -> Answer:
        """The issue types of a project, and then the fields of one: two questions where jira820 knows one."""
        assert self.proxy is not None
        _, _, project, _, *kind = name.split("/")
        asked = f"{_API}issue/createmeta?projectKeys={project}&expand=projects.issuetypes.fields"
        kinds = self._with_required(self.proxy.direct("GET", asked)["projects"][0]["issuetypes"])
        if not kind:
            shown = [{"id": one["id"], "name": one["name"], "subtask": bool(one.get("subtask"))} for one in kinds]
            return json_answer(200, {"issueTypes": shown, "startAt": 0, "maxResults": 50, "total": len(shown)})
        fields = next(one["fields"] for one in kinds if one["id"] == kind[0])
        rest = {"hasDefaultValue": False, "operations": ["set"], "schema": {"type": "string"}}
        shown = [{**rest, **asked, "fieldId": key, "key": key} for key, asked in fields.items()]
        return json_answer(200, {"fields": shown, "startAt": 0, "maxResults": 50, "total": len(shown)})

    def _missing(self, request: Request, *, name: str) -> dict[str, str]:
        """What is required of a new issue, which jira820 does not insist on."""
        if not self.required or request.method != "POST" or name != "issue":
            return {}
        assert self.proxy is not None
        kinds = self.proxy.direct("GET", f"{_API}issue/createmeta")["projects"][0]["issuetypes"]
        needed = {key: one["name"] for key, one in kinds[0]["fields"].items() if one["name"] in self.required}
        return {key: f"{shown} is required." for key, shown in needed.items() if key not in request.json["fields"]}

    def _with_required(self, kinds: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for field in (field for kind in kinds for field in kind["fields"].values()):
            field["required"] |= field["name"] in self.required
        return kinds

    def _is_hidden(self, key: str) -> bool:
        return self.moved.get(key, key).partition("-")[0] in self.hidden

    def _upstream_key(self, id_or_key: str) -> str | None:
        if not id_or_key.isdigit():
            shown = {new: old for old, new in self.moved.items()}
            return shown.get(id_or_key, id_or_key)
        return self._key_of_id(id_or_key)

    def _key_of_id(self, remote_id: str) -> str | None:
        """jira820 knows no ids, so we learn them; a deleted issue's key stays and answers 404 there."""
        if remote_id not in self._known:
            assert self.proxy is not None
            found = self.proxy.direct("GET", f"{_API}search?jql=&maxResults=10000&fields=summary")
            self._known |= {issue_id(issue["key"]): issue["key"] for issue in found["issues"]}
        return self._known.get(remote_id)

    def _is_there(self, key: str) -> bool:
        assert self.proxy is not None
        return self.proxy.is_there(f"{_API}issue/{key}?fields=summary")

    def _search(self, request: Request, *, name: str, query: str) -> Request | Answer:
        if (name == "search/jql") != self.is_cloud:
            return json_answer(410 if self.is_cloud else 404, {"errorMessages": ["The API has been removed."]})
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        jql = asked.get("jql", "")
        ids = re.search(r"\bid in \(([\d,]+)\)", jql)
        if ids:
            known = {one: self._key_of_id(one) for one in ids[1].split(",")}
            there = [key for key in known.values() if key and self._is_there(key)]
            if len(there) < len(known) and asked.get("validateQuery") != "false":
                words = "An issue with one of these keys does not exist for field 'id'."
                return json_answer(400, {"errorMessages": [words], "errors": {}})
            asked["jql"] = jql.replace(ids[0], f"key in ({','.join(there or ['NONE-1'])})")
        asked["startAt"] = asked.pop("nextPageToken", asked.get("startAt", "0"))
        asked["maxResults"] = str(min(int(asked.get("maxResults", "50")), self.page_size))
        return replace(request, path=f"{_API}search?{urlencode(asked, quote_via=quote)}")

    def _found(self, page: dict[str, Any]) -> dict[str, Any]:
        known = [issue for issue in page["issues"] if issue["key"] not in self.lagging]
        issues = [self._shown(issue) for issue in known if not self._is_hidden(issue["key"])]
        if not self.is_cloud:
            return {**page, "issues": issues}
        end = page["startAt"] + len(page["issues"])
        is_last = end >= page["total"]
        return {"issues": issues, "isLast": is_last, **({} if is_last else {"nextPageToken": str(end)})}

    def _shown(self, issue: dict[str, Any]) -> dict[str, Any]:
        fields = dict(issue.get("fields", {}))
        person = fields.get("assignee")
        if self.is_cloud and person:
            fields["assignee"] = {"accountId": person["name"], "displayName": person["displayName"]}
        key = self.moved.get(issue["key"], issue["key"])
        if key != issue["key"] and "project" in fields:
            fields["project"] = {**fields["project"], "key": key.partition("-")[0]}
        return {**issue, "key": key, "fields": fields}

    def _bulk(self, request: Request) -> Answer:
        assert self.proxy is not None
        wanted = request.json
        keys = [self._upstream_key(one) for one in wanted["issueIdsOrKeys"]]
        fields = ",".join(wanted["fields"])
        there = [key for key in keys if key and not self._is_hidden(key) and self._is_there(key)]
        issues = [self.proxy.direct("GET", f"{_API}issue/{key}?fields={fields}") for key in there]
        return json_answer(200, {"issues": [self._shown(issue) for issue in issues], "issueErrors": []})

    @staticmethod
    def _named(request: Request) -> Request:
        """jira820 knows people by name only."""
        asked = request.json
        person = asked["fields"]["assignee"]
        fields = {**asked["fields"], "assignee": {"name": person["accountId"]}}
        return replace(request, body=Answer(200).with_json({**asked, "fields": fields}).body)


def _too_long(request: Request) -> dict[str, str]:
    """Jira's limits, which jira820 does not have; it counts as Java does."""
    said = request.json if request.method in ("POST", "PUT") else {}
    fields: Any = said.get("fields") if isinstance(said.get("fields"), dict) else {}
    texts = {**fields, "comment": said.get("body")}
    limits = {"summary": 255, "description": 32_767, "comment": 32_767}
    errors = {
        name: f"The entered text is too long. It exceeds the allowed limit of {most} characters."
        for name, most in limits.items()
        if isinstance(texts.get(name), str) and len(texts[name].encode("utf-16-le")) // 2 > most
    }
    labels = texts.get("labels") or []
    strange = [label for label in labels if isinstance(label, str) and (" " in label or len(label) > 255)]
    return errors | ({"labels": f"The label '{strange[0]}' contains spaces or is too long."} if strange else {})


def _as_cloud(value: Any, *, name: str) -> Any:
    """What jira820 says, without what Atlassian's description of the Cloud does not know."""
    if name == "myself":
        return {key: one for key, one in value.items() if key != "deleted"}
    if name.startswith("project/"):
        return _without_nulls(value)
    if name.endswith("/transitions"):
        ways = value["transitions"]
        for way in ways:
            way["fields"] = {key: {"key": key, **asked} for key, asked in way.get("fields", {}).items()}
    return value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _no_issue() -> Answer:
    words = "Issue does not exist or you do not have permission to see it."
    return json_answer(404, {"errorMessages": [words], "errors": {}})


@dataclass
class JiraServer:
    """A running Jira. Server flavour takes the token as a personal access token, Cloud with `user` as e-mail."""

    base_url: str
    user: str
    token: str
    proxy: FaultProxy
    dress: JiraDress
    is_cloud: bool
    project: str = "OPS"
    other_project: str = "WEB"

    @property
    def host(self) -> str:
        return self.base_url.partition("://")[2]

    def issues(self) -> list[dict[str, Any]]:
        """What really is there, past every fault."""
        found: list[dict[str, Any]] = self.proxy.direct("GET", f"{_API}search?jql=&maxResults=10000")["issues"]
        return found

    def add(self, title: str, *, labels: tuple[str, ...] = ()) -> str:
        """Somebody else opens an issue; its key comes back."""
        fields = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}, "summary": title, "labels": list(labels)}
        return str(self.proxy.direct("POST", f"{_API}issue", {"fields": fields})["key"])

    def close(self, key: str, *, resolution: str = "Done") -> None:
        """Somebody else closes an issue with a resolution: "Done", "Won't Do", "Duplicate"."""
        body = {"transition": {"id": "31"}, "fields": {"resolution": {"name": resolution}}}
        self.proxy.direct("POST", f"{_API}issue/{key}/transitions", body)

    def link_duplicate(self, key: str, *, original: str) -> None:
        """Somebody else says that an issue duplicates another."""
        link = {"type": {"name": "Duplicate"}, "inwardIssue": {"key": key}, "outwardIssue": {"key": original}}
        self.proxy.direct("POST", f"{_API}issueLink", link)

    def park(self, key: str) -> None:
        """Into a status from which only a way with required work log leads out."""
        self._take(key, to="Parked")

    def ship(self, key: str) -> None:
        """Into a status of the project's own, of which Jira says that work goes on."""
        self._take(key, to="Shipped")

    def _take(self, key: str, *, to: str) -> None:
        ways = self.proxy.direct("GET", f"{_API}issue/{key}/transitions")["transitions"]
        (way,) = [one["id"] for one in ways if one["to"]["name"] == to]
        self.proxy.direct("POST", f"{_API}issue/{key}/transitions", {"transition": {"id": way}})

    def delete(self, key: str) -> None:
        self.proxy.direct("DELETE", f"{_API}issue/{key}")

    def move(self, key: str) -> str:
        """Move an issue to the other project; its new key comes back, the id stays."""
        self.dress.moved[key] = f"{self.other_project}-{len(self.dress.moved) + 1}"
        return self.dress.moved[key]

    def comments(self, key: str) -> list[str]:
        found = self.proxy.direct("GET", f"{_API}issue/{key}/comment")["comments"]
        return [comment["body"] for comment in found]

    def links(self, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.proxy.direct("GET", f"{_API}issue/{key}/remotelink")
        return found


@contextmanager
def jira_server(
    *, user: str = "admin", token: str = "test-token-for-jira", is_cloud: bool = False
) -> Iterator[JiraServer]:
    """Start a Jira with the empty project OPS, and end it with the block."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "jira.yaml"
        config.write_text(_CONFIG)
        env = {**os.environ, "JIRA820_CONFIG": str(config), "JIRA820_PORT": str(port), "JIRA820_HOST": "127.0.0.1"}
        url = f"http://127.0.0.1:{port}/rest/api/2/serverInfo"
        with running([sys.executable, "-m", "jira820"], env=env, url=url):
            dress = JiraDress(user=user, token=token, is_cloud=is_cloud)
            proxy = dress.proxy = FaultProxy(port, dress=dress)
            with proxy.serving():
                yield JiraServer(
                    base_url=proxy.base_url, user=user, token=token, proxy=proxy, dress=dress, is_cloud=is_cloud
                )
