"""Schemathesis over the whole schema, signed in: sound and broken requests, and never a failure of ours.

``ISOTRACK_TEST_CASES`` says how many requests are sent; each is undone before the next.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.api.calling import caller
from tests.api.routes import Operation, schema
from tests.api.world import make_world

CASES = int(os.environ.get("ISOTRACK_TEST_CASES", "5000" if os.environ.get("CI") else "200"))


def strategy_of(document: Any) -> Any:
    """Requests of every operation; half of them break the schema somewhere."""
    found = schemathesis.openapi.from_dict(document)
    found.app = get_wsgi_application()
    operations = [result.ok() for result in found.get_all_operations()]
    assert len(operations) > 80
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    return st.one_of([operation.as_strategy(generation_mode=mode) for operation in operations for mode in modes])


@contextmanager
def connection_kept() -> Iterator[None]:
    """The requests stay in the test's own transaction, as Django's client arranges for its requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@pytest.mark.long
@pytest.mark.django_db
def test_no_request_makes_us_fail(organization):
    world = make_world(organization, "Halden")
    key = caller(organization).key
    answers: Counter[int] = Counter()

    @settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy_of(schema()), st.booleans())
    def send(case: Any, own_row: bool) -> None:
        operation = Operation(case.method.lower(), case.operation.path)
        row = operation.row_of(world)
        if own_row and row and operation.parameter and operation.parameter in case.path_parameters:
            case.path_parameters[operation.parameter] = row
        with transaction.atomic():
            response = case.call(headers={**case.headers, "Authorization": f"Bearer {key}"})
            transaction.set_rollback(True)
        answers[response.status_code] += 1
        assert response.status_code < 500, case.as_curl_command()
        said = {*operation.says["responses"], "405"}
        assert str(response.status_code) in said, f"{response.status_code}: {case.as_curl_command()}"

    with connection_kept():
        send()
    assert sum(answers.values()) >= CASES // 2
    assert answers[200] > 0
