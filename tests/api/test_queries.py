"""The number of queries of a list does not grow with its rows."""

from __future__ import annotations

from datetime import time
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock, tenancy
from audits.actions import plan_audit
from audits.models import ChecklistAnswer, ChecklistItem, Finding, PlanEntry, TeamMember
from certifications.actions import add_body, add_site, record_decision, record_notice
from certifications.actions.certificates import add_reliance
from certifications.models import Edition, EditionEnd, Scheme, SchemeVersion, Standard
from evidence.actions import Given, attach
from followup.models import AuditReport
from nonconformities.actions import add_action
from nonconformities.models import Extension, Verification
from records.models import ChainCheck, SignedHead, SweepRun
from records.record import Actor
from tests.api.routes import LISTS
from tests.api.world import certificate_in_force, nonconformity_of

NOT_GROWN = {
    "/api/v1/organizations/",
    "/api/v1/audits/{id}/history/",
    "/api/v1/evidence/{id}/history/",
    "/api/v1/schemes/{id}/history/",
    "/api/v1/nonconformities/{nonconformity}/steps/",
}


def grow(world, start, stop):
    """More rows of every kind, each pointing at rows of its own."""
    by, organization, today = Actor.person(world.user), world.organization, world.today
    with tenancy.acting_in(organization):
        for n in range(start, stop):
            site = add_site(organization, {"name": f"S{n}"}, by)
            body = add_body(organization, {"name": f"B{n}"}, by)
            certificate = certificate_in_force(organization, f"C{n}", by, site=site, body=body, owner=world.user)
            nonconformity_of(certificate, f"N{n}", by)
            audit = {"number": f"A{n}", "kind": "surveillance", "planned_on": today, "site": site, "body": body}
            plan_audit(organization, audit, [certificate, world.certificate], by)
            parts(world, n, by)
            audited(world, n)
            reference(world, n)
            SweepRun.objects.create(started_at=certificate.created_at, on=today)


def parts(world, n, by):
    """Rows that belong to the world's certificate and nonconformity."""
    today, organization = world.today, world.organization
    record_decision(world.certificate, {"kind": "reduce_scope", "decided_on": today, "parts": [f"{n}"]}, by)
    record_notice(world.certificate, "incident", today, by)
    add_reliance(world.certificate, {"kind": "tender", "name": f"R{n}"}, by)
    add_action(world.nonconformity, {"description": f"D{n}", "owner": world.user, "due_on": today}, by)
    attach(world.nonconformity, Given(f"E{n}.txt", [f"E{n}".encode()]), by, owner=world.user)
    facts = {"organization": organization, "nonconformity": world.nonconformity, "recorded_on": today}
    Extension.objects.create(granted_on=today, due_on=today, **facts)
    Verification.objects.create(verified_on=today, result="effective", **facts)


def audited(world, n):
    """Rows that belong to the world's audit, and what is kept about the history."""
    mine, now = {"organization": world.organization, "audit": world.audit}, clock.now()
    member = TeamMember.objects.create(**mine, name=f"T{n}")
    PlanEntry.objects.create(**mine, day=world.today, starts_at=time(9), process=f"P{n}", auditor=member)
    item = ChecklistItem.objects.create(**mine, question=f"Q{n}", position=n + 1)
    who = {"organization": world.organization, "item": item, "uid": uuid4()}
    ChecklistAnswer.objects.create(**who, answer="conforms", answered_by=world.user, answered_at=now)
    seen = {"grade": "minor", "clause": "8.4", "evidence": "x", "recorded_by": world.user, "recorded_at": now}
    Finding.objects.create(**who, audit=world.audit, number=n + 1, **seen)
    issued = {"issued_on": world.today, "issued_at": now, "issued_by": world.user, "content": world.report.content}
    AuditReport.objects.create(**mine, number=n + 1, digest="0" * 64, **issued)
    sealed = {"organization": world.organization, "hash": "0" * 64}
    signed = {"signed_at": now, "key_id": "k", "public_key": "p", "signature": "s"}
    SignedHead.objects.create(**sealed, number=10_000 + n, **signed)
    ChainCheck.objects.create(**sealed, number=1, checked_at=now)


def reference(world, n):
    """Standards, editions, ends and schemes."""
    organization = world.organization
    standard = Standard.objects.create(organization=organization, code=f"ISO {n}")
    Edition.objects.create(organization=organization, standard=standard, name="2020")
    EditionEnd.objects.create(organization=organization, edition=world.edition)
    scheme = Scheme.objects.create(organization=organization, catalog_id="iso17021_generic", title=f"T{n}")
    published = {"number": n + 2, "effective_on": f"20{n + 10}-01-01", "published_at": scheme.created_at}
    first = Scheme.objects.order_by("pk").filter(catalog_id="iso17021_generic")[0]
    SchemeVersion.objects.create(organization=organization, scheme=first, **published)


@pytest.mark.long
def test_three_rows_and_thirty_take_the_same_queries(world, api):
    addresses = {
        str(operation): (operation.address(operation.row_of(world) or 0), operation.path) for operation in LISTS
    }
    assert len(addresses) == len(LISTS) > 30
    grow(world, 0, 2)
    few = {name: measured(api, address) for name, (address, _path) in addresses.items()}
    grow(world, 2, 29)
    many = {name: measured(api, address) for name, (address, _path) in addresses.items()}
    assert {name: queries for name, (_rows, queries) in many.items()} == {
        name: queries for name, (_rows, queries) in few.items()
    }
    grown = {name for name, (_address, path) in addresses.items() if path not in NOT_GROWN}
    assert [name for name in grown if many[name][0] < few[name][0] + 27] == []
    assert [name for name, (_rows, queries) in many.items() if len(queries) > 12] == []


def measured(api, address):
    """How many rows a list answers with, and the beginnings of its queries once what is kept is kept."""
    api.get(f"{address}?page_size=200")
    with CaptureQueriesContext(connection) as queries:
        found = api.get(f"{address}?page_size=200").json()["results"]
    return len(found), [query["sql"][:120] for query in queries.captured_queries]
