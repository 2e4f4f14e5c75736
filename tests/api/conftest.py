"""Callers of the API."""

import pytest
from flask import Flask

from tests.api.client import Caller, calls_as
from tracker.models import Person, TokenScope


@pytest.fixture
def call(app: Flask, responder: Person) -> Caller:
    """A script of Bob, a responder, with a token to write."""
    return calls_as(app, responder)


@pytest.fixture
def admin_call(app: Flask, admin: Person) -> Caller:
    return calls_as(app, admin, TokenScope.ADMIN)
