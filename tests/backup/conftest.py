"""An organization with rows, a history and files, and places of its own for each test."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evidence.conftest import nc, vault_folder

__all__ = ["nc", "places", "vault_folder"]


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Any) -> Any:
    """Papers lie here; evidence beside them."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    (tmp_path / "media" / "papers").mkdir(parents=True)
    (tmp_path / "media" / "papers" / "dossier-1.pdf").write_bytes(b"%PDF-1.7 paper")
    return tmp_path
