"""From fields that were read to frozen facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle.facts import (
    Audit,
    Certificate,
    Decision,
    EditionEnd,
    Extension,
    Facts,
    Nonconformity,
    Notice,
    Verification,
)

Fields = Mapping[str, Any]


def facts_from(found: Fields) -> Facts:
    """The facts of a lifecycle document of the right shape; notes are for people and left behind."""
    return Facts(
        certificate=Certificate(**found.get("certificate", {})),
        audits=tuple(Audit(**_without_note(row)) for row in found.get("audits", ())),
        nonconformities=tuple(_nonconformity(row) for row in found.get("nonconformities", ())),
        decisions=tuple(Decision(**_without_note(row)) for row in found.get("decisions", ())),
        notices=tuple(Notice(**_without_note(row)) for row in found.get("notices", ())),
        editions=tuple(EditionEnd(**_without_note(row)) for row in found.get("editions", ())),
        known_on=found.get("known_on"),
    )


def _nonconformity(row: Fields) -> Nonconformity:
    nested = ("plan", "action", "closure", "verifications", "extensions")
    plain = {name: value for name, value in _without_note(row).items() if name not in nested}
    plan, closure = row.get("plan", {}), row.get("closure", {})
    return Nonconformity(
        **plain,
        plan_submitted_on=plan.get("submitted_on"),
        plan_accepted_on=plan.get("accepted_on"),
        action_done_on=row.get("action", {}).get("done_on"),
        closed_on=closure.get("date"),
        closure_recorded_on=closure.get("recorded_on"),
        verifications=tuple(Verification(**_without_note(entry)) for entry in row.get("verifications", ())),
        extensions=tuple(Extension(**_without_note(entry)) for entry in row.get("extensions", ())),
    )


def _without_note(row: Fields) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "note"}
