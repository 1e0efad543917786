"""One row of every kind in an organization, made through the doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import uuid4

from accounts import clock, tenancy
from accounts.models import Organization, Site, User
from accounts.permissions import Role
from audits.actions import add_entry, add_member, add_question, plan_audit, record_audit, record_findings
from audits.models import Audit, ChecklistItem, Finding, PlanEntry, TeamMember
from certifications.actions import (
    add_body,
    add_site,
    find_edition,
    find_standard,
    record_decision,
    record_notice,
    register_certificate,
)
from certifications.actions.certificates import add_reliance
from certifications.models import Certificate, CertificationBody, Decision, Edition, Reliance, Scheme, Standard
from evidence.actions import Given, attach
from evidence.models import Evidence
from followup.actions import issue_report
from followup.models import AuditReport
from nonconformities.actions import add_action, raise_nonconformity
from nonconformities.models import CorrectiveAction, Nonconformity
from records.heads import sign_head
from records.models import ChainCheck, Event, SignedHead
from records.record import Actor
from records.verification import check_and_keep
from tests.conftest import member


@dataclass
class World:
    """Rows of one organization; ``marker`` stands in every text that people wrote."""

    marker: str
    organization: Organization
    user: User
    site: Site
    body: CertificationBody
    standard: Standard
    edition: Edition
    scheme: Scheme
    certificate: Certificate
    decision: Decision
    reliance: Reliance
    audit: Audit
    nonconformity: Nonconformity
    action: CorrectiveAction
    evidence: Evidence
    member: TeamMember
    entry: PlanEntry
    item: ChecklistItem
    finding: Finding
    report: AuditReport

    @property
    def event(self) -> Event:
        with tenancy.acting_in(self.organization):
            return Event.objects.all()[0]

    @property
    def head(self) -> SignedHead:
        with tenancy.acting_in(self.organization):
            return SignedHead.objects.all()[0]

    @property
    def check(self) -> ChainCheck:
        with tenancy.acting_in(self.organization):
            return ChainCheck.objects.all()[0]

    @property
    def today(self) -> date:
        return clock.today(self.organization)


def make_world(organization: Organization, marker: str) -> World:
    """A certificate in force with an open nonconformity, an audit to come, and all that belongs to them."""
    user = member(organization, f"owner@{marker.lower()}.example", f"{marker} owner", Role.COMPLIANCE_OFFICER)
    by = Actor.person(user)
    today = clock.today(organization)
    with tenancy.acting_in(organization):
        site = add_site(organization, {"name": f"{marker} site", "country": "Poland"}, by)
        body = add_body(organization, {"name": f"{marker} body", "accreditation_body": "PCA"}, by)
        standard = find_standard(organization, "ISO 9001", by)
        edition = find_edition(standard, "2015", by)
        scheme = Scheme.objects.order_by("pk").filter(catalog_id="iso17021_generic")[0]
        certificate = certificate_in_force(organization, f"{marker}-1", by, site=site, body=body, owner=user)
        decision = record_decision(
            certificate,
            {"kind": "reduce_scope", "decided_on": today, "parts": [f"{marker} part"], "letter": f"{marker} letter"},
            by,
        )
        record_notice(certificate, "incident", today, by, note=f"{marker} incident")
        reliance = add_reliance(certificate, {"kind": "customer", "name": f"{marker} customer"}, by)
        audit = plan_audit(
            organization,
            {"number": f"{marker}-A1", "kind": "surveillance", "planned_on": today + timedelta(days=30)},
            [certificate],
            by,
        )
        nonconformity = nonconformity_of(certificate, f"{marker}-NC1", by)
        action = add_action(
            nonconformity,
            {"description": f"{marker} action", "owner": user, "due_on": today + timedelta(days=10)},
            by,
        )
        letter = Given(f"{marker} letter.txt", [f"{marker} letter".encode()])
        evidence = attach(nonconformity, letter, by, title=f"{marker} evidence", owner=user)
    more = audited(organization, marker, user, by)
    with tenancy.acting_in(organization):
        sign_head(organization)
        check_and_keep(organization)
    return World(
        marker, organization, user, site, body, standard, edition, scheme, certificate, decision, reliance, audit,
        nonconformity, action, evidence, *more,
    )  # fmt: skip


def audited(
    organization: Organization, marker: str, user: User, by: Actor
) -> tuple[TeamMember, PlanEntry, ChecklistItem, Finding, AuditReport]:
    """What belongs to an audit that is under way."""
    today = clock.today(organization)
    with tenancy.acting_in(organization):
        fields = {"number": f"{marker}-I1", "kind": "internal", "started_on": today}
        audit = record_audit(organization, fields, [], by)
        team = add_member(audit, {"user": user, "role": "lead"}, by)
        entry = add_entry(audit, {"day": today, "starts_at": time(9), "process": f"{marker} process"}, by)
        item = add_question(audit, {"question": f"{marker} question"}, by)
        seen = {"uid": uuid4(), "item": item, "grade": "opportunity", "evidence": f"{marker} evidence"}
        finding = record_findings(audit, [seen], by)[0]
        held = record_audit(organization, {"number": f"{marker}-I2", "kind": "internal", "ended_on": today}, [], by)
        return team, entry, item, finding, issue_report(held, today, by)


def certificate_in_force(organization: Organization, number: str, by: Actor, **fields: object) -> Certificate:
    """An ISO 9001 certificate, two thirds of whose cycle has passed; audits may be missing from the list."""
    today = clock.today(organization)
    standard = find_standard(organization, "ISO 9001", by)
    site = fields.pop("site", None)
    facts = {
        "number": number,
        "standard": standard,
        "scheme": Scheme.objects.order_by("pk").filter(catalog_id="iso17021_generic")[0],
        "certified_on": today - timedelta(days=700),
        "expires_on": today + timedelta(days=395),
        "scope": f"{number} scope",
        "scope_parts": ["design", "assembly"],
        **fields,
    }
    return register_certificate(organization, facts, [site] if isinstance(site, Site) else [], by)


def nonconformity_of(certificate: Certificate, number: str, by: Actor, grade: str = "major") -> Nonconformity:
    """A nonconformity that the certification body raised ten days ago."""
    organization = certificate.organization
    fields = {
        "number": number,
        "grade": grade,
        "raised_on": clock.today(organization) - timedelta(days=10),
        "title": f"{number} title",
        "source": "body",
    }
    return raise_nonconformity(organization, fields, [certificate], by)
