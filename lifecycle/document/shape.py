"""Stage 1 of reading a lifecycle document: its fields, types, dates and words (section 2).

What passes becomes facts; whether the facts make sense together is looked at later, in ``check``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, get_args

from lifecycle.document.build import facts_from
from lifecycle.document.values import (
    Reader,
    Reading,
    Record,
    inside,
    list_of,
    one_of,
    read_anything,
    read_date,
    read_id,
    read_text,
    read_yes_no,
    read_zone,
    zone_named,
)
from lifecycle.facts import (
    STEPS,
    AuditHistory,
    AuditKind,
    DecisionKind,
    Facts,
    NoticeKind,
    VerificationResult,
)

DEFAULT_SCHEME = "iso17021_generic"
_TEXTS = list_of(read_text)
_IDS = list_of(read_id)
_RECORDED: dict[str, Reader] = {"recorded_on": read_date, "note": read_text}

_CERTIFICATE = Record(
    {
        "id": read_id,
        "standard": read_text,
        "edition": read_text,
        "accreditation_body": read_text,
        "certified_on": read_date,
        "issued_on": read_date,
        "cycle_started_on": read_date,
        "expires_on": read_date,
        "audit_history": one_of(get_args(AuditHistory)),
        "sites": _TEXTS,
        "scope": _TEXTS,
    }
)
_AUDIT = Record(
    {
        "id": read_id,
        "kind": one_of(get_args(AuditKind)),
        "started_on": read_date,
        "ended_on": read_date,
        "edition": read_text,
        **_RECORDED,
    },
    required=("id", "kind"),
)
_VERIFICATION = Record({"result": one_of(get_args(VerificationResult)), **_RECORDED}, required=("result",), dated=True)
_EXTENSION = Record(
    {"granted_on": read_date, "due_on": read_date, "step": one_of(STEPS), **_RECORDED},
    required=("granted_on", "due_on"),
)
_NONCONFORMITY = Record(
    {
        "id": read_id,
        "grade": read_text,
        "audit": read_text,
        "raised_on": read_date,
        "notified_on": read_date,
        "clause": read_text,
        "site": read_text,
        "scope_part": read_text,
        "plan": Record({"submitted_on": read_date, "accepted_on": read_date}),
        "action": Record({"done_on": read_date}, required=("done_on",)),
        "closure": Record(_RECORDED, dated=True),
        "verifications": list_of(_VERIFICATION),
        "extensions": list_of(_EXTENSION),
        **_RECORDED,
    },
    required=("id", "grade"),
)
_NOTICE = Record(
    {"id": read_id, "kind": one_of(get_args(NoticeKind)), **_RECORDED}, required=("id", "kind"), dated=True
)
_EDITION = Record(
    {
        "standard": read_text,
        "edition": read_text,
        "ends_on": read_date,
        "last_new_audit_on": read_date,
        "accreditation_body": read_text,
        **_RECORDED,
    },
    required=("standard", "edition", "ends_on"),
    nullable=("ends_on",),
)

_GROUNDS: dict[str, Reader] = {"reason": read_text, "because": _IDS}
_OVERRIDE: dict[str, Reader] = {"override": read_yes_no}
_OWN_FIELDS: dict[str, dict[str, Reader]] = {
    "certify": {"certificate": read_id, "edition": read_text},
    "recertify": {"edition": read_text},
    "transition": {"edition": read_text},
    "suspend": _GROUNDS,
    "lift": _OVERRIDE,
    "extend_suspension": {"until": read_date},
    "withdraw": _GROUNDS,
    "reinstate": _OVERRIDE,
    "reduce_scope": {"parts": _TEXTS, "sites": _TEXTS},
    "transfer": {"to_body": read_text},
    "appeal_outcome": {"outcome": one_of(("upheld", "rejected"))},
}
_NEEDED_FIELDS = {
    "transition": ("edition",),
    "extend_suspension": ("until",),
    "transfer": ("to_body",),
    "appeal_outcome": ("outcome",),
}


def _decision_record(own: Mapping[str, Reader], needed: tuple[str, ...] = ()) -> Record:
    fields = {"id": read_id, "kind": one_of(get_args(DecisionKind)), **own, **_RECORDED}
    return Record(fields, required=("id", "kind", *needed), dated=True)


_DECISIONS = {kind: _decision_record(own, _NEEDED_FIELDS.get(kind, ())) for kind, own in _OWN_FIELDS.items()}
_ANY_DECISION = _decision_record({name: reader for own in _OWN_FIELDS.values() for name, reader in own.items()})


def _read_decision(value: object, path: str, reading: Reading) -> dict[str, Any]:
    """A decision with the fields of its own kind (section 7)."""
    kind = value.get("kind") if isinstance(value, dict) else None
    record = _DECISIONS.get(kind, _ANY_DECISION) if isinstance(kind, str) else _ANY_DECISION
    return record(value, path, reading)


def _read_rules(value: object, path: str, reading: Reading) -> dict[str, dict[object, object]]:
    """Overrides ``{rule id: {parameter: value}}``; names and values belong to stage 2."""
    if not isinstance(value, dict):
        reading.wrong(path, value, "a mapping {rule id: {parameter: value}}")
        return {}
    for rule, parameters in value.items():
        if not isinstance(parameters, dict):
            reading.wrong(inside(path, rule), parameters, "a mapping {parameter: value}")
    return value


_DOCUMENT = Record(
    {
        "kind": read_anything,
        "scheme": read_text,
        "rules": _read_rules,
        "time_zone": read_zone,
        "known_on": read_date,
        "certificate": _CERTIFICATE,
        "audits": list_of(_AUDIT),
        "nonconformities": list_of(_NONCONFORMITY),
        "decisions": list_of(_read_decision),
        "notices": list_of(_NOTICE),
        "editions": list_of(_EDITION),
        "ask": Record({"dates": list_of(read_date), "until": read_date}),
    },
    required=("ask",),
)


@dataclass(frozen=True, slots=True)
class Question:
    """A lifecycle document of the right shape: what is asked about which facts under which rules."""

    scheme: str
    rules: Mapping[str, Mapping[str, object]]
    facts: Facts
    dates: tuple[date, ...]


def read_question(document: dict[Any, Any]) -> Question:
    """Read a lifecycle document; ``DocumentErrors`` names everything that is wrong with its shape."""
    found = _DOCUMENT.read_all(document, Reading(zone=zone_named(document.get("time_zone")) or UTC))
    ask = found["ask"]
    asked = {*ask.get("dates", ()), *([ask["until"]] if "until" in ask else [])}
    return Question(
        scheme=found.get("scheme", DEFAULT_SCHEME),
        rules=found.get("rules", {}),
        facts=facts_from(found),
        dates=tuple(sorted(asked)),
    )
