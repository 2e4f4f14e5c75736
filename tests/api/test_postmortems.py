"""The postmortem through the API."""

import pytest
from sqlalchemy import select

from tests import make
from tests.api.client import Caller
from tracker.db import session
from tracker.models import Postmortem, PostmortemState, Why, WhyEnding
from tracker.postmortems.outline import BUILT_IN


def test_a_postmortem_is_started_written_and_published(call: Caller) -> None:
    incident = make.incident()
    path = f"/incidents/{incident.ref}/postmortem"

    missing = call("GET", path)
    started = call("PATCH", path, json={"answers": {"summary": "The cache was cold."}}, headers={"If-None-Match": "*"})
    refused = call("POST", f"{path}/publish")
    call.change(path, answers={key: f"Words for {key}." for key in BUILT_IN.questions}, cause_category="recent deploy")
    postmortem = session.scalars(select(Postmortem)).one()
    make.save(Why(postmortem_id=postmortem.id, claim="The pool was empty.", ending=WhyEnding.CAN_ACT))
    make.action(incidents=(incident,))
    published = call("POST", f"{path}/publish")

    assert missing.status_code == 404
    assert started.get_json()["answers"] == {"summary": "The cache was cold."}
    assert refused.status_code == 422
    assert (published.status_code, published.get_json()["state"]) == (200, "published")
    assert call("GET", path).get_json()["cause_category"] == "recent deploy"


def test_an_answer_that_was_changed_meanwhile_is_not_overwritten(call: Caller) -> None:
    postmortem = make.postmortem()
    make.answer(postmortem, "summary", "First.")
    path = f"/incidents/{postmortem.incident.ref}/postmortem"
    read = call("GET", path).headers["ETag"]
    call.change(path, answers={"summary": "Theirs."})

    answer = call("PATCH", path, json={"answers": {"summary": "Mine."}}, headers={"If-Match": read})

    assert answer.status_code == 412
    assert call("GET", path).get_json()["answers"]["summary"] == "Theirs."


@pytest.mark.parametrize("body", [{"answers": {"nonsense": "x"}}, {"answers": {"summary": 1}}, {"state": "published"}])
def test_what_the_postmortem_does_not_ask_is_refused(call: Caller, body: dict[str, object]) -> None:
    postmortem = make.postmortem()

    answer = call("PATCH", f"/incidents/{postmortem.incident.ref}/postmortem", json=body, headers={"If-Match": "*"})

    assert answer.status_code == 422


def test_a_published_one_is_closed(call: Caller) -> None:
    postmortem = make.postmortem(state=PostmortemState.PUBLISHED, published_at=make.NOW)
    path = f"/incidents/{postmortem.incident.ref}/postmortem"

    answer = call.change(path, answers={"summary": "Later."})

    session.rollback()
    assert answer.status_code == 422
    assert "published" in answer.get_json()["detail"]
