"""Exports: harmless for spreadsheet programs, and read back in unchanged."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile

from accounts import clock, tenancy
from accounts.models import Organization, User
from audits.actions import cancel_audit, hold_audit, plan_audit, start_audit
from certifications.actions import record_decision, record_notice
from certifications.actions.certificates import add_reliance
from certifications.models import Certificate
from exchange import actions
from exchange.checking import analysis_of
from exchange.export import columns, write_csv, write_xlsx
from exchange.fields import Kind
from exchange.further import FurtherNotUnderstood, read, write
from exchange.layout import find_layout
from exchange.models import ImportRun
from exchange.readers import CsvFile, XlsxFile, open_source
from exchange.refused import write_refused
from isotrack.demo.seed import seed_demo
from nonconformities.actions import add_action, grant_extension, raise_nonconformity, verify
from nonconformities.models import Nonconformity
from records.models import ActorKind
from records.record import Actor
from records.sheets import harmless
from tests import factories
from tests.exchange.lists import SAMPLES, TODAY, csv_of, proposed, xlsx_of
from tests.exchange.test_importing import import_samples, register

PAYLOADS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1",
    "＝1+1", "＋1", "－1",
    "＠x", "'=1", "''=1", "'quoted'", "it's", '=HYPERLINK("http://x.example","y")', "a,b;c\td", 'say "hi"',
    "line\nbreak",
    "-", "--", "'", "''", "=", "1,5", "0012", "TRUE", "#N/A", "1E5", "😀", "خطر", "x" * 20_000,
]  # fmt: skip
ORDER = (Kind.CERTIFICATES, Kind.AUDITS, Kind.NONCONFORMITIES)


@pytest.fixture(autouse=True)
def _on_the_reference_day() -> Iterator[None]:
    with clock.at(TODAY):
        yield


@pytest.fixture
def by(officer: User) -> Actor:
    return Actor.person(officer, ActorKind.IMPORT)


def exported(organization: Organization, form: str) -> dict[Kind, bytes]:
    found = {}
    with tenancy.acting_in(organization):
        for kind in ORDER:
            stream = io.BytesIO()
            (write_csv if form == "csv" else write_xlsx)(kind, stream)
            found[kind] = stream.getvalue()
    return found


def texts(content: bytes) -> list[list[str]]:
    """The cells of an export as the reader sees them, for comparing workbooks that differ in their time stamps."""
    source = open_source(io.BytesIO(content))
    rows = source.rows(source.sheets[0]) if isinstance(source, XlsxFile) else source.rows()
    return [[cell.text if cell else "" for cell in row] for _, row in rows]


def read_in(organization: Organization, lists: dict[Kind, bytes], by: Actor) -> list[ImportRun]:
    runs = []
    with tenancy.acting_in(organization):
        for kind in ORDER:
            if len(texts(lists[kind])) == 1:
                continue
            run = actions.upload(organization, kind, ContentFile(lists[kind], "export"), by)
            check = actions.start(run)
            assert check.questions == []
            assert check.refused == []
            runs.append(actions.carry_on(run, by))
    return runs


def full_life(organization: Organization, by: Actor) -> None:
    """Records with every fact that an export must keep, beside the sample lists."""
    import_samples(organization, by)
    certificate = register(organization, "=FULL-1", by)
    add_reliance(certificate, {"kind": "contract", "name": "Frame contract 7", "note": "@needs it"}, by)
    Certificate.objects.filter(pk=certificate.pk).update(scope_parts=["pumps", "valves"], note="-1\n+2")
    for kind, day in (("suspend", date(2026, 5, 1)), ("lift", date(2026, 6, 1))):
        record_decision(certificate, {"kind": kind, "decided_on": day, "letter": f"L {day}"}, by)
    record_notice(certificate, "incident", date(2026, 7, 1), by, "fire")
    factories.certificate(organization, "BY-RULE", expires_on=None, certified_on=date(2025, 10, 22))
    audits = [
        plan_audit(
            organization, {"number": f"X{i}", "kind": "surveillance", "planned_on": date(2026, 8, i)}, [certificate], by
        )
        for i in (1, 2, 3)
    ]
    start_audit(audits[0], date(2026, 8, 2), by)
    hold_audit(audits[1], date(2026, 8, 4), by)
    cancel_audit(audits[2], "no time", by)
    facts = {
        "number": "X-NC",
        "source": "body",
        "grade": "minor",
        "raised_on": date(2026, 8, 4),
        "title": "Own title",
        "evidence": "seen",
    }
    found = raise_nonconformity(
        organization, facts | {"audit": audits[1], "statement": "It was so."}, [certificate], by
    )
    add_action(found, {"description": "First", "owner_name": "Somebody", "due_on": date(2026, 12, 1)}, by)
    add_action(found, {"description": "Second", "owner_name": "Other", "due_on": date(2026, 12, 2)}, by)
    own = raise_nonconformity(
        organization, facts | {"number": "Y-NC", "source": "complaint", "title": "T", "raised_on": TODAY}, [], by
    )
    grant_extension(own, TODAY, date(2027, 12, 1), by, reason="agreed")
    third = raise_nonconformity(organization, facts | {"number": "Z-NC", "source": "incident", "title": "T"}, [], by)
    verify(third, date(2026, 9, 1), "effective", by, verified_by="A. Uditor", note="well done")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_everything_exported_reads_back_in_unchanged(
    organization: Organization, other_organization: Organization, by: Actor, form: str
) -> None:
    with tenancy.acting_in(organization):
        full_life(organization, by)
    first = exported(organization, form)
    runs = read_in(other_organization, first, by)
    assert [run.counts["ready"] for run in runs] == [22, 61, 127]
    second = exported(other_organization, form)
    assert [texts(second[kind]) for kind in ORDER] == [texts(first[kind]) for kind in ORDER]
    assert form == "xlsx" or second == first


def test_the_demonstration_reads_back_in_unchanged(other_organization: Organization, by: Actor) -> None:
    """What a newcomer would try first: everything out of one organization, into an empty one."""
    halden = seed_demo(TODAY)
    first = exported(halden, "csv")
    read_in(other_organization, first, by)
    second = exported(other_organization, "csv")
    assert [texts(second[kind]) for kind in ORDER] == [texts(first[kind]) for kind in ORDER]


def test_statuses_and_deadlines_follow_again_from_what_was_read_in(
    organization: Organization, other_organization: Organization, by: Actor
) -> None:
    with tenancy.acting_in(organization):
        full_life(organization, by)
    read_in(other_organization, exported(organization, "csv"), by)

    def outcome(of: Organization) -> list[tuple[object, ...]]:
        with tenancy.acting_in(of):
            names = ("number", "status", "confirmed_status", "next_loss_on", "open_nonconformities")
            own = ("number", "state", "stage", "current_grade", "next_step_due_on")
            return [
                *Certificate.objects.order_by("number").values_list(*names),
                *Nonconformity.objects.order_by("number").values_list(*own),
            ]

    assert outcome(other_organization) == outcome(organization)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_payload_reads_back_as_it_was(
    organization: Organization, other_organization: Organization, by: Actor, form: str
) -> None:
    with tenancy.acting_in(organization):
        for position, payload in enumerate(PAYLOADS):
            number = f"NC-{position:02d}"
            facts = {"number": number, "source": "incident", "grade": "minor", "raised_on": TODAY, "title": "T"}
            raise_nonconformity(
                organization, {**facts, "statement": payload.strip(), "root_cause": payload.strip()}, [], by
            )
    first = exported(organization, form)
    read_in(other_organization, first, by)
    with tenancy.acting_in(other_organization):
        back = list(Nonconformity.objects.order_by("number").values_list("statement", "root_cause"))
    with tenancy.acting_in(organization):
        assert back == list(Nonconformity.objects.order_by("number").values_list("statement", "root_cause"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_of_a_csv_begins_a_formula(payload: str) -> None:
    cell = harmless(payload)
    assert cell.lstrip(" \u00a0\t\r\n")[:1] not in tuple("=+-@＝＋－＠")
    assert cell in (payload, "'" + payload)


def test_typed_numbers_stay_numbers() -> None:
    assert [harmless(value) for value in (-5, -1.5, Decimal("-0.50"), None, date(2026, 1, 2))] == [
        "-5",
        "-1.5",
        "-0.50",
        "",
        "2026-01-02",
    ]


def test_headings_of_an_export_are_those_an_import_knows() -> None:
    for kind in ORDER:
        stream = io.BytesIO(csv_of([[heading for _, heading in columns(kind)], ["x"] * len(columns(kind))]))
        layout = find_layout(kind, list(CsvFile(stream).rows()))
        assert layout is not None
        assert [column.field for column in layout.columns] == [name for name, _ in columns(kind)]


def test_refused_rows_come_back_with_their_reasons(organization: Organization, by: Actor) -> None:
    with tenancy.acting_in(organization):
        content = (SAMPLES / "certificate-register.xlsx").read_bytes()
        run = actions.upload(organization, Kind.CERTIFICATES, ContentFile(content, "register.xlsx"), by)
        with analysis_of(run) as analysis:
            actions.answer(run, proposed(analysis.check()))
        stream = io.BytesIO()
        with analysis_of(run) as analysis:
            assert write_refused(analysis, stream) == 4
    rows = list(csv.DictReader(io.StringIO(stream.getvalue().decode("utf-8-sig"), newline="")))
    assert [row["Row"] for row in rows] == ["13", "14", "28", "34"]
    assert rows[2]["Not imported because"] == (
        "Date not understood in “Valid until”: 31/11/2026 (expected a day between 1990 and 2099, such as 2027-01-31)"
    )
    assert rows[0]["SAP-ID"] == "00027918"


def test_a_repaired_file_of_refused_rows_can_be_imported(organization: Organization, by: Actor) -> None:
    with tenancy.acting_in(organization):
        content = xlsx_of(
            [
                ["Cert. No.", "Standard", "Valid until"],
                ["=A1", "ISO 9001:2015", "31.11.2026"],
                ["B", "ISO 9001:2015", "30.11.2026"],
            ],
            strings_to_formulas=False,
        )
        run = actions.upload(organization, Kind.CERTIFICATES, ContentFile(content, "x.xlsx"), by)
        stream = io.BytesIO()
        with analysis_of(run) as analysis:
            write_refused(analysis, stream)
        repaired = stream.getvalue().replace(b"31.11.2026\r", b"30.11.2026\r")
        again = actions.upload(organization, Kind.CERTIFICATES, ContentFile(repaired, "y.csv"), by)
        actions.start(again)
        actions.carry_on(again, by)
        assert list(Certificate.objects.values_list("number", flat=True)) == ["=A1"]


def test_further_facts_are_checked_before_they_are_used() -> None:
    assert read(Kind.AUDITS, write({"planned_on": date(2026, 1, 2)})) == {"planned_on": date(2026, 1, 2)}
    assert write({"title": "", "actions": []}) == ""
    wrong = {
        "{": "not JSON",
        "[]": "facts must be an object",
        '{"status": "active"}': "“status” is not known",
        '{"decisions": {}}': "must be a list",
        '{"decisions": [{"kind": "destroy", "decided_on": "2026-01-01"}]}': "is not one of",
        '{"decisions": [{"kind": "lift"}]}': "“decided_on” is missing",
        '{"decisions": [{"kind": "lift", "decided_on": "2026-02-30"}]}': "is no date",
        '{"decisions": [{"kind": "lift", "decided_on": "2026-02-03", "override": "yes"}]}': "true or false",
        '{"scope_parts": ["' + "x" * 201 + '"]}': "at most 200",
        '{"scope_parts": [1]}': "must be text",
    }
    for text, words in wrong.items():
        with pytest.raises(FurtherNotUnderstood, match=words):
            read(Kind.CERTIFICATES, text)
