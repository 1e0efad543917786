"""The calculators of section 9, with whole numbers and fractions only."""

import calendar
from datetime import date
from fractions import Fraction
from typing import Any

from tests.lifecycle.oracle.dates import add, to_text
from tests.lifecycle.oracle.rulebook import Rulebook, scheme_entry, scheme_file

DEFAULT_SCHEME = "iso17021_generic"
WITH_SCHEME = ("scheme_grade", "data_submission", "regain")


def calculate(document: dict[str, Any]) -> dict[str, Any]:
    """``items`` in, ``results`` out; for ``regain`` one result per asked date."""
    kind = document["kind"]
    if kind == "regain":
        results = [regained(document, day) for day in sorted(set(document["ask"]["dates"]))]
    else:
        results = [ITEM_CALCULATORS[kind](document, item) for item in document["items"]]
    if kind in WITH_SCHEME:
        return {"kind": kind, "scheme": document.get("scheme", DEFAULT_SCHEME), "results": results}
    return {"kind": kind, "results": results}


def to_half(days: Fraction) -> Fraction:
    """The nearest half, ties up."""
    return Fraction((days * 2 + Fraction(1, 2)) // 1, 2)


def number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def audit_time(document: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """Table x (100 + adjust) / 100 to the nearest half; 1/3 and 2/3 of that, likewise; 0.8 of it, exact."""
    data = scheme_file()["audit_time"]
    band = next(row for row in data["bands"] if row[0] <= item["persons"] <= row[1])
    table = Fraction(str(band[data["columns"].index(item["table"])]))
    initial = to_half(table * (100 + Fraction(str(item.get("adjust_percent", 0)))) / 100)
    return {
        "table_days": number(table),
        "initial_days": number(initial),
        "surveillance_days": number(to_half(initial / 3)),
        "recertification_days": number(to_half(initial * 2 / 3)),
        "on_site_min_days": number(initial * 4 / 5),
    }


def smallest_whole(enough: Any) -> int:
    count = 0
    while not enough(count):
        count += 1
    return count


def site_sample(document: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """Ceilings of exact roots: k >= tenths/10 x sqrt(sites) means (10 k)^2 >= tenths^2 x sites."""
    sites, audit = item["sites"], item["audit"]
    if item.get("sampled", True):
        tenths = {"initial": 10, "surveillance": 6, "recertification": 8}[audit]
        sample = smallest_whole(lambda k: (10 * k) ** 2 >= tenths**2 * sites)
    else:
        sample = smallest_whole(lambda k: 10 * k >= 3 * sites) if audit == "surveillance" else sites
    return {"sample": sample, "central_function": True}


def scheme_grade(document: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    grading = scheme_entry(document["scheme"])["grading"]
    if grading["method"] == "score":
        lost = sum(points * item.get(grade, 0) for grade, points in grading["points"].items())
        score = max(0, grading["start"] - lost)
        rating = next(r for r in grading["ratings"] if r["from"] <= score <= r["to"])
        return {"score": score, "grade": rating["rating"], "certificate": rating["certificate"]}
    for row in grading["rows"]:
        if not item.get("critical", 0) and item["major"] <= row["major"] and item["minor"] <= row["minor_max"]:
            return {"score": None, "grade": row["grade"], "certificate": True}
    return {"score": None, "grade": grading["otherwise"], "certificate": False}


def data_submission(document: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """So many days after the end of the month."""
    year, month = (int(part) for part in item["month"].split("-"))
    month_end = date(year, month, calendar.monthrange(year, month)[1])
    after = scheme_entry(document["scheme"])["data_submission"]["after_month_end"]
    return {"due_on": to_text(add(month_end, after))}


def regained(document: dict[str, Any], day: str) -> dict[str, Any]:
    rules = Rulebook(document.get("scheme", DEFAULT_SCHEME), document.get("rules", {}))
    wait = rules["reapplication"]["wait"] or "0d"
    steps = document.get("steps", {})
    needed = scheme_file()["regain"]["needed_before_stage2"]
    missing = [step for step in needed if step not in steps or steps[step] > day]
    reapply = to_text(add(date.fromisoformat(document["withdrawn_on"]), wait))
    return {"date": day, "reapply_from": reapply, "stage2_ready": not missing, "missing": missing}


ITEM_CALCULATORS = {
    "audit_time": audit_time,
    "site_sample": site_sample,
    "scheme_grade": scheme_grade,
    "data_submission": data_submission,
}
