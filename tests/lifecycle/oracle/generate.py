"""Random valid documents in which rare things meet: boundaries, month ends, leap days, late records.

Dates come from a pool that grows while a document is made: a new date is most often an old one plus a duration of the
rules, give or take a day, so that facts fall on deadlines, on the day after, and on one another.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.lifecycle.oracle.dates import add
from tests.lifecycle.oracle.generate_decisions import add_decisions
from tests.lifecycle.oracle.generate_rules import random_rules
from tests.lifecycle.oracle.nonconformity import STEPS, Nonconformity
from tests.lifecycle.oracle.rulebook import Rulebook, grades_of, scheme_file

Record = dict[str, Any]

STARTS = ["2024-02-29", "2023-08-31", "2025-01-31", "2024-12-31", "2022-11-30", "2025-03-10", "2020-02-29"]
STEPS_AHEAD = ["0d", "0d", "14d", "28d", "30d", "60d", "90d", "110d", "1m", "3m", "6m", "6m", "12m", "36m"]
NUDGES = [-1, 0, 0, 0, 1, 1, 2]
ZONES = ["UTC", "America/Los_Angeles", "Asia/Tokyo", "Europe/Warsaw"]
AUDIT_KINDS = [
    "stage1", "stage2", "stage2", "surveillance", "surveillance", "surveillance", "surveillance", "recertification",
    "recertification", "transition", "transition", "transfer", "special", "follow_up",
]  # fmt: skip
NOTICE_KINDS = ["appeal_filed", "appeal_filed", "incident", "transfer_requested", "accreditation_lost"]
STANDARDS = [("ISO 9001", "2015"), ("ISO/IEC 27001", "2013"), ("ISO 50001", "2011"), ("X 1", "1")]
CLAUSES = ["9.2", "9.10", "10.2", "A.5.1"]
SITES, PARTS = ["HQ", "Mill"], ["welding", "assembly"]


def generate(seed: int) -> Record:
    """The document of a seed."""
    return Maker(Random(seed)).document()


class Maker:
    """Makes one document."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.start = date.fromisoformat(random.choice(STARTS))
        self.pool = [self.start]
        self.scheme = random.choice([entry["id"] for entry in scheme_file()["schemes"]])
        self.standard = random.choice(STANDARDS)
        self.grades = list(grades_of(self.scheme))
        self.known = random.random() < 0.2
        self.zone = random.choice(ZONES)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def day(self, earliest: date | None = None) -> date:
        """A day on or after ``earliest``, most often at a boundary of something else."""
        base = self.random.choice(self.pool)
        if self.chance(0.85):
            day = add(base, self.random.choice(STEPS_AHEAD)) + timedelta(
                days=self.random.choice([-1, 0, 0, 0, 1, 1, 2])
            )
        else:
            day = base + timedelta(days=self.random.randint(0, 400))
        day = min(max(day, earliest or self.start), self.start + timedelta(days=1500))
        day = max(day, earliest or day)
        self.pool.append(day)
        return day

    def document(self) -> Record:
        rules = random_rules(self.random, self.grades) if self.chance(0.7) else {}
        self.rulebook = Rulebook(self.scheme, rules)
        document: Record = {"scheme": self.scheme}
        if rules:
            document["rules"] = rules
        if self.zone != "UTC":
            document["time_zone"] = self.zone
        if self.chance(0.92):
            document["certificate"] = self.certificate()
        document["audits"] = self.several(self.audit, 6)
        self.audits = document["audits"]
        document["nonconformities"] = self.several(self.nonconformity, self.random.choice([3, 5, 5, 10]))
        self.nonconformities = document["nonconformities"]
        document["notices"] = self.several(self.notice, 3)
        document["editions"] = self.several(self.edition, 3)
        document["decisions"] = []
        document = {name: content for name, content in document.items() if content or name == "decisions"}
        add_decisions(self, document)
        if self.known:
            document["known_on"] = self.day().isoformat()
        document["ask"] = self.ask()
        return document

    def several(self, make: Callable[[int], Record], most: int) -> list[Record]:
        return [make(number) for number in range(1, self.random.randint(0, most) + 1)]

    def ask(self) -> Record:
        ask: Record = {"dates": [self.day().isoformat() for _ in range(self.random.randint(1, 5))]}
        if self.chance(0.7):
            ask["until"] = (self.start + timedelta(days=self.random.randint(200, 1700))).isoformat()
        return ask

    # Certificate and editions

    def certificate(self) -> Record:
        record: Record = {"id": "C1"}
        if self.chance(0.7):
            record["standard"], record["edition"] = self.standard
            if self.chance(0.5):
                record["accreditation_body"] = self.random.choice(["UKAS", "DAkkS"])
        if self.chance(0.5):
            record["audit_history"] = self.random.choice(["complete", "complete", "partial"])
        if self.chance(0.3):
            record.update(sites=SITES, scope=PARTS)
        record.update(self.validity())
        return record

    def validity(self) -> Record:
        shape = self.random.choice(["none", "expiry", "expiry", "certified", "certified", "certified", "cycle"])
        begin = self.day()
        if shape == "none":
            return {}
        if shape == "expiry":
            return {"expires_on": self.day().isoformat()}
        record = {"certified_on" if shape == "certified" else "cycle_started_on": begin.isoformat()}
        if shape == "certified" and self.chance(0.2):
            record["issued_on"] = (begin + timedelta(days=5)).isoformat()
        if shape == "certified" and self.chance(0.2):
            begin = self.day(begin)
            record["cycle_started_on"] = begin.isoformat()
        if self.chance(0.5):
            record["expires_on"] = self.day(begin + timedelta(days=5)).isoformat()
        return record

    def edition(self, number: int) -> Record:
        standard, edition = self.standard if self.chance(0.8) else self.random.choice(STANDARDS)
        if self.chance(0.3):
            edition = "2022"
        record: Record = {"standard": standard, "edition": edition}
        record["ends_on"] = self.day().isoformat() if self.chance(0.85) else None
        if self.chance(0.3):
            record["last_new_audit_on"] = self.day().isoformat()
        if self.chance(0.4):
            record["accreditation_body"] = self.random.choice(["UKAS", "DAkkS"])
        if self.chance(0.4):
            record["recorded_on"] = (self.day() + timedelta(days=number)).isoformat()
        return record

    # Records

    def recorded(self, record: Record, own: date) -> Record:
        """Sometimes a record comes late."""
        if self.chance(0.35 if self.known else 0.05):
            record["recorded_on"] = self.day(own).isoformat()
        return record

    def dated(self, own: date) -> Record:
        """``date``, or a time stamp that falls on it in the document's time zone."""
        if self.chance(0.85):
            return {"date": own.isoformat()}
        clock = self.random.choice([time(0), time(12), time(23, 59, 59)])
        return {"at": datetime.combine(own, clock, ZoneInfo(self.zone)).isoformat()}

    def audit(self, number: int) -> Record:
        begin = self.day()
        record: Record = {"id": f"A{number}", "kind": self.random.choice(AUDIT_KINDS)}
        if self.chance(0.4):
            record["started_on"] = begin.isoformat()
        if "started_on" not in record or self.chance(0.8):
            record["ended_on"] = (self.day(begin) if self.chance(0.3) else begin).isoformat()
        if self.chance(0.15):
            record["edition"] = self.random.choice(["2022", "2015", "2013"])
        return self.recorded(record, begin if "started_on" in record else date.fromisoformat(record["ended_on"]))

    def notice(self, number: int) -> Record:
        own = self.day()
        return self.recorded({"id": f"X{number}", "kind": self.random.choice(NOTICE_KINDS), **self.dated(own)}, own)

    # Nonconformities

    def nonconformity(self, number: int) -> Record:
        record: Record = {"id": f"N{number}", "grade": self.random.choice(self.grades)}
        ended = [a for a in self.audits if "ended_on" in a]
        if ended and self.chance(0.75):
            audit = ended[0] if self.chance(0.4) else self.random.choice(ended)
            record["audit"], raised = audit["id"], date.fromisoformat(audit["ended_on"])
        if "audit" not in record or self.chance(0.15):
            raised = self.day()
            record["raised_on"] = raised.isoformat()
        notified = raised
        if self.chance(0.2):
            notified = self.day(raised)
            record["notified_on"] = notified.isoformat()
        if self.chance(0.6):
            record["clause"] = self.random.choice(CLAUSES)
        if self.chance(0.3):
            record["site"] = self.random.choice(SITES)
        if self.chance(0.3):
            record["scope_part"] = self.random.choice(PARTS)
        self.add_steps(record, raised)
        self.add_extensions(record, raised, notified)
        return self.recorded(record, raised)

    def add_steps(self, record: Record, raised: date) -> None:
        if self.chance(0.35):
            submitted = self.day(raised)
            record["plan"] = {"submitted_on": submitted.isoformat()}
            if self.chance(0.6):
                record["plan"]["accepted_on"] = self.day(submitted).isoformat()
        if self.chance(0.3):
            record["action"] = {"done_on": self.day(raised).isoformat()}
        if self.chance(0.5):
            own = self.day(raised)
            record["closure"] = self.recorded(self.dated(own), own)
        if self.chance(0.3):
            record["verifications"] = [self.verification(raised) for _ in range(self.random.randint(1, 3))]

    def verification(self, raised: date) -> Record:
        own = self.day(raised)
        result = self.random.choice(["effective", "not_effective", "not_effective"])
        return self.recorded({**self.dated(own), "result": result}, own)

    def add_extensions(self, record: Record, raised: date, notified: date) -> None:
        if not self.chance(0.35):
            return
        clocks = Nonconformity({**record, "raised_on": raised, "notified_on": notified, "extensions": []})
        clocks.start_clocks(self.rulebook)
        later_than = {step: clocks.due_date(step) for step in STEPS}
        record["extensions"] = []
        for _ in range(self.random.randint(1, 3)):
            dated = [step for step, due in later_than.items() if due]
            step = self.random.choice(dated if dated and self.chance(0.85) else STEPS)
            granted = self.day(raised)
            due = self.day((later_than[step] or granted) + timedelta(days=1))
            extension = {"granted_on": granted.isoformat(), "due_on": due.isoformat()}
            if step != "closure" or self.chance(0.2):
                extension["step"] = step
            later_than[step] = due
            record["extensions"].append(self.recorded(extension, granted))

    def maybe(self, fields: Record, share: float) -> Record:
        return {name: value for name, value in fields.items() if self.chance(share)}
