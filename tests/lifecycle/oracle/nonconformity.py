"""One nonconformity: its steps, its clocks, its grades."""

from datetime import date
from typing import Any

from tests.lifecycle.oracle.dates import add, earliest
from tests.lifecycle.oracle.rulebook import Rulebook

STEPS = ("response", "plan", "action", "closure")
NEXT_AUDIT = "next_audit"


class Nonconformity:
    """A nonconformity of the document, or a derived one (then it has ``sources``)."""

    def __init__(self, record: dict[str, Any], sources: "list[Nonconformity] | None" = None) -> None:
        self.id: str = record["id"]
        self.audit: str | None = record.get("audit")
        self.raised_on: date = record["raised_on"]
        self.notified_on: date = record["notified_on"]
        self.clause: str | None = record.get("clause")
        self.site: str | None = record.get("site")
        self.scope_part: str | None = record.get("scope_part")
        self.plan: dict[str, date] = record.get("plan", {})
        self.action: dict[str, date] = record.get("action", {})
        self.closure: dict[str, date] = record.get("closure", {})
        self.verifications: list[dict[str, Any]] = record.get("verifications", [])
        self.extensions: list[dict[str, Any]] = record.get("extensions", [])
        self.sources = sources or []
        self.used_as_source = False
        self.void_on: date | None = None
        self.grade: str = record["grade"]
        self.grades: list[tuple[date, str]] = [(self.raised_on, self.grade)]
        self.due: dict[str, date | str | None] = {}

    # Steps (section 5, "Steps")

    def done_on(self, step: str) -> date | None:
        """The day on which a step is done, as far as all facts tell it; nothing is done once it is void."""
        if self.sources:
            return self._done_for_all_sources(step)
        done = self._done_by_its_facts(step)
        return None if done and self.void_on and done > self.void_on else done

    def _done_by_its_facts(self, step: str) -> date | None:
        effective = [v["date"] for v in self.verifications if v["result"] == "effective"]
        closed = earliest(self.closure.get("date"), *effective)
        if step == "closure":
            return closed
        if step == "action":
            return earliest(closed, self.action.get("done_on"))
        if step == "plan":
            return earliest(closed, self.plan.get("accepted_on"))
        return earliest(closed, self.plan.get("accepted_on"), self.plan.get("submitted_on"))

    def _done_for_all_sources(self, step: str) -> date | None:
        """A derived nonconformity's step is done when it is done (or void) for all sources, on the latest day."""
        days = [earliest(source.done_on(step), source.void_on) for source in self.sources]
        known = [day for day in days if day is not None]
        return max(known) if len(known) == len(days) else None

    def is_done(self, step: str, by: date) -> bool:
        done = self.done_on(step)
        return done is not None and done <= by

    def is_void(self, by: date) -> bool:
        return self.void_on is not None and self.void_on <= by

    def is_over(self, by: date) -> bool:
        return self.is_void(by) or self.is_done("closure", by)

    def state(self, by: date) -> str:
        if self.is_void(by):
            return "void"
        return "closed" if self.is_done("closure", by) else "open"

    # Clocks (C9)

    def start_clocks(self, rules: Rulebook) -> None:
        """Only the steps of the present grade have deadlines; they start with the day this grade was given."""
        self.due = {step: self._due(step, rules) for step in STEPS}

    def _due(self, step: str, rules: Rulebook) -> date | str | None:
        rule = rules[f"nc.{self.grade}.{step}"]
        due: str | None = rule["due"]
        if due is None or due == NEXT_AUDIT:
            return due
        start = self.notified_on if rule["anchor"] == "notification" else self.raised_on
        return add(max(start, self.grades[-1][0]), due)

    def due_date(self, step: str) -> date | None:
        """The date of a step, when it has one."""
        due = self.due[step]
        return due if isinstance(due, date) else None

    def change_grade(self, grade: str, day: date, rules: Rulebook) -> None:
        self.grade = grade
        self.grades.append((day, grade))
        self.start_clocks(rules)

    def last_verification_failed(self, by: date) -> bool:
        past = [v for v in self.verifications if v["date"] <= by]
        return bool(past) and sorted(past, key=lambda v: v["date"])[-1]["result"] == "not_effective"
