"""Rows that a whole module of tests starts from: made once, and found by every test as they were made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction


@pytest.fixture(scope="module")
def kept_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What fixtures of a module write stays until its end; each test is a savepoint inside, and rolled back alone.

    For tests that need no committed rows. Django's own way (``setUpTestData``) is one for classes of ``TestCase``.
    """
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "close", lambda: None)  # which Django does after each test; it would end all of this
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
