"""The same request with the same Idempotency-Key does its work once."""

import threading
from dataclasses import replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.api.client import Caller, calls_as, token
from tracker import create_app
from tracker.config import Settings
from tracker.db import database, session, transaction
from tracker.models import Incident, Person, SentRequest
from tracker.queue import immediate_queue
from tracker.wiring import Wiring

DECLARED = {"title": "Slow", "severity": "SEV3"}
KEY = {"Idempotency-Key": "d41c0a52"}


def count() -> int:
    return session.scalar(select(func.count()).select_from(Incident)) or 0


def test_a_repeated_request_is_answered_alike_and_done_once(call: Caller) -> None:
    first = call("POST", "/incidents", json=DECLARED, headers=KEY)
    call.change(f"/incidents/{first.get_json()['ref']}", title="Something else now")
    second = call("POST", "/incidents", json=DECLARED, headers=KEY)

    assert (second.status_code, second.get_json()) == (201, first.get_json())
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert count() == 1


def test_the_same_key_for_something_else_is_refused(call: Caller) -> None:
    call("POST", "/incidents", json=DECLARED, headers=KEY)

    answer = call("POST", "/incidents", json=DECLARED | {"title": "Other"}, headers=KEY)

    assert answer.status_code == 422
    assert count() == 1


def test_without_a_key_it_is_done_each_time(call: Caller) -> None:
    for _ in range(2):
        call("POST", "/incidents", json=DECLARED)

    assert count() == 2


def test_two_people_may_take_the_same_key(app: Flask, call: Caller, admin: Person) -> None:
    first = call("POST", "/incidents", json=DECLARED, headers=KEY)
    second = calls_as(app, admin)("POST", "/incidents", json=DECLARED, headers=KEY)

    assert first.get_json()["ref"] != second.get_json()["ref"]


def test_a_refused_request_may_be_sent_again_with_its_key(call: Caller) -> None:
    refused = call("POST", "/incidents", json=DECLARED | {"services": ["checkout"]}, headers=KEY)
    make.service("Checkout")
    again = call("POST", "/incidents", json=DECLARED | {"services": ["checkout"]}, headers=KEY)

    assert (refused.status_code, again.status_code) == (422, 201)


def test_a_key_that_is_none_is_refused(call: Caller) -> None:
    for key in ("", "a b", "x" * 256, "\xe9"):
        assert call("POST", "/incidents", json=DECLARED, headers={"Idempotency-Key": key}).status_code == 422


def test_a_key_is_known_after_a_restart(app: Flask, settings: Settings, wiring: Wiring, responder: Person) -> None:
    secret = token(responder)
    first = Caller(app, secret)("POST", "/incidents", json=DECLARED, headers=KEY)

    restarted = create_app(settings, replace(wiring, queue=immediate_queue()))
    again = Caller(restarted, secret)("POST", "/incidents", json=DECLARED, headers=KEY)
    with restarted.app_context():
        database.engine.dispose()

    assert again.get_json() == first.get_json()
    assert count() == 1


def test_requests_that_meet_do_their_work_once(app: Flask, responder: Person) -> None:
    secret, start = token(responder), threading.Barrier(4)
    answers: list[tuple[int, str]] = []

    def send() -> None:
        start.wait()
        response = app.test_client().post(
            "/api/v1/incidents", json=DECLARED, headers={"Authorization": f"Bearer {secret}", **KEY}
        )
        answers.append((response.status_code, response.get_json()["ref"]))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    session.rollback()
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert count() == 1


def test_a_key_is_forgotten_after_a_week(call: Caller) -> None:
    call("POST", "/incidents", json=DECLARED, headers=KEY)
    with transaction():
        session.scalars(select(SentRequest)).one().sent_at -= timedelta(days=8)

    call("POST", "/incidents", json=DECLARED, headers=KEY)

    assert count() == 2
