"""The evidence of the demonstration: what a newcomer finds, on the days on which it was sent."""

from __future__ import annotations

from datetime import date, timedelta

from accounts import clock
from accounts.permissions import Role
from audits.actions import record_audit
from certifications.actions import record_decision
from evidence.checking import verify
from evidence.models import Evidence
from evidence.queries import evidence_of
from isotrack.demo import evidence as demo
from isotrack.demo.seed import Story
from tests.conftest import member
from tests.factories import BY, certificate, nonconformity

TODAY = date(2026, 5, 4)


def test_calibration_photo_letter_and_report(acting):
    names = ("marta", "jo", "tomas")
    people = {f"{n}@halden.example": member(acting, f"{n}@halden.example", n, Role.AUDITOR) for n in names}
    with clock.at(TODAY):
        held = certificate(acting, certified_on=TODAY - timedelta(days=900))
        facts = {"kind": "reduce_scope", "decided_on": TODAY - timedelta(days=210), "parts": ["x"], "letter": "AA/117"}
        decision = record_decision(held, facts, BY)
        day = TODAY - timedelta(days=160)
        audit = record_audit(acting, {"number": "A-1", "kind": "surveillance", "ended_on": day}, [held], BY)
        nc = nonconformity(acting, [held], "NC-0088", raised_on=TODAY - timedelta(days=829))
    story = Story(TODAY, acting, people)
    demo.tell(story)
    story.tell()
    with clock.at(TODAY):
        assert [str(found) for found in evidence_of(nc)] == [demo.CALIBRATION, "Photo after the correction"]
        assert [str(found) for found in evidence_of(decision, audit)] == ["Letter AA/117", "Audit report"]
    calibration = Evidence.objects.get(title=demo.CALIBRATION)
    assert (calibration.current.number, calibration.expires_on) == (2, TODAY + timedelta(days=20))
    assert verify(print).damaged == 0
