"""Whatever fits the description of the API, and much that does not: no fault of ours, and answers as described."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.client import token
from tests.rules.walk import make_world
from tracker.models import Person, TokenScope
from tracker.sessions import limiter

pytestmark = pytest.mark.once

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
EXAMPLES = 6
"""Of each address, to be quick; ``python -m bench.schema`` sends 60 and more, to both databases."""


def test_no_request_finds_a_fault(app: Flask, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    world = make_world()
    known = {"ref": world.incident.ref, "recurrence_id": world.recurrence.id, "slug": world.service.slug}
    known |= {"incident": world.incident.ref, "tracker": world.tracker.slug, "week": "2026-W47"}
    headers = {"Authorization": f"Bearer {token(admin, TokenScope.ADMIN)}", "Accept-Encoding": "identity"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)

    results: Any = schema.get_all_operations()
    for found in results:
        operation = found.ok()
        ref = {"ref": world.action.ref} if "/action-items" in operation.path else {}
        try_operation(operation, headers=headers, known=known | ref)


def try_operation(operation: Any, *, headers: dict[str, str], known: dict[str, Any]) -> None:
    """Half of the requests are about what is there; all changes say that they change it whatever it says."""

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def tried(case: Any) -> None:
        if len(str(case.body)) % 2 == 0 or case.method == "GET":
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
            if isinstance(case.body, dict):
                case.body = {name: known.get(name, value) for name, value in case.body.items()}
        if case.method == "PATCH":
            case.headers = {"If-Match": "*"}
        case.call_and_validate(headers=headers, checks=CHECKS)

    tried()
