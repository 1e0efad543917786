"""Stage 3 of reading a document: facts that cannot be true together (section 10).

What the rules do not allow is no error: it is answered as a violation. Refused here is what nobody can
have meant: a closure before the nonconformity was raised, a reference to nothing, a site of nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from lifecycle.calendar import Duration, add
from lifecycle.document.errors import ErrorList
from lifecycle.document.values import shown
from lifecycle.facts import Audit, Decision, Extension, Facts, Nonconformity, Notice, Step
from lifecycle.policy import Policy

Named = tuple[str, date | None]


def check_facts(facts: Facts, policy: Policy, dates: Sequence[date]) -> None:
    """Refuse facts that contradict each other; ``DocumentErrors`` names every field concerned."""
    _FactCheck(facts, policy).run(dates)


class _FactCheck:
    def __init__(self, facts: Facts, policy: Policy) -> None:
        self.facts = facts
        self.policy = policy
        self.errors = ErrorList()
        self.audits: dict[str, Audit] = {audit.id: audit for audit in reversed(facts.audits)}
        self.nonconformity_ids = {nonconformity.id for nonconformity in facts.nonconformities}

    def run(self, dates: Sequence[date]) -> None:
        check_asked(dates, self.errors)
        self._check_ids()
        self._check_certificate()
        for index, audit in enumerate(self.facts.audits):
            self._check_audit(f"audits[{index}]", audit)
        for index, nonconformity in enumerate(self.facts.nonconformities):
            self._check_nonconformity(f"nonconformities[{index}]", nonconformity)
        for index, decision in enumerate(self.facts.decisions):
            self._check_decision(f"decisions[{index}]", decision)
        for index, notice in enumerate(self.facts.notices):
            self._check_recorded(f"notices[{index}]", notice.recorded_on, ("date", notice.date))
        self.errors.refuse_if_any()

    def _check_ids(self) -> None:
        """Ids are unique across the certificate and all lists; the later one is wrong."""
        places = {self.facts.certificate.id: "the certificate"}
        for name, records in self._lists():
            for index, record in enumerate(records):
                path = f"{name}[{index}]"
                if record.id in places:
                    self.errors.add(f"{path}.id", f"{shown(record.id)} is already the id of {places[record.id]}")
                places.setdefault(record.id, path)

    def _lists(self) -> Iterable[tuple[str, Sequence[Audit | Nonconformity | Decision | Notice]]]:
        facts = self.facts
        yield "audits", facts.audits
        yield "nonconformities", facts.nonconformities
        yield "decisions", facts.decisions
        yield "notices", facts.notices

    def _check_certificate(self) -> None:
        certificate = self.facts.certificate
        certified: Named = ("certified_on", certificate.certified_on)
        issued: Named = ("issued_on", certificate.issued_on)
        started: Named = ("cycle_started_on", certificate.cycle_started_on)
        self._follows("certificate.issued_on", certificate.issued_on, certified)
        self._follows("certificate.cycle_started_on", certificate.cycle_started_on, certified)
        self._follows("certificate.expires_on", certificate.expires_on, certified, issued, started)

    def _check_audit(self, path: str, audit: Audit) -> None:
        if audit.started_on is None and audit.ended_on is None:
            self.errors.add(f"{path}.ended_on", "an audit needs a date: give ended_on, started_on or both")
        self._follows(f"{path}.ended_on", audit.ended_on, ("started_on", audit.started_on))
        first: Named = ("started_on", audit.started_on) if audit.started_on else ("ended_on", audit.ended_on)
        self._check_recorded(path, audit.recorded_on, first)

    def _check_nonconformity(self, path: str, nonconformity: Nonconformity) -> None:
        if nonconformity.audit is not None and nonconformity.audit not in self.audits:
            self.errors.add(f"{path}.audit", f"no audit has the id {shown(nonconformity.audit)}")
        if nonconformity.grade not in self.policy.grades:
            allowed = ", ".join(self.policy.grades)
            self.errors.add(f"{path}.grade", f"{shown(nonconformity.grade)} is no grade of the scheme ({allowed})")
        raised_on = self._raised_on(path, nonconformity)
        self._check_steps(path, nonconformity, ("raised_on", raised_on))
        self._check_extensions(path, nonconformity, raised_on)
        certificate = self.facts.certificate
        self._check_listed(f"{path}.site", nonconformity.site, certificate.sites, "sites")
        self._check_listed(f"{path}.scope_part", nonconformity.scope_part, certificate.scope, "scope")

    def _raised_on(self, path: str, nonconformity: Nonconformity) -> date | None:
        if nonconformity.raised_on is not None:
            return nonconformity.raised_on
        audit = self.audits.get(nonconformity.audit) if nonconformity.audit is not None else None
        if audit is None and nonconformity.audit is not None:
            return None  # the unknown audit is named already
        if audit is None or audit.ended_on is None:
            self.errors.add(f"{path}.raised_on", "missing; give raised_on, or an audit with ended_on")
            return None
        return audit.ended_on

    def _check_steps(self, path: str, nonconformity: Nonconformity, raised: Named) -> None:
        submitted: Named = ("submitted_on", nonconformity.plan_submitted_on)
        self._follows(f"{path}.notified_on", nonconformity.notified_on, raised)
        self._follows(f"{path}.plan.submitted_on", nonconformity.plan_submitted_on, raised)
        self._follows(f"{path}.plan.accepted_on", nonconformity.plan_accepted_on, raised, submitted)
        self._follows(f"{path}.action.done_on", nonconformity.action_done_on, raised)
        self._follows(f"{path}.closure.date", nonconformity.closed_on, raised)
        self._check_recorded(f"{path}.closure", nonconformity.closure_recorded_on, ("date", nonconformity.closed_on))
        self._check_recorded(path, nonconformity.recorded_on, raised)
        for index, verification in enumerate(nonconformity.verifications):
            place = f"{path}.verifications[{index}]"
            self._follows(f"{place}.date", verification.date, raised)
            self._check_recorded(place, verification.recorded_on, ("date", verification.date))

    def _check_extensions(self, path: str, nonconformity: Nonconformity, raised_on: date | None) -> None:
        """Each extension must be later than the date it extends, as far as the document tells that date."""
        current: dict[Step, date] = {}
        for index, extension in enumerate(nonconformity.extensions):
            place, step = f"{path}.extensions[{index}]", extension.step
            self._follows(f"{place}.granted_on", extension.granted_on, ("raised_on", raised_on))
            self._check_recorded(place, extension.recorded_on, ("granted_on", extension.granted_on))
            extended = current.get(step) or self._first_due(nonconformity, step, raised_on)
            if self._check_due(place, extension, extended):
                current[step] = extension.due_on

    def _check_due(self, place: str, extension: Extension, extended: date | None) -> bool:
        if extended is not None and extension.due_on <= extended:
            self.errors.add(f"{place}.due_on", f"not later than the date it extends ({extended})")
            return False
        if extended is None and extension.due_on < extension.granted_on:
            self.errors.add(f"{place}.due_on", f"earlier than granted_on ({extension.granted_on})")
            return False
        return True

    def _first_due(self, nonconformity: Nonconformity, step: Step, raised_on: date | None) -> date | None:
        """The due date under the grade raised with; None when there is none or it cannot be told."""
        rules = self.policy.grade_rules.get(nonconformity.grade)
        rule = next((rule for rule in rules.steps if rule.step == step), None) if rules else None
        if rule is None or raised_on is None or not isinstance(rule.due, Duration):
            return None
        notified_on = nonconformity.notified_on or raised_on
        return add(notified_on if rule.from_notification else raised_on, rule.due)

    def _check_decision(self, path: str, decision: Decision) -> None:
        self._check_recorded(path, decision.recorded_on, ("date", decision.date))
        self._follows(f"{path}.until", decision.until, ("date", decision.date))
        for index, reference in enumerate(decision.because):
            if reference not in self.nonconformity_ids:
                self.errors.add(f"{path}.because[{index}]", f"no nonconformity has the id {shown(reference)}")
        if decision.kind == "reduce_scope" and not decision.parts and not decision.sites:
            self.errors.add(f"{path}.parts", "missing; give the parts or the sites that are taken out")
        certificate = self.facts.certificate
        for index, part in enumerate(decision.parts):
            self._check_listed(f"{path}.parts[{index}]", part, certificate.scope, "scope")
        for index, site in enumerate(decision.sites):
            self._check_listed(f"{path}.sites[{index}]", site, certificate.sites, "sites")

    def _check_listed(self, path: str, value: str | None, listed: tuple[str, ...], name: str) -> None:
        if value is not None and listed and value not in listed:
            self.errors.add(path, f"{shown(value)} is not in certificate.{name}: {', '.join(map(shown, listed[:20]))}")

    def _check_recorded(self, path: str, recorded_on: date | None, event: Named) -> None:
        self._follows(f"{path}.recorded_on", recorded_on, event)

    def _follows(self, path: str, day: date | None, *earlier: Named) -> None:
        """Note a date that lies before the latest of those it follows."""
        known = [(other, name) for name, other in earlier if other is not None]
        if day is not None and known and day < max(known)[0]:
            other, name = max(known)
            self.errors.add(path, f"earlier than {name} ({other})")


def check_asked(dates: Sequence[date], errors: ErrorList) -> None:
    """At least one date must be asked for."""
    if not dates:
        errors.add("ask", "nothing is asked: give dates, a list of dates, or until, a horizon")
