"""A grade that rises by rule is an event and a mail, once, and the page of the nonconformity says it."""

from __future__ import annotations

from datetime import date

from accounts import clock, tenancy
from accounts.models import Organization, User
from alerts.letters import compose
from audits.actions import record_audit
from records.models import Message
from tests.factories import BY, certificate, nonconformity
from tests.pages import signed_in, text_of

RAISED, AUDITED = date(2026, 3, 10), date(2026, 9, 1)


def letters(organization: Organization) -> list[str]:
    with tenancy.acting_in(organization):
        return [compose(message).subject for message in Message.objects.filter(kind="grade").order_by("pk")]


def test_a_minor_open_at_the_next_audit_is_told_once(organization: Organization, officer: User) -> None:
    with clock.at(RAISED), tenancy.acting_in(organization):
        row = certificate(organization, "C1", owner=officer)
        minor = nonconformity(organization, [row], "NC-7", grade="minor", owner=officer, raised_on=RAISED)
        assert letters(organization) == []
    for number in range(2):
        with clock.at(AUDITED), tenancy.acting_in(organization):
            record_audit(
                organization,
                {"number": f"A{number}", "kind": "surveillance", "started_on": AUDITED, "ended_on": AUDITED},
                [row],
                BY,
            )
    with clock.at(AUDITED), tenancy.acting_in(organization):
        minor.refresh_from_db()
        assert minor.current_grade == "major"
        assert letters(organization) == ["Grade raised to major: NC-7, ISO 9001"]
        page = text_of(signed_in(officer).get(f"/ncs/{minor.pk}/"))
    assert "Grade raised to major on 1 Sep 2026: it was still open at the next audit." in page


def test_three_minors_of_one_clause_are_told_as_one(organization: Organization, officer: User) -> None:
    with clock.at(RAISED), tenancy.acting_in(organization):
        row = certificate(organization, "C1", owner=officer)
        for number in ("N1", "N2", "N3"):
            nonconformity(organization, [row], number, grade="minor", clause="8.5", owner=officer, raised_on=RAISED)
        assert letters(organization) == ["Several became one major: N1, N2, N3, ISO 9001"]
        text = text_of(signed_in(officer).get(f"/ncs/{row.nonconformities.get(number='N1').pk}/"))
    assert "Several became one of grade major" in text
