"""A message does not wait for the scheduler: the worker is woken when its cause is committed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts import clock
from accounts.models import Organization, User
from certifications.actions import find_edition, find_standard, record_decision
from certifications.models import Certificate
from records import outbox
from records.models import Event
from tests.alerts.notes import write
from tests.factories import BY, certificate


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks for which a worker was woken."""
    tasks: list[str] = []
    monkeypatch.setattr(outbox, "wake", tasks.append)
    return tasks


Commit = Callable[..., Any]


def test_a_message_wakes_a_worker_when_it_is_committed(
    row: Certificate, officer: User, woken: list[str], django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        write(row, officer)
        assert woken == []
    assert woken == ["alerts.deliver"]


def test_nothing_to_send_wakes_nobody(
    row: Certificate, officer: User, woken: list[str], django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        write(row, officer, told_by="another")
        outbox.queue([])
    assert woken == []


def test_a_door_that_tells_something_wakes_a_worker(
    acting: Organization, officer: User, woken: list[str], django_capture_on_commit_callbacks: Commit
) -> None:
    held = certificate(acting, owner=officer)
    with django_capture_on_commit_callbacks(execute=True):
        record_decision(held, {"kind": "suspend", "decided_on": clock.today(acting)}, BY)
    assert "alerts.deliver" in woken


def test_a_new_standard_and_a_new_edition_are_history_once(acting: Organization) -> None:
    for _again in range(2):
        standard = find_standard(acting, "ISO 99999", BY)
        find_edition(standard, "2031", BY)
        find_standard(acting, "ISO 9001", BY)
    told = Event.objects.order_by("number").values_list("kind", "subject_label", "actor_label")
    assert list(told) == [
        ("standard.added", "ISO 99999", "Marta"),
        ("edition.added", "ISO 99999:2031", "Marta"),
    ]
