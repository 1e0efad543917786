"""Rows that change what is recorded: each through the door of its record, never over somebody else's save."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from audits.actions import change_audit
from audits.states import TOOK_PLACE
from certifications.actions import Refused, change_certificate
from exchange.actions.references import References
from exchange.changes import MODELS
from exchange.fields import Kind
from exchange.judging import RowResult
from nonconformities.actions import change_nonconformity
from records.editing import Conflict
from records.record import Actor

Values = Mapping[str, Any]
Fields = dict[str, Any]


@dataclass(slots=True)
class Updated:
    """What a chunk changed, for taking it back, and the rows that were refused at the door with the reason."""

    changed: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)


def update(
    kind: Kind,
    results: Sequence[RowResult],
    agreed: Mapping[str, Sequence[int]],
    found: References,
    by: Actor,
    cause: str,
) -> Updated:
    """Change the records of these rows; ``agreed`` holds id and version of each record as a person has seen it.

    A record that somebody saved meanwhile, and one whose door refuses the change, stays as it is and is listed.
    """
    done = Updated()
    for result in results:
        pk, version = agreed.get(str(result.row), (0, 0))
        row = MODELS[kind].objects.select_related("organization").filter(pk=pk).first()
        why = gettext("was not among the changes that were agreed to") if row is None else ""
        if row is not None:
            before = _before(kind, row, result)
            try:
                with transaction.atomic():
                    saved = _change(kind, row, version, result, found, by, cause)
                done.changed.append({"id": pk, "number": str(saved), "version": saved.version, **before})
            except Conflict:
                why = gettext("was changed by somebody else meanwhile")
            except ValidationError as error:
                why = "; ".join(error.messages)
            except Refused as refusal:
                why = str(refusal)
        if why:
            done.refused.append({"row": result.row, "number": result.values["number"], "why": why})
    return done


def _change(kind: Kind, row: Any, version: int, result: RowResult, found: References, by: Actor, cause: str) -> Any:
    fields = fields_of(kind, row, result, found)
    if kind is Kind.CERTIFICATES:
        names = {change.field for change in result.changes}
        sites = [found.site(name) for name in result.values["sites"]] if "sites" in names else None
        return change_certificate(row, version, fields, by, cause, sites)
    if kind is Kind.AUDITS:
        return change_audit(row, version, fields, by)
    return change_nonconformity(row, version, fields, by, cause)


def fields_of(kind: Kind, row: Any, result: RowResult, found: References) -> Fields:
    """The columns of the record that the row changes, with their new values."""
    fields: Fields = {}
    for change in result.changes:
        fields |= _READ.get(change.field, _plain(change.field))(result.values, row, found)
    return fields


def _plain(name: str) -> Callable[[Values, Any, References], Fields]:
    return lambda values, row, found: {name: values[name]}


def _owner(values: Values, row: Any, found: References) -> Fields:
    return {"owner": found.user(values["owner_person"]), "owner_name": values["owner"]}


def _body(values: Values, row: Any, found: References) -> Fields:
    return {"body": found.body(values["certification_body"], values.get("accreditation_body") or "")}


def _edition(values: Values, row: Any, found: References) -> Fields:
    known = hasattr(row, "standard_id")
    return {"edition": found.edition(row.standard, values["edition"]) if known else values["edition"]}


def _site(values: Values, row: Any, found: References) -> Fields:
    return {"site": found.site(values["site"])}


def _day(planned: str, held: str) -> Callable[[Values, Any, References], Fields]:
    """An audit's day is the one it took place on, or the one it is planned for."""

    def read(values: Values, row: Any, found: References) -> Fields:
        took_place = row.state in TOOK_PLACE or row.state == "started"
        return {held if took_place else planned: values[held]}

    return read


_READ: dict[str, Callable[[Values, Any, References], Fields]] = {
    "owner": _owner,
    "certification_body": _body,
    "edition": _edition,
    "site": _site,
    "sites": lambda values, row, found: {},
    "auditor": lambda values, row, found: {"lead_auditor": values["auditor"]},
    "audit_days": lambda values, row, found: {"days": values["audit_days"]},
    "description": lambda values, row, found: {"statement": values["description"]},
    "started_on": _day("planned_on", "started_on"),
    "ended_on": _day("planned_until", "ended_on"),
}


def _before(kind: Kind, row: Any, result: RowResult) -> dict[str, Any]:
    """What the record held, as plain data from which it can be put back."""
    columns: Fields = {}
    for change in result.changes:
        for name in _COLUMNS.get(change.field, (change.field,)):
            column = _column(row, name)
            columns[column] = _plainly(getattr(row, column))
    sites = []
    if any(change.field == "sites" for change in result.changes):
        sites = list(row.site_links.values_list("site_id", flat=True))
    return {"model": row._meta.model_name, "before": columns, "sites": sites}


def _plainly(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value


def _column(row: Any, name: str) -> str:
    if name == "edition" and hasattr(row, "edition_id"):
        return "edition_id"
    if row._meta.model_name != "audit" or name not in {"started_on", "ended_on"}:
        return name
    took_place = row.state in TOOK_PLACE or row.state == "started"
    return name if took_place else {"started_on": "planned_on", "ended_on": "planned_until"}[name]


_COLUMNS: dict[str, tuple[str, ...]] = {
    "owner": ("owner_id", "owner_name"),
    "certification_body": ("body_id",),
    "site": ("site_id",),
    "sites": (),
    "auditor": ("lead_auditor",),
    "audit_days": ("days",),
    "description": ("statement",),
}
