"""A vault of its own for each test, and a nonconformity to attach evidence to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.models import Organization
from evidence import actions
from evidence.models import Evidence
from nonconformities.models import Nonconformity
from records.record import Actor
from tests import factories
from tests.evidence.files import PDF


@pytest.fixture(autouse=True)
def vault_folder(settings: Any, tmp_path: Path) -> Path:
    """Where this test's contents lie."""
    settings.EVIDENCE_ROOT = str(tmp_path)
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path), "allow_overwrite": True},
        },
    }
    return tmp_path


@pytest.fixture
def nc(acting: Organization) -> Nonconformity:
    """NC-7 of Halden Group."""
    return factories.nonconformity(acting, [factories.certificate(acting)], "NC-7")


def given(name: str = "calibration.pdf", content: bytes = PDF, **fields: Any) -> actions.Given:
    """A file as a door takes it."""
    return actions.Given(name=name, chunks=[content], **fields)


def attached(subject: Any, by: Actor = factories.BY, content: bytes = PDF, **fields: Any) -> Evidence:
    """Evidence attached through its door."""
    return actions.attach(subject, given(fields.pop("name", "calibration.pdf"), content), by, **fields)


def kept(folder: Path) -> list[str]:
    """Names of all files in the vault, temporary ones included."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
