"""The cases of the contract once more: through doors, rows and sweeps, each fact recorded on its own day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from django.core.exceptions import ValidationError

from accounts import clock, tenancy
from accounts.models import Organization, Site
from audits import actions as audits
from audits.models import Audit
from certifications import actions as doors
from certifications.catalog import PlainLoader
from certifications.catalog_rows import install_catalog
from certifications.facts import books_for, facts_for, ref, with_relations
from certifications.models import Certificate, Scheme, SchemeVersion
from isotrack.jobs import SOURCES
from lifecycle.evolve import evolve
from nonconformities import actions as ncs
from nonconformities.models import Nonconformity
from records.models import ActorKind
from records.record import Actor
from records.sweep import sweep_source
from tests.factories import done, planned

CASES = yaml.load((Path(__file__).parents[1] / "data/scenarios.yaml").read_text("utf-8"), Loader=PlainLoader)["cases"]
LIFECYCLE = [c for c in CASES if c["document"].get("kind", "lifecycle") == "lifecycle" and "error" not in c["expect"]]
BY = Actor(ActorKind.PERSON, None, "Marta")


def unexpected(pk: int, error: Exception, today: object) -> None:
    raise error


CERTIFICATES = replace(SOURCES[0], set_aside=unexpected)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@dataclass
class Told:
    """A document told to the product: doors on the days on which its facts were recorded."""

    document: dict[str, Any]
    organization: Organization
    steps: list[tuple[date, int, Callable[[], object]]] = field(default_factory=list)
    ids: dict[str, Any] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def moment(self, record: dict[str, Any], name: str = "date") -> date:
        if "at" in record:
            return datetime.fromisoformat(record["at"]).astimezone(ZoneInfo(self.organization.time_zone)).date()
        return date.fromisoformat(record[name])

    def on(self, record: dict[str, Any], happened: date, step: Callable[[], object]) -> None:
        self.steps.append((day(record.get("recorded_on")) or happened, len(self.steps), step))

    def do(self, subject: str, step: Callable[[], object]) -> None:
        try:
            step()
        except (doors.Refused, ValidationError):
            self.refused.append(subject)

    def certificate(self) -> Certificate:
        row: Certificate = with_relations(Certificate.objects.all()).get()
        return row

    def nc(self, name: str) -> Nonconformity:
        row: Nonconformity = Nonconformity.objects.get(pk=self.ids[name])
        return row


def tell(told: Told) -> None:
    document = told.document
    _register(told, document.get("certificate", {}))
    for edition in document.get("editions", ()):
        _edition(told, edition)
    for audit in document.get("audits", ()):
        _audit(told, audit)
    for nc in document.get("nonconformities", ()):
        _nonconformity(told, nc)
    for notice in document.get("notices", ()):
        when = told.moment(notice)
        told.on(notice, when, partial(_notice, told, notice, when))
    for decision in document.get("decisions", ()):
        when = told.moment(decision)
        told.on(decision, when, partial(_decision, told, decision, when))


def _register(told: Told, certificate: dict[str, Any]) -> None:
    organization = told.organization
    standard = doors.find_standard(organization, certificate.get("standard", "ISO 9001"), BY)
    scheme = Scheme.objects.get(catalog_id=told.document.get("scheme", "iso17021_generic"))
    SchemeVersion.objects.filter(scheme=scheme).update(rules=told.document.get("rules", {}))
    fields = {
        "number": certificate.get("id", "certificate"),
        "standard": standard,
        "edition": doors.find_edition(standard, certificate["edition"], BY) if "edition" in certificate else None,
        "accreditation_body": certificate.get("accreditation_body", ""),
        "scheme": scheme,
        "audit_history": certificate.get("audit_history", "partial"),
        "scope_parts": certificate.get("scope", []),
        **{
            name: day(certificate.get(name)) for name in ("certified_on", "issued_on", "cycle_started_on", "expires_on")
        },
    }
    sites = [Site.objects.create(organization=organization, name=name) for name in certificate.get("sites", ())]
    with clock.at(date(2015, 1, 1)):
        doors.register_certificate(organization, fields, sites, BY)


def _edition(told: Told, edition: dict[str, Any]) -> None:
    standard = doors.find_standard(told.organization, edition["standard"], BY)
    row = doors.find_edition(standard, edition["edition"], BY)
    told.on(edition, date(2015, 1, 2), lambda: doors.end_edition(row, day(edition["ends_on"]), BY))


def _audit(told: Told, audit: dict[str, Any]) -> None:
    started, ended = day(audit.get("started_on")), day(audit.get("ended_on"))
    fields = {"number": audit["id"], "kind": audit["kind"], "edition": audit.get("edition", "")}

    def begin() -> None:
        covered = [told.certificate()]
        dates = {"started_on": started, "ended_on": None if started and ended != started else ended}
        told.ids[audit["id"]] = audits.record_audit(told.organization, {**fields, **dates}, covered, BY).pk

    def end() -> None:
        audits.hold_audit(Audit.objects.get(pk=told.ids[audit["id"]]), ended, BY)  # type: ignore[arg-type]

    told.on(audit, started or ended, begin)  # type: ignore[arg-type]
    if started and ended and ended != started:
        told.on({}, ended, end)


def _nonconformity(told: Told, nc: dict[str, Any]) -> None:
    held = {audit["id"]: audit for audit in told.document.get("audits", ())}
    raised = day(nc.get("raised_on")) or day(held[nc["audit"]]["ended_on"])
    assert raised
    told.on(nc, raised, partial(_raise, told, nc, raised))
    plan, action, closure = nc.get("plan", {}), nc.get("action", {}), nc.get("closure")
    if "submitted_on" in plan:
        submitted = date.fromisoformat(plan["submitted_on"])
        told.on(plan, submitted, lambda: planned(told.nc(nc["id"]), "Cause", submitted))
    assert not action and "accepted_on" not in plan, "no case needs these"
    for verification in nc.get("verifications", ()):
        when = told.moment(verification)
        told.on(verification, when, partial(_verify, told, nc["id"], when, verification["result"]))
    for extension in nc.get("extensions", ()):
        granted, due = date.fromisoformat(extension["granted_on"]), date.fromisoformat(extension["due_on"])
        told.on(extension, granted, partial(_extend, told, nc["id"], granted, due))
    if closure:
        closed = told.moment(closure)
        told.on(closure, closed, partial(_close, told, nc["id"], closed))


def _raise(told: Told, nc: dict[str, Any], raised: date) -> None:
    site = Site.objects.filter(name=nc.get("site")).first()
    fields = {
        "number": nc["id"],
        "grade": nc["grade"],
        "audit_id": told.ids.get(nc.get("audit", "")),
        "raised_on": raised,
        "notified_on": day(nc.get("notified_on")),
        "clause": nc.get("clause", ""),
        "scope_part": nc.get("scope_part", ""),
        "site": site,
        "title": nc["id"],
    }
    told.ids[nc["id"]] = ncs.raise_nonconformity(told.organization, fields, [told.certificate()], BY).pk


def _verify(told: Told, name: str, when: date, result: str) -> None:
    nc = told.nc(name)
    if result == "not_effective" and nc.stage == "raised":
        done(ncs.accept_plan(planned(nc, "Cause", when), when, BY), when)
    ncs.verify(told.nc(name), when, result, BY)


def _close(told: Told, name: str, when: date) -> None:
    """A grade that has to be verified is closed by its verification."""
    nc = told.nc(name)
    for action in ncs.actions_of(nc):
        ncs.complete_corrective_action(action, when, BY)
    ncs.close(nc, when, BY) if "close" in ncs.possible_moves(nc) else ncs.verify(nc, when, "effective", BY)


def _extend(told: Told, name: str, granted: date, due: date) -> None:
    told.do(name, lambda: ncs.grant_extension(told.nc(name), granted, due, BY))


def _notice(told: Told, notice: dict[str, Any], when: date) -> None:
    doors.record_notice(told.certificate(), notice["kind"], when, BY)


def _decision(told: Told, decision: dict[str, Any], when: date) -> None:
    fields = {
        "kind": decision["kind"],
        "decided_on": when,
        "new_number": decision.get("certificate", ""),
        "edition": decision.get("edition", ""),
        "reason": decision.get("reason", ""),
        "because": [ref("nc", told.ids[name]) for name in decision.get("because", ())],
        "override": decision.get("override", False),
        "until": day(decision.get("until")),
        "parts": decision.get("parts", []),
        "site_names": decision.get("sites", []),
        "to_body": decision.get("to_body", ""),
        "outcome": decision.get("outcome", ""),
    }
    told.do(decision["id"], lambda: doors.record_decision(told.certificate(), fields, BY))


def live(told: Told, until: date, asked: list[date]) -> dict[date, tuple[str, str]]:
    """Do everything recorded by ``until``; sweep on each asked day and note what the row says then."""
    seen = {}
    steps: list[tuple[date, int, int, Callable[[], object] | None]] = [
        (when, 0, order, step) for when, order, step in told.steps if when <= until
    ]
    steps += [(when, 1, 0, None) for when in asked if when <= until]
    for when, _, _, step in sorted(steps, key=lambda s: s[:3]):
        zone = ZoneInfo(told.organization.time_zone)
        with clock.at(datetime(when.year, when.month, when.day, 12, tzinfo=zone)):
            if step:
                step()
            else:
                list(sweep_source(CERTIFICATES))
                row = told.certificate()
                seen[when] = (row.status, row.confirmed_status)
    return seen


@pytest.mark.django_db
@pytest.mark.parametrize("case", LIFECYCLE, ids=[case["id"] for case in LIFECYCLE])
def test_rows_doors_and_sweeps_give_the_contracts_answer(case: dict[str, Any]) -> None:
    document, expect = case["document"], case["expect"]
    organization = Organization.objects.create(
        name="Contract", slug="contract", time_zone=document.get("time_zone", "UTC")
    )
    install_catalog(organization)
    asked = [date.fromisoformat(text) for text in document["ask"].get("dates", [])]
    asked += [date.fromisoformat(document["ask"]["until"])] if "until" in document["ask"] else []
    known_on = day(document.get("known_on"))
    with tenancy.acting_in(organization):
        told = Told(document, organization)
        tell(told)
        seen = live(told, known_on or max(asked), asked)
        row = told.certificate()
        outcome = evolve(facts_for([row])[row.pk], books_for([row.scheme])[row.scheme_id], asked)
    answers = {answer.date.isoformat(): answer for answer in outcome.answers}
    statuses = expect.get("status", {})
    assert {on: answers[on].status for on in statuses} == statuses
    if known_on is None:
        assert {on: seen[date.fromisoformat(on)][0] for on in statuses} == statuses
        confirmed = expect.get("confirmed", {})
        assert {on: seen[date.fromisoformat(on)][1] for on in confirmed} == confirmed
    not_applied = [v["subject"] for v in expect.get("violations", ()) if v.get("applied") is False]
    assert [subject for subject in not_applied if subject not in told.refused] == []
