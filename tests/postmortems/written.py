"""Postmortems that are being written: their rows, and what a browser sends."""

from werkzeug.test import TestResponse

from tests import make
from tests.browser import Browser, Page
from tracker.models import Incident, Postmortem, Why
from tracker.transfer.values import QUESTION_KEYS

KEYS = [*QUESTION_KEYS, "no_items"]


def begun(incident: Incident | None = None, **columns: object) -> tuple[Incident, Postmortem]:
    about = incident or make.incident()
    return about, make.postmortem(about, **columns)


def edit_url(incident: Incident, step: str = "what-happened") -> str:
    return f"/incidents/{incident.ref}/postmortem/edit/{step}"


def autosave(browser: Browser, incident: Incident, question: str, text: str, version: int = 0) -> TestResponse:
    """What autosave.js sends."""
    token = browser.token(edit_url(incident))
    return browser.post(
        f"/incidents/{incident.ref}/postmortem/answers/{question}",
        {question: text, "version": version, "csrf_token": token},
        htmx=True,
    ).response


def why(postmortem: Postmortem, claim: str, **columns: object) -> Why:
    return make.save(Why(**{"postmortem_id": postmortem.id, "claim": claim} | columns))


def review(browser: Browser, incident: Incident) -> Page:
    return browser.get(edit_url(incident, "review-and-publish"))


def complete(postmortem: Postmortem) -> None:
    for question in ("summary", "root_causes", "what_alerted_us", "no_items"):
        make.answer(postmortem, question, f"Words for {question}")
