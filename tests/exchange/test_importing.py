"""Imports into the database: records, history, rules, resuming, taking back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from django.core.files.base import ContentFile

from accounts import clock
from accounts.models import Organization, Site, User
from audits.models import Audit
from certifications.actions import Refused, register_certificate
from certifications.models import Certificate, CertificationBody, Decision, Scheme, Standard
from exchange import actions
from exchange.answers import Answers
from exchange.check import Check
from exchange.checking import analysis_of
from exchange.fields import Kind
from exchange.models import ImportRun
from exchange.readers import Unreadable
from nonconformities.models import CorrectiveAction, Nonconformity, Verification
from records.models import ActorKind, Event
from records.record import Actor
from tests.exchange.lists import SAMPLES, TODAY, csv_of, proposed

pytestmark = pytest.mark.usefixtures("acting")
REGISTER, PLAN, LOG = "certificate-register.xlsx", "auditplan-2024-2027.csv", "nc-capa-log.xlsx"
KIND_OF = {REGISTER: Kind.CERTIFICATES, PLAN: Kind.AUDITS, LOG: Kind.NONCONFORMITIES}


@pytest.fixture(autouse=True)
def _on_the_reference_day() -> Iterator[None]:
    with clock.at(TODAY):
        yield


@pytest.fixture
def by(officer: User) -> Actor:
    return Actor.person(officer, ActorKind.IMPORT)


def check_of(run: ImportRun) -> Check:
    with analysis_of(run) as analysis:
        return analysis.check()


def uploaded(organization: Organization, kind: Kind, content: bytes, by: Actor, name: str = "list.csv") -> ImportRun:
    return actions.upload(organization, kind, ContentFile(content, name), by)


def imported(organization: Organization, kind: Kind, content: bytes, by: Actor, name: str = "list.csv") -> ImportRun:
    """Upload, take what is offered, import."""
    run = uploaded(organization, kind, content, by, name)
    actions.answer(run, proposed(check_of(run)))
    actions.start(run)
    return actions.carry_on(run, by)


def import_samples(organization: Organization, by: Actor) -> list[ImportRun]:
    return [imported(organization, kind, (SAMPLES / file).read_bytes(), by, file) for file, kind in KIND_OF.items()]


def test_the_three_files_of_one_organization(organization: Organization, by: Actor) -> None:
    runs = import_samples(organization, by)
    assert [run.state for run in runs] == ["done"] * 3
    assert [run.counts for run in runs] == [
        {"ready": 20, "change": 0, "same": 0, "waiting": 0, "refused": 4, "left_out": 0, "not_data": 10},
        {"ready": 58, "change": 0, "same": 0, "waiting": 0, "refused": 7, "left_out": 0, "not_data": 10},
        {"ready": 124, "change": 0, "same": 0, "waiting": 0, "refused": 16, "left_out": 0, "not_data": 13},
    ]
    assert (Certificate.objects.count(), Audit.objects.count(), Nonconformity.objects.count()) == (20, 58, 124)
    assert (Site.objects.count(), CertificationBody.objects.count()) == (9, 4)


def test_facts_and_statuses_of_the_imported(organization: Organization, by: Actor) -> None:
    import_samples(organization, by)
    pump = Certificate.objects.get(number="ZN-100482-QM")
    assert [str(link.site) for link in pump.site_links.all()] == ["Lüneburg", "Graz", "Győr"]
    assert (str(pump.standard), pump.edition and pump.edition.name, str(pump.body)) == (
        "ISO 9001",
        "2015",
        "Zertanova GmbH",
    )
    assert (pump.cycle_started_on, pump.expires_on) == (date(2024, 3, 15), date(2027, 3, 14))
    assert pump.owner_name == "Katrin Oelsner"
    porto = Certificate.objects.get(number="PWA 40117")
    assert (porto.confirmed_status, porto.decisions.get().decided_on) == ("suspended", date(2026, 9, 14))
    assert Certificate.objects.get(number="ZN-108890-QM").status == "expired"
    assert Certificate.objects.get(number="ZN-104417-TS").scheme.catalog_id == "iatf_rules_6"
    assert set(Certificate.objects.values_list("failure", flat=True)) == {""}
    assert Counter(Audit.objects.values_list("state", flat=True)) == {"held": 46, "planned": 11, "cancelled": 1}


def test_nonconformities_carry_their_work(organization: Organization, by: Actor) -> None:
    run = import_samples(organization, by)[2]
    closed = Nonconformity.objects.get(number="NC-2023-002")
    assert (closed.stage, closed.state, closed.closed_on) == ("closed", "closed", date(2023, 11, 13))
    assert [str(c) for c in closed.certificates.all()] == ["2023/0471.2"]
    assert closed.actions.get().state == "done"
    assert closed.verifications.get().verified_on == date(2023, 11, 13)
    opened = Nonconformity.objects.get(number="NC-2026-039")
    assert (opened.source, opened.stage, opened.state) == ("internal_audit", "accepted", "open")
    assert opened.next_step_due_on is not None
    assert Nonconformity.objects.get(number="NC-2026-004").note == '=HYPERLINK("http://intranet.example/nc","open")'
    assert len(Nonconformity.objects.get(number="NC-2025-020").statement) == 20_000
    assert (CorrectiveAction.objects.count(), Verification.objects.count()) == (124, 87)
    assert {difference["number"] for difference in run.differences} <= set(
        Nonconformity.objects.filter(state="open").values_list("number", flat=True)
    )


def test_one_event_for_each_record_and_one_for_the_import(organization: Organization, by: Actor) -> None:
    import_samples(organization, by)
    kinds = Counter(Event.objects.filter(actor_kind="import").values_list("kind", flat=True))
    assert kinds["certificate.registered"] == 20
    assert kinds["audit.held"] + kinds["audit.planned"] + kinds["audit.cancelled"] == 58
    assert kinds["nonconformity.raised"] == 124
    assert kinds["import.done"] == 3
    first = Event.objects.get(subject_label="NC-2023-002", kind="nonconformity.raised")
    assert (first.effective_on, first.reason, first.actor_label) == (
        date(2023, 10, 11),
        "Import of nc-capa-log.xlsx",
        "Marta Zielińska",
    )


def test_nothing_is_saved_before_it_is_confirmed(organization: Organization, by: Actor) -> None:
    run = uploaded(organization, Kind.CERTIFICATES, (SAMPLES / REGISTER).read_bytes(), by, REGISTER)
    assert check_of(run).counts["ready"] == 15
    assert (Certificate.objects.count(), Site.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_the_same_file_again_changes_nothing(organization: Organization, by: Actor) -> None:
    content = (SAMPLES / "certification-upload.csv").read_bytes()
    assert imported(organization, Kind.CERTIFICATES, content, by).counts["ready"] == 20
    before = list(Certificate.objects.values())
    again = imported(organization, Kind.CERTIFICATES, content, by)
    assert (again.counts["ready"], again.counts["change"], again.counts["same"]) == (0, 0, 20)
    assert list(Certificate.objects.values()) == before


def test_the_upload_file_brings_sites_with_addresses(organization: Organization, by: Actor) -> None:
    imported(organization, Kind.CERTIFICATES, (SAMPLES / "certification-upload.csv").read_bytes(), by)
    site = Site.objects.get(name="Zwolle")
    assert (site.address, site.country) == ("Industrieweg 90", "Netherlands")
    certificate = Certificate.objects.get(number="19004-A01")
    assert (certificate.status, certificate.external_id, certificate.accreditation_body) == (
        "expired",
        "VDN-00019",
        "BRAS",
    )
    assert certificate.note == "Certified Entity Name: Brackwater Filters Ltd"


CERTIFICATES = [["Cert. No.", "Standard", "Valid until", "Site", "CB"]]


def rows(count: int, first: int = 1) -> list[list[str]]:
    return [
        [f"C-{i:04d}", "ISO 9001:2015", "2028-01-01", f"Site {i % 3}", "Body GmbH"] for i in range(first, first + count)
    ]


def test_an_import_that_was_cut_off_goes_on_behind_the_last_stored_row(
    organization: Organization, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = uploaded(organization, Kind.CERTIFICATES, csv_of(CERTIFICATES + rows(25)), by)
    actions.start(run)
    monkeypatch.setattr("exchange.actions.runs.CHUNK", 10)
    with clock.at(TODAY):
        _break_after(run, by, 2, monkeypatch)
    assert (Certificate.objects.count(), run.last_row, run.state) == (20, 21, "working")
    actions.carry_on(run, by)
    assert (Certificate.objects.count(), run.state) == (20, "working")
    ImportRun.objects.update(lease_until=None)
    actions.carry_on(run, by)
    assert (Certificate.objects.count(), run.state, len(run.created["certificate"])) == (25, "done", 25)


def _break_after(run: ImportRun, by: Actor, chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process die inside the transaction of the next chunk."""
    from exchange.actions import runs

    kept: list[object] = []
    original = runs._keep

    def keep(*arguments: object) -> None:
        if len(kept) == chunks:
            raise KeyboardInterrupt
        kept.append(arguments)
        original(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(runs, "_keep", keep)
        actions.carry_on(run, by)
    run.refresh_from_db()


def test_a_number_taken_meanwhile_refuses_its_row_only(organization: Organization, by: Actor) -> None:
    run = uploaded(organization, Kind.CERTIFICATES, csv_of(CERTIFICATES + rows(5)), by)
    actions.start(run)
    register(organization, "C-0003", by)
    actions.carry_on(run, by)
    assert sorted(Certificate.objects.values_list("number", flat=True)) == [f"C-000{i}" for i in range(1, 6)]
    assert len(run.created["certificate"]) == 4


def register(organization: Organization, number: str, by: Actor) -> Certificate:
    facts = {
        "number": number,
        "standard": Standard.objects.get(code="ISO 9001"),
        "scheme": Scheme.objects.get(catalog_id="iso17021_generic"),
        "expires_on": date(2028, 1, 1),
    }
    return register_certificate(organization, facts, [], by)


def test_an_import_is_taken_back_while_untouched(organization: Organization, by: Actor) -> None:
    register(organization, "KEEP", by)
    runs = import_samples(organization, by)
    with pytest.raises(Refused, match="was changed or referred to since the import"):
        actions.take_back(runs[0], by)
    for run in reversed(runs):
        actions.take_back(run, by)
    assert (Nonconformity.objects.count(), Audit.objects.count(), Decision.objects.count()) == (0, 0, 0)
    assert list(Certificate.objects.values_list("number", flat=True)) == ["KEEP"]
    assert Event.objects.filter(kind="certificate.taken_back").count() == 20
    with pytest.raises(Refused, match="Only a finished import"):
        actions.take_back(runs[0], by)


def test_an_import_of_last_week_stays(organization: Organization, by: Actor) -> None:
    run = imported(organization, Kind.CERTIFICATES, csv_of(CERTIFICATES + rows(1)), by)
    with clock.at(date(2026, 11, 27)):
        assert ImportRun.objects.get(pk=run.pk).state == "done"
    with clock.at(date(2026, 11, 28)), pytest.raises(Refused, match="for 7 days"):
        actions.take_back(run, by)


def test_a_record_worked_on_is_not_taken_back(organization: Organization, by: Actor) -> None:
    from certifications.actions import record_decision

    run = imported(organization, Kind.CERTIFICATES, csv_of(CERTIFICATES + rows(1)), by)
    facts = {"kind": "suspend", "decided_on": TODAY}
    record_decision(Certificate.objects.get(), facts, by)
    with pytest.raises(Refused, match="C-0001 was changed"):
        actions.take_back(run, by)


def test_a_file_that_can_not_be_read_leaves_nothing_behind(organization: Organization, by: Actor) -> None:
    for name in ("with-password.xlsx", "heading-only.csv", "empty.csv"):
        with pytest.raises(Unreadable):
            uploaded(organization, Kind.CERTIFICATES, (SAMPLES / "broken" / name).read_bytes(), by, name)
    assert ImportRun.objects.count() == 0


def test_a_file_too_large_is_refused_unread(organization: Organization, by: Actor, settings: object) -> None:
    settings.IMPORT_MAX_BYTES = 1024 * 1024  # type: ignore[attr-defined]
    with pytest.raises(Unreadable, match="larger than 1 MB"):
        uploaded(organization, Kind.CERTIFICATES, b"x" * (1024 * 1024 + 1), by)


def test_several_standards_become_several_certificates(organization: Organization, by: Actor) -> None:
    content = csv_of([*CERTIFICATES, ["IMS-1", "ISO 9001:2015 + ISO 14001:2015", "2028-01-01", "Graz", ""]])
    imported(organization, Kind.CERTIFICATES, content, by)
    assert [(c.number, str(c.standard)) for c in Certificate.objects.order_by("pk")] == [
        ("IMS-1", "ISO 9001"),
        ("IMS-1 · ISO 14001", "ISO 14001"),
    ]


def test_an_audit_without_a_number_gets_one(organization: Organization, by: Actor) -> None:
    content = csv_of(
        [["Audit type", "Start date", "Status"], ["internal", "2026-01-05", "done"], ["internal", "2026-01-05", "done"]]
    )
    imported(organization, Kind.AUDITS, content, by)
    assert [a.number for a in Audit.objects.order_by("pk")] == ["2026-01-05 internal 2", "2026-01-05 internal 3"]
    assert [a.ended_on for a in Audit.objects.order_by("pk")] == [date(2026, 1, 5)] * 2


def test_numbers_and_sites_of_another_organization_are_not_found(
    organization: Organization, other_organization: Organization, by: Actor
) -> None:
    from accounts import tenancy

    with tenancy.acting_in(other_organization):
        theirs = imported(other_organization, Kind.CERTIFICATES, csv_of(CERTIFICATES + rows(1)), by)
    content = csv_of(
        [["Audit type", "Start date", "Certificate", "Site"], ["surveillance", "2027-01-05", "C-0001", "Site 1"]]
    )
    run = uploaded(organization, Kind.AUDITS, content, by)
    assert [f.kind for f in check_of(run).refused] == ["unknown_certificate", "unknown_site"]
    assert not ImportRun.objects.filter(pk=theirs.pk).exists()
    assert imported(organization, Kind.CERTIFICATES, csv_of(CERTIFICATES + rows(1)), by).counts["ready"] == 1


def test_answers_given_too_late_change_nothing(organization: Organization, by: Actor) -> None:
    run = imported(organization, Kind.CERTIFICATES, csv_of(CERTIFICATES + rows(1)), by)
    actions.answer(run, Answers(left_out={2}))
    assert Answers.from_json(run.answers).left_out == set()
