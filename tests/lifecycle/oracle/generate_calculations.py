"""Random documents for the calculators of section 9, most often at the edges of their tables."""

from datetime import date, timedelta
from random import Random
from typing import Any

from tests.lifecycle.oracle.rulebook import scheme_file

Record = dict[str, Any]

KINDS = ["audit_time", "site_sample", "scheme_grade", "data_submission", "regain"]


def generate_calculation(seed: int) -> Record:
    """The document of a seed."""
    random = Random(seed)
    kind = random.choice(KINDS)
    if kind == "regain":
        return regain(random)
    make = {
        "audit_time": audit_time,
        "site_sample": site_sample,
        "scheme_grade": scheme_grade,
        "data_submission": data_submission,
    }[kind]
    document: Record = {"kind": kind, "items": [make(random) for _ in range(random.randint(1, 6))]}
    if kind == "scheme_grade":
        document["scheme"] = random.choice(["sqf", "brcgs_food"])
    if kind == "data_submission":
        document["scheme"] = "tl9000"
    return document


def audit_time(random: Random) -> Record:
    data = scheme_file()["audit_time"]
    band = random.choice(data["bands"])
    item = {"table": random.choice(data["columns"][2:]), "persons": random.choice([band[0], band[1]])}
    if random.random() < 0.7:
        item["adjust_percent"] = random.choice([-30, -25, -10, 4, 5, 6, 12.5, 20, 50, 100])
    return item


def site_sample(random: Random) -> Record:
    root = random.randint(1, 40)
    sites = max(1, random.choice([root * root - 1, root * root, root * root + 1, root * 10, root * 25]))
    item: Record = {"sites": sites, "audit": random.choice(["initial", "surveillance", "recertification"])}
    if random.random() < 0.4:
        item["sampled"] = random.random() < 0.5
    return item


def scheme_grade(random: Random) -> Record:
    minors = random.choice([0, 4, 5, 6, 10, 11, 14, 15, 16, 17, 24, 25, 30, 31, 100])
    return {"minor": minors, "major": random.randint(0, 4), "critical": random.choice([0, 0, 0, 1, 3])}


def data_submission(random: Random) -> Record:
    return {"month": f"{random.randint(2023, 2030)}-{random.randint(1, 12):02}"}


def regain(random: Random) -> Record:
    withdrawn = date(2024, 2, 29) + timedelta(days=random.randint(0, 400))

    def later() -> str:
        return (withdrawn + timedelta(days=random.choice([0, 1, 30, 60, 90, 180]))).isoformat()

    steps = {step: later() for step in scheme_file()["regain"]["steps"] if random.random() < 0.8}
    document = {"kind": "regain", "withdrawn_on": withdrawn.isoformat(), "steps": steps}
    document["ask"] = {"dates": [later() for _ in range(random.randint(1, 4))]}
    if random.random() < 0.7:
        document["scheme"] = random.choice(["sqf", "cnca_qms_2025", "iso17021_generic"])
    return document
