"""What PDF/UA-1 (ISO 14289-1) asks of a file, judged by a validator, and the elements of its structure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from page import ValidationProfile, validate_pdf_bytes


def elements(node: Any) -> Iterator[Any]:
    """The elements of the structure in reading order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for part in node:
            yield from elements(part)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


def complaints(pdf: bytes) -> list[str]:
    """The rules that a file breaks, each once, with the validator's words; empty when it conforms."""
    report = validate_pdf_bytes(pdf, profile=ValidationProfile.PDF_UA_1)
    assert report.rules.total > 100  # all that a machine can judge
    return sorted({f"{failure.rule_id}: {failure.message}" for failure in report.failures})
