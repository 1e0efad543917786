"""Builds the demonstration organization through the same doors that people use, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from access.actions import invite
from accounts import clock, tenancy
from accounts.models import Membership, Organization, Site, User
from accounts.permissions import Role
from alerts.letters import NotNeeded
from alerts.mail import lay_out
from audits import actions as audits
from audits.models import Audit
from certifications import actions as certifications
from certifications.actions.certificates import add_reliance
from certifications.catalog_rows import install_catalog
from certifications.models import Certificate, CertificationBody, Scheme
from isotrack.demo import audits as demo_audits
from isotrack.demo import evidence as demo_evidence
from isotrack.jobs import SOURCES
from nonconformities import actions as nonconformities
from nonconformities.models import CorrectiveAction, Nonconformity
from nonconformities.signing import ACCEPT_PLAN, CLOSE
from records import outbox
from records.heads import sign_head
from records.keys import Grant, add_service_account, issue_key
from records.record import Actor
from records.signatures import Act, new_token, read_token, signed_by
from records.sweep import sweep_source
from records.verification import check_and_keep

DATA = Path(__file__).with_name("halden.yaml")
PASSWORD = "halden-demo-2026"
Row = dict[str, Any]


@dataclass(slots=True)
class Story:
    """Things to do, each on its day; told in order, the clock set to that day."""

    today: date
    organization: Organization
    people: dict[str, User]
    steps: list[tuple[int, int, Callable[[], object]]] = field(default_factory=list)

    def on(self, days: int, step: Callable[[], object]) -> None:
        """Do this so many days from today (never later than today)."""
        self.steps.append((min(days, 0), len(self.steps), step))

    def day(self, days: int | None) -> date | None:
        """The civil date so many days from today."""
        return None if days is None else self.today + timedelta(days=days)

    def actor(self, email: str) -> Actor:
        """The person who acts."""
        return Actor.person(self.people[email])

    def tell(self) -> None:
        """Do everything in order of days."""
        for days, _, step in sorted(self.steps, key=lambda s: s[:2]):
            with clock.at(self.today + timedelta(days=days)):
                step()


def seed_demo(today: date) -> Organization:
    """Make the organization as it stands on ``today``; returns the one that exists if it was made before."""
    data = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    existing = Organization.objects.filter(slug=data["organization"]["slug"]).first()
    if existing:
        return existing
    organization = Organization.objects.create(**data["organization"])
    install_catalog(organization)
    with tenancy.acting_in(organization):
        story = Story(today, organization, _people(organization, data["people"]))
        for days in (*range(-1200, -91, 7), *range(-91, 1)):
            story.on(days, partial(_day_passes, organization))
        _places(story, data)
        for row in data["certificates"]:
            story.on(row.get("certified", 0) - 130, partial(_apply, story, row))
            if "certified" in row:
                story.on(row["certified"], partial(_certify, story, row))
        for row in data["audits"]:
            _audit(story, row)
        for row in data["nonconformities"]:
            _nonconformity(story, row)
        _decisions(story)
        demo_audits.tell(story)
        demo_evidence.tell(story)
        story.on(-40, partial(_keys, story))
        story.on(-2, partial(_invite, story))
        story.tell()
        sign_head(organization)
        check_and_keep(organization)
    return organization


def _signs(act: Act, row: Nonconformity, by: Actor) -> Actor:
    """The person as they are after they have read the row and signed."""
    signer = User.objects.get(pk=by.user_id or 0)
    return signed_by(by, read_token(new_token(act, row, signer), act, row, signer))


def _people(organization: Organization, rows: list[Row]) -> dict[str, User]:
    people = {}
    for row in rows:
        user = User.objects.create_user(row["email"], PASSWORD, full_name=row["name"])
        Membership.objects.create(organization=organization, user=user, role=row["role"])
        people[row["email"]] = user
    return people


def _keys(story: Story) -> None:
    """Two programs: one with an account of its own, one that reads for a person."""
    by = story.actor("admin@halden.example")
    bridge = add_service_account(story.organization, "SAP bridge", Role.CONTRIBUTOR, by)
    grant = Grant(writes=True, families={"nonconformities": "write", "reference": "read"})
    issue_key(bridge, "SAP quality notifications", by, expires_at=clock.now() + timedelta(days=365), grant=grant)
    reader = Membership.objects.get(user=story.people["per@halden.example"])
    issue_key(reader, "Power BI", by, expires_at=clock.now() + timedelta(days=90), grant=Grant(role_cap=Role.VIEWER))


def _invite(story: Story) -> None:
    """Somebody who has not joined yet."""
    by = story.actor("admin@halden.example")
    invite(story.organization, "noor.vandijk@halden.example", "Noor van Dijk", Role.COMPLIANCE_OFFICER, by)


def _places(story: Story, data: Row) -> None:
    by = story.actor("marta@halden.example")
    for row in data["sites"]:
        certifications.add_site(story.organization, row, by)
    for row in data["bodies"]:
        certifications.add_body(story.organization, row, by)


def _apply(story: Story, row: Row) -> None:
    standard = certifications.find_standard(story.organization, row["standard"], story.actor("marta@halden.example"))
    scheme = Scheme.objects.get(catalog_id="iso17021_generic")
    fields = {
        "number": row["number"],
        "standard": standard,
        "edition": certifications.find_edition(standard, row["edition"], story.actor("marta@halden.example")),
        "body": CertificationBody.objects.get(name=row["body"]),
        "scheme": scheme,
        "scope": row["scope"],
        "owner": story.people[row.get("owner", "marta@halden.example")],
        "audit_history": "complete" if row.get("complete") else "partial",
    }
    by = story.actor("marta@halden.example")
    sites = [Site.objects.get(name=name) for name in row["sites"]]
    certificate = certifications.register_certificate(story.organization, fields, sites, by)
    for reliance in row.get("relied_on_by", ()):
        add_reliance(certificate, reliance, by)


def _certify(story: Story, row: Row) -> None:
    certificate = Certificate.objects.get(number=row["number"])
    day = story.day(row["certified"])
    by = story.actor("marta@halden.example")
    dates = {"certified_on": day, "issued_on": day}
    certifications.change_certificate(certificate, certificate.version, dates, by, "Certificate received")


def _audit(story: Story, row: Row) -> None:
    story.on(row["first"] - 60, partial(_plan_audit, story, row))
    by = story.actor("jo@halden.example")
    if "cancelled" in row:
        story.on(row["first"], lambda: audits.cancel_audit(_audit_row(row), row["cancelled"], by))
    elif row["last"] <= 0:
        first, last = story.day(row["first"]), story.day(row["last"])
        story.on(row["last"], lambda: audits.hold_audit(_audit_row(row), last, by, first))  # type: ignore[arg-type]


def _plan_audit(story: Story, row: Row) -> None:
    certificates = list(Certificate.objects.filter(number__in=row["certificates"]))
    fields = {
        "number": row["number"],
        "kind": row["kind"],
        "site": Site.objects.get(name=row["site"]),
        "lead_auditor": row["auditor"],
        "planned_on": story.day(row["first"]),
        "planned_until": story.day(row["last"]),
        "body": certificates[0].body if row["kind"] != "internal" and certificates else None,
    }
    audits.plan_audit(story.organization, fields, certificates, story.actor("marta@halden.example"))


def _audit_row(row: Row) -> Audit:
    audit: Audit = Audit.objects.get(number=row["number"])
    return audit


def _nonconformity(story: Story, row: Row) -> None:
    story.on(row["raised"], partial(_raise, story, row))
    auditor, owner = story.actor("jo@halden.example"), story.actor(row.get("owner", "marta@halden.example"))
    steps: dict[str, Callable[[Nonconformity, date], object]] = {
        "submitted": lambda nc, day: nonconformities.submit_plan(nc, row["cause"], day, owner),
        "accepted": lambda nc, day: nonconformities.accept_plan(nc, day, _signs(ACCEPT_PLAN, nc, auditor)),
        "done": lambda nc, day: nonconformities.complete_action(nc, day, owner),
        "verified": lambda nc, day: nonconformities.verify(
            nc, day, "effective", _signs(CLOSE, nc, auditor), "Lead auditor", "Seen on site"
        ),
        "closed": lambda nc, day: nonconformities.verify(
            nc, day, "effective", _signs(CLOSE, nc, auditor), "Lead auditor", "Seen on site"
        ),
    }
    for name, written in row.get("steps", {}).items():
        story.on(written["on"], partial(_do, row, partial(_write_step, name, written, owner), story.today))
    for action in row.get("actions", ()):
        story.on(row["submitted"], partial(_add_action, story, row, action))
        if "done" in action:
            story.on(action["done"], partial(_complete_action, story, row, action))
    for name, step in steps.items():
        if name in row:
            story.on(row[name], partial(_do, row, step, story.today + timedelta(days=row[name])))
    if "effect" in row:
        story.on(row["effect"]["on"], partial(_plan_effect, story, row, owner))
    if "wish" in row:
        story.on(row["wish"]["on"], partial(_ask_time, story, row, owner))


def _write_step(name: str, written: Row, owner: Actor, nc: Nonconformity, day: date) -> None:
    """One of the written steps, submitted or left as a draft."""
    content = {key: value for key, value in written.items() if key not in ("on", "draft")}
    if written.get("draft"):
        nonconformities.save_draft(nc, name, content, owner)
    elif name == "containment":
        nonconformities.submit_containment(nc, content["text"], owner)
    elif name == "extent":
        nonconformities.submit_extent(nc, content["elsewhere"], content["text"], owner)
    else:
        nonconformities.submit_cause(nc, content, owner)


def _plan_effect(story: Story, row: Row, owner: Actor) -> None:
    nc, effect = Nonconformity.objects.get(number=row["number"]), row["effect"]
    check_on = story.today + timedelta(days=effect["check"])
    nonconformities.plan_effect_check(nc, effect["measure"], effect["target"], check_on, owner)


def _ask_time(story: Story, row: Row, owner: Actor) -> None:
    nc, wish = Nonconformity.objects.get(number=row["number"]), row["wish"]
    nonconformities.ask_extension(nc, story.today + timedelta(days=wish["due"]), wish["reason"], owner)


def _raise(story: Story, row: Row) -> None:
    sites = Site.objects.filter(name=row.get("site"))
    fields = {
        **{name: row.get(name, "") for name in ("number", "source", "grade", "clause", "title", "statement")},
        "raised_on": story.day(row["raised"]),
        "audit": Audit.objects.filter(number=row.get("audit")).first(),
        "site": sites.first(),
        "owner": story.people[row.get("owner", "marta@halden.example")],
    }
    certificates = list(Certificate.objects.filter(number__in=row.get("certificates", ())).select_related("scheme"))
    nonconformities.raise_nonconformity(story.organization, fields, certificates, story.actor("jo@halden.example"))


def _do(row: Row, step: Callable[[Nonconformity, date], object], day: date) -> None:
    step(Nonconformity.objects.get(number=row["number"]), day)


def _add_action(story: Story, row: Row, action: Row) -> None:
    fields = {
        "description": action["description"],
        "owner": story.people[action["owner"]],
        "due_on": story.day(action["due"]),
    }
    nc = Nonconformity.objects.get(number=row["number"])
    nonconformities.add_action(nc, fields, story.actor(action["owner"]))


def _complete_action(story: Story, row: Row, action: Row) -> None:
    corrective = CorrectiveAction.objects.get(nonconformity__number=row["number"], description=action["description"])
    day = story.today + timedelta(days=action["done"])
    nonconformities.complete_corrective_action(corrective, day, story.actor(action["owner"]))
    if "proof" in action:
        nonconformities.add_proof(corrective, action["proof"], story.actor(action["owner"]), action.get("url", ""))


def _day_passes(organization: Organization) -> None:
    """What the jobs did on a past day: the sweep, and its mails, which nobody received."""
    for source in SOURCES:
        list(sweep_source(source))
    for message in outbox.claim(organization.pk, 1000):
        try:
            mail = lay_out(message)
        except NotNeeded as reason:
            outbox.cancel(message, str(reason))
        else:
            outbox.sent(message, mail.subject, mail.text, mail.html)


def _decisions(story: Story) -> None:
    """What the bodies decided: one certificate was given back, and one nonconformity left with its site."""
    by = story.actor("marta@halden.example")

    def give_back() -> None:
        certificate = Certificate.objects.get(number="AA-50001-044")
        fields = {"kind": "withdraw", "decided_on": story.day(-210), "reason": "voluntary", "letter": "AA/2026/117"}
        certifications.record_decision(certificate, fields, by)

    story.on(-208, give_back)
