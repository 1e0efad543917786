"""Many rows in one statement: every type arrives as it was given, and what does not change is not written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organization, User
from certifications.models import Certificate
from records.bulk import insert_rows, lock, update_rows
from records.models import EventCounter, SweepRun
from tests.alerts.notes import NOON
from tests.factories import certificate

HARD = ["it's", '"quoted"', "back\\slash", "{braces, and commas}", "NULL", "", "line\nend", "žluťoučký 🐎", "%s"]


@pytest.fixture
def rows(acting: Organization) -> list[Certificate]:
    return [certificate(acting, f"C{i}") for i in range(3)]


def stored(row: Certificate, *names: str) -> tuple[Any, ...]:
    row.refresh_from_db()
    return tuple(getattr(row, name) for name in names)


@pytest.mark.parametrize("text", HARD)
def test_texts_and_json_arrive_unchanged(rows: list[Certificate], text: str) -> None:
    update_rows([(row, {"failure": text, "flags": [text], "next_loss": {text: [1, None, True]}}) for row in rows])
    assert [row.failure for row in rows] == [text] * 3
    assert stored(rows[2], "failure", "flags", "next_loss") == (text, [text], {text: [1, None, True]})


def test_each_row_gets_its_own_values_and_none_stays_none(rows: list[Certificate]) -> None:
    days = [date(2026, 2, 28), None, date(2099, 12, 31)]
    update_rows([(row, {"next_due_on": day, "next_loss": None}) for row, day in zip(rows, days, strict=True)])
    assert [stored(row, "next_due_on", "next_loss") for row in rows] == [(day, None) for day in days]


def test_rows_that_do_not_change_are_not_written(rows: list[Certificate]) -> None:
    with CaptureQueriesContext(connection) as queries:
        update_rows([(row, {"failure": "", "flags": row.flags}) for row in rows])
        update_rows([])
        insert_rows(SweepRun, ("on",), [])
    assert len(queries) == 0
    changes = [(row, {"failure": "x" if row is rows[1] else ""}) for row in rows]
    update_rows(changes)
    assert [stored(row, "failure") for row in rows] == [("",), ("x",), ("",)]


def test_a_key_of_another_name_is_found(acting: Organization) -> None:
    counter, _ = EventCounter.objects.get_or_create(organization=acting)
    update_rows([(counter, {"last_number": 41})])
    assert EventCounter.objects.get(pk=acting.pk).last_number == 41


def test_inserted_rows_hold_what_was_given(db: None) -> None:
    names = ("started_at", "finished_at", "on", "started_by", "subjects", "moves", "messages", "failures", "error")
    moment = datetime(2026, 3, 10, 23, 59, 59, 999999, tzinfo=UTC)
    given = [
        (moment, None, date(2026, 3, 10), "scheduler", 1, 2, 3, 4, "it's \\ 100 %"),
        (NOON, NOON, date(2028, 2, 29), "command", 0, 0, 0, 0, ""),
    ]
    insert_rows(SweepRun, names, given)
    assert list(SweepRun.objects.order_by("pk").values_list(*names)) == given


def test_what_would_be_doubled_is_left_out_only_when_asked(acting: Organization) -> None:
    EventCounter.objects.filter(pk=acting.pk).delete()
    insert_rows(EventCounter, ("organization", "last_number", "last_hash"), [(acting.pk, 5, "")])
    insert_rows(EventCounter, ("organization", "last_number", "last_hash"), [(acting.pk, 9, "")], known_stay=True)
    assert EventCounter.objects.get(pk=acting.pk).last_number == 5
    with pytest.raises(IntegrityError):
        insert_rows(EventCounter, ("organization", "last_number", "last_hash"), [(acting.pk, 9, "")])


def test_locking_without_a_limit_gives_all_rows_in_order(rows: list[Certificate], officer: User) -> None:
    assert lock(Certificate.objects.order_by("-pk")) == rows[::-1]
    assert lock(Certificate.objects.order_by("pk"), 2) == rows[:2]
