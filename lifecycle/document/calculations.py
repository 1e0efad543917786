"""Documents that ask a calculator (section 9): their shape, their scheme, their results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from lifecycle.calculators import (
    AuditTimeTables,
    data_due_on,
    grade_of,
    regain_standing,
    sites_to_audit,
)
from lifecycle.catalog import Catalog
from lifecycle.document.check import check_asked
from lifecycle.document.errors import ErrorList, refuse
from lifecycle.document.render import as_json
from lifecycle.document.rules import scheme_named
from lifecycle.document.shape import DEFAULT_SCHEME
from lifecycle.document.values import (
    Reading,
    Record,
    list_of,
    number,
    one_of,
    read_anything,
    read_date,
    read_month,
    read_text,
    read_yes_no,
)

_MANY = 1_000_000
_COUNT = number(0, _MANY)
_SITES = Record(
    {
        "sites": number(1, _MANY),
        "audit": one_of(("initial", "surveillance", "recertification")),
        "sampled": read_yes_no,
    },
    required=("sites", "audit"),
)
_GRADES = Record({"minor": _COUNT, "major": _COUNT, "critical": _COUNT}, required=("minor", "major", "critical"))
_MONTH = Record({"month": read_month}, required=("month",))


def _items(item: Record, *, with_scheme: bool = False) -> Record:
    scheme = {"scheme": read_text} if with_scheme else {}
    return Record({"kind": read_anything, **scheme, "items": list_of(item)}, required=("items",))


def audit_time(document: object, catalog: Catalog) -> dict[str, Any]:
    """Audit days by number of persons (IAF MD 5)."""
    tables = AuditTimeTables(catalog.data["audit_time"])
    item = Record(
        {
            "table": one_of(tables.names),
            "persons": number(1, tables.most_persons),
            "adjust_percent": number(-30, 100, whole=False),
        },
        required=("table", "persons"),
    )
    found = _items(item).read_all(document, Reading())
    return _answer("audit_time", (asdict(tables.compute(**entry)) for entry in found["items"]))


def site_sample(document: object, catalog: Catalog) -> dict[str, Any]:
    """How many sites an audit visits (IAF MD 1); the central function is audited every time."""
    formulas = catalog.data["site_sample"]
    found = _items(_SITES).read_all(document, Reading())
    samples = (
        sites_to_audit(formulas, entry["sites"], entry["audit"], sampled=entry.get("sampled", True))
        for entry in found["items"]
    )
    return _answer("site_sample", ({"sample": sample, "central_function": True} for sample in samples))


def scheme_grade(document: object, catalog: Catalog) -> dict[str, Any]:
    """The grade of an audit in a scheme that grades."""
    found = _items(_GRADES, with_scheme=True).read_all(document, Reading())
    scheme, grading = _scheme_data(found, "grading", catalog)
    return _answer("scheme_grade", (asdict(grade_of(grading, **entry)) for entry in found["items"]), scheme)


def data_submission(document: object, catalog: Catalog) -> dict[str, Any]:
    """The last day to submit the data of a month."""
    found = _items(_MONTH, with_scheme=True).read_all(document, Reading())
    scheme, rule = _scheme_data(found, "data_submission", catalog)
    results = ({"due_on": data_due_on(entry["month"], rule["after_month_end"])} for entry in found["items"])
    return _answer("data_submission", results, scheme)


def regain(document: object, catalog: Catalog) -> dict[str, Any]:
    """What a withdrawn organization still lacks before a new stage 2, on each asked date."""
    steps = Record(dict.fromkeys(catalog.data["regain"]["steps"], read_date))
    shape = Record(
        {
            "kind": read_anything,
            "scheme": read_text,
            "withdrawn_on": read_date,
            "steps": steps,
            "ask": Record({"dates": list_of(read_date)}),
        },
        required=("withdrawn_on", "ask"),
    )
    found = shape.read_all(document, Reading())
    scheme = found.get("scheme", DEFAULT_SCHEME)
    policy = scheme_named(scheme, catalog)
    dates = sorted(set(found["ask"].get("dates", ())))
    _check_regain(found, dates)
    needed = tuple(catalog.data["regain"]["needed_before_stage2"])
    done, withdrawn_on = found.get("steps", {}), found["withdrawn_on"]
    standings = (regain_standing(needed, done, withdrawn_on, policy.reapplication_wait, day) for day in dates)
    return _answer("regain", (asdict(standing) for standing in standings), scheme)


def _check_regain(found: Mapping[str, Any], dates: list[date]) -> None:
    """Steps on the way back come after the withdrawal; then at least one date must be asked for."""
    errors = ErrorList()
    for step, day in found.get("steps", {}).items():
        if day < found["withdrawn_on"]:
            errors.add(f"steps.{step}", f"earlier than withdrawn_on ({found['withdrawn_on']})")
    errors.refuse_if_any()
    check_asked(dates, errors)
    errors.refuse_if_any()


def _scheme_data(found: Mapping[str, Any], name: str, catalog: Catalog) -> tuple[str, Any]:
    """The part of a scheme that a calculator needs; ``DocumentErrors`` when the scheme has none."""
    scheme = found.get("scheme", DEFAULT_SCHEME)
    scheme_named(scheme, catalog)
    raw = catalog.raw(scheme)
    if name not in raw:
        able = ", ".join(scheme_id for scheme_id in catalog.scheme_ids if name in catalog.raw(scheme_id))
        raise refuse("scheme", f'"{scheme}" has no {name.replace("_", " ")}; allowed: {able}')
    return scheme, raw[name]


def _answer(kind: str, results: Any, scheme: str | None = None) -> dict[str, Any]:
    named = {"scheme": scheme} if scheme else {}
    return {"kind": kind, **named, "results": [as_json(result) for result in results]}


CALCULATORS = {
    "audit_time": audit_time,
    "site_sample": site_sample,
    "scheme_grade": scheme_grade,
    "data_submission": data_submission,
    "regain": regain,
}
