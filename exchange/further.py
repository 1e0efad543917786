"""Facts that no column of a list can hold, as one JSON cell: what an export writes so that nothing is lost."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext, ngettext

from exchange.fields import Kind

DATE: Final = "date"
TEXT: Final = 2_000
DECISIONS: Final = "|".join(
    (
        *("certify", "recertify", "transition", "suspend", "lift", "extend_suspension", "withdraw", "reinstate"),
        *("reduce_scope", "transfer", "appeal_outcome"),
    )
)
Shape = dict[str, Any]

SHAPES: dict[Kind, Shape] = {
    Kind.CERTIFICATES: {
        "expiry_by_rule": bool,
        "sites": [150],
        "scope_parts": [200],
        "decisions": [
            {
                "kind": DECISIONS, "decided_on": DATE, "new_number": 80, "edition": 20, "reason": 60, "because": [200],
                "override": bool, "until": DATE, "parts": [200], "site_names": [150], "to_body": 150,
                "outcome": "upheld|rejected", "letter": 200, "note": TEXT,
            }
        ],
        "notices": [
            {"kind": "appeal_filed|incident|transfer_requested|accreditation_lost", "happened_on": DATE, "note": TEXT}
        ],
        "reliances": [{"kind": "customer|contract|tender", "name": 200, "note": 300}],
    },
    Kind.AUDITS: {
        "planned_on": DATE, "planned_until": DATE, "started": bool, "state": "confirmed|reported|closed|refused",
    },
    Kind.NONCONFORMITIES: {
        "title": 200, "evidence": 20_000, "notified_on": DATE, "scope_part": 200,
        "extensions": [
            {"step": "response|plan|action|closure", "granted_on": DATE, "due_on": DATE, "reason": 500}
        ],
        "verifications": [
            {"verified_on": DATE, "result": "effective|not_effective", "verified_by": 150, "note": TEXT}
        ],
        "actions": [
            {"description": 20_000, "owner_name": 150, "due_on": DATE, "done_on": DATE, "state": "open|done|cancelled"}
        ],
    },
}  # fmt: skip
NEEDED: Final = frozenset(
    {"kind", "decided_on", "happened_on", "name", "granted_on", "due_on", "verified_on", "result", "description"}
)


class FurtherNotUnderstood(ValueError):
    """The cell is not what an export writes; the message says where."""


def write(facts: dict[str, Any]) -> str:
    """One cell; empty when there is nothing further to say."""
    kept = {name: value for name, value in facts.items() if value not in (None, "", [], {}, False)}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, default=str) if kept else ""


def read(kind: Kind, text: str) -> dict[str, Any]:
    """The facts of a cell with dates as dates; raises ``FurtherNotUnderstood``."""
    try:
        found = json.loads(text)
    except ValueError:
        raise FurtherNotUnderstood(gettext("this is not JSON as an export writes it")) from None
    return _object(found, SHAPES[kind], "facts")


def _object(found: Any, shape: Shape, where: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise FurtherNotUnderstood(gettext("%(where)s must be an object") % {"where": where})
    unknown = sorted(set(found) - set(shape))
    if unknown:
        raise FurtherNotUnderstood(gettext("%(where)s: “%(name)s” is not known") % {"where": where, "name": unknown[0]})
    return {name: _value(value, shape[name], f"{where}.{name}") for name, value in found.items()}


def _value(found: Any, shape: Any, where: str) -> Any:
    if isinstance(shape, list):
        if not isinstance(found, list) or len(found) > 1_000:
            raise FurtherNotUnderstood(gettext("%(where)s must be a list") % {"where": where})
        return [_entry(item, shape[0], f"{where}[{position}]") for position, item in enumerate(found)]
    if shape is bool:
        if not isinstance(found, bool):
            raise FurtherNotUnderstood(gettext("%(where)s must be true or false") % {"where": where})
        return found
    return _scalar(found, shape, where)


def _entry(found: Any, shape: Any, where: str) -> Any:
    if not isinstance(shape, dict):
        return _value(found, shape, where)
    entry = _object(found, shape, where)
    missing = sorted(NEEDED & set(shape) - set(entry) - ({"due_on"} if "description" in shape else set()))
    if missing:
        raise FurtherNotUnderstood(gettext("%(where)s: “%(name)s” is missing") % {"where": where, "name": missing[0]})
    return entry


def _scalar(found: Any, shape: Any, where: str) -> Any:
    if not isinstance(found, str) or "\x00" in found:
        raise FurtherNotUnderstood(gettext("%(where)s must be text") % {"where": where})
    if shape == DATE:
        try:
            return date.fromisoformat(found)
        except ValueError:
            text = gettext("%(where)s: “%(found)s” is no date")
            raise FurtherNotUnderstood(text % {"where": where, "found": found[:20]}) from None
    if isinstance(shape, str) and found not in shape.split("|"):
        text = gettext("%(where)s: “%(found)s” is not one of %(allowed)s")
        allowed = shape.replace("|", ", ")
        raise FurtherNotUnderstood(text % {"where": where, "found": found[:20], "allowed": allowed})
    if isinstance(shape, int) and len(found) > shape:
        text = ngettext("%(where)s: at most %(n)s character", "%(where)s: at most %(n)s characters", shape)
        raise FurtherNotUnderstood(text % {"where": where, "n": shape})
    return found
