"""A list with numbers that are recorded already: its changes are shown first, and never over somebody else's save."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from accounts import clock
from accounts.models import Organization, User
from audits.models import Audit
from certifications.actions import Refused, change_certificate
from certifications.models import Certificate
from exchange import actions, checking
from exchange.export import write_csv
from exchange.fields import Kind
from exchange.models import ImportRun
from nonconformities.models import Nonconformity
from records.models import Event
from records.record import Actor
from tests.exchange.lists import TODAY, csv_of
from tests.exchange.test_importing import by as by
from tests.exchange.test_importing import check_of, import_samples, imported, uploaded
from tests.exchange.test_pages import Page, page, upload

pytestmark = pytest.mark.usefixtures("acting")
HEAD = ["Certificate number", "Standard", "Sites", "Certification body", "Valid until", "Owner", "Scope"]
FIRST = [
    ["C-1", "ISO 9001:2015", "Gdańsk", "Pellworth Assurance Ltd", "2027-03-14", "Jo Example", "Pumps"],
    ["C-2", "ISO 14001:2015", "Porto", "Pellworth", "2027-05-01", "", "Valves"],
    ["C-3", "ISO 45001:2018", "Porto", "Pellworth", "2027-06-01", "", "Valves"],
]
SECOND = [
    ["c-1", "ISO 9001:2015", "Gdańsk\nPorto", "", "2028-03-14", "marta@halden.example", "Pumps"],
    ["C-2", "ISO 14001:2015", "Porto", "Pellworth Assurance", "2027-05-01", "", ""],
    ["C-3", "ISO 9001:2015", "", "", "2027-06-01", "", "Valves and taps"],
    ["C-4", "ISO 9001:2015", "Porto", "", "2027-06-01", "", ""],
]


@pytest.fixture(autouse=True)
def _on_the_reference_day(officer: User) -> Iterator[None]:
    with clock.at(TODAY):
        yield


@pytest.fixture
def client(officer: User) -> Client:
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def first(organization: Organization, by: Actor) -> ImportRun:
    return imported(organization, Kind.CERTIFICATES, csv_of([HEAD, *FIRST]), by)


def test_each_row_is_new_changed_or_the_same(organization: Organization, by: Actor, first: ImportRun) -> None:
    check = check_of(uploaded(organization, Kind.CERTIFICATES, csv_of([HEAD, *SECOND]), by))
    assert check.rows == {2: "change", 3: "same", 4: "change", 5: "ready"}
    assert {row: list(result.changes) for row, result in check.changes.items()} == {
        2: [
            ("owner", "Jo Example", "marta@halden.example"),
            ("sites", "Gdańsk", "Gdańsk, Porto"),
            ("expires_on", "2027-03-14", "2028-03-14"),
        ],
        4: [("scope", "Valves", "Valves and taps")],
    }
    assert [(w.row, w.kind, w.found) for w in check.warnings if w.kind == "kept_as_recorded"] == [
        (4, "kept_as_recorded", "ISO 9001; recorded: ISO 45001")
    ]


def test_changes_go_through_the_doors_and_are_taken_back(
    organization: Organization, officer: User, by: Actor, first: ImportRun
) -> None:
    before = {row.number: (row.expires_on, row.owner_name, row.scope) for row in Certificate.objects.all()}
    run = imported(organization, Kind.CERTIFICATES, csv_of([HEAD, *SECOND]), by, "second.csv")
    changed = Certificate.objects.get(number="C-1")
    assert (changed.expires_on, changed.owner, changed.owner_name) == (
        date(2028, 3, 14),
        officer,
        "marta@halden.example",
    )
    assert [str(link.site) for link in changed.site_links.order_by("pk")] == ["Gdańsk", "Porto"]
    assert (Certificate.objects.count(), len(run.changed), run.not_changed) == (4, 2, [])
    edited = Event.objects.filter(kind="certificate.edited", subject_id=changed.pk).get()
    assert (edited.reason, edited.before["expires_on"]) == ("Import of second.csv", "2027-03-14")
    assert check_of(uploaded(organization, Kind.CERTIFICATES, csv_of([HEAD, *SECOND]), by)).changes == {}
    actions.take_back(run, by)
    after = {row.number: (row.expires_on, row.owner_name, row.scope) for row in Certificate.objects.all()}
    assert after == before
    assert [str(link.site) for link in changed.site_links.order_by("pk")] == ["Gdańsk"]
    assert Event.objects.filter(kind="import.taken_back").count() == 1


def test_what_somebody_saved_meanwhile_stays(organization: Organization, by: Actor, first: ImportRun) -> None:
    run = uploaded(organization, Kind.CERTIFICATES, csv_of([HEAD, *SECOND]), by)
    actions.start(run)
    row = Certificate.objects.get(number="C-1")
    change_certificate(row, row.version, {"scope": "Pumps and motors"}, by)
    actions.carry_on(run, by)
    row.refresh_from_db()
    assert (row.expires_on, row.scope) == (date(2027, 3, 14), "Pumps and motors")
    assert run.not_changed == [{"row": 2, "number": "c-1", "why": "was changed by somebody else meanwhile"}]
    assert [kept["number"] for kept in run.changed] == ["C-3"]


def test_a_change_that_its_door_refuses_is_listed(organization: Organization, by: Actor, first: ImportRun) -> None:
    row = Certificate.objects.get(number="C-1")
    change_certificate(row, row.version, {"certified_on": date(2026, 1, 1)}, by)
    wrong = [["Certificate number", "Standard", "Valid until"], ["C-1", "ISO 9001:2015", "2025-12-31"]]
    run = imported(organization, Kind.CERTIFICATES, csv_of(wrong), by)
    assert (run.changed, [item["number"] for item in run.not_changed]) == ([], ["C-1"])
    assert "must not be before the initial decision" in run.not_changed[0]["why"]


def test_a_record_touched_since_is_named_and_nothing_is_taken_back(
    organization: Organization, by: Actor, first: ImportRun
) -> None:
    run = imported(organization, Kind.CERTIFICATES, csv_of([HEAD, *SECOND]), by)
    for number in ("C-1", "C-4"):
        row = Certificate.objects.get(number=number)
        change_certificate(row, row.version, {"note": "seen"}, by)
    with pytest.raises(Refused, match="C-4, C-1 were changed or referred to since the import"):
        actions.take_back(run, by)


def test_everything_exported_is_the_same_when_it_comes_in_again(
    organization: Organization, by: Actor, tmp_path: Path
) -> None:
    import_samples(organization, by)
    versions = [list(model.objects.values_list("version")) for model in (Certificate, Audit, Nonconformity)]
    for kind in Kind:
        with (tmp_path / f"{kind}.csv").open("w+b") as stream:
            count = write_csv(kind, stream)
            stream.seek(0)
            run = imported(organization, kind, stream.read(), by)
        assert (run.counts["same"], run.counts["change"], run.counts["ready"]) == (count, 0, 0)
    assert [list(model.objects.values_list("version")) for model in (Certificate, Audit, Nonconformity)] == versions


@pytest.mark.parametrize(
    ("kind", "model", "heading", "value", "column"),
    [
        (Kind.NONCONFORMITIES, Nonconformity, "Root cause", "Nobody looked", "root_cause"),
        (Kind.AUDITS, Audit, "Lead auditor", "A. Uditor", "lead_auditor"),
    ],
)
def test_audits_and_nonconformities_change_too(
    organization: Organization,
    by: Actor,
    tmp_path: Path,
    kind: Kind,
    model: type,
    heading: str,
    value: str,
    column: str,
) -> None:
    import_samples(organization, by)
    with (tmp_path / "list.csv").open("w+b") as stream:
        write_csv(kind, stream)
        stream.seek(0)
        head, cells, *_others = csv.reader(stream.read().decode("utf-8-sig").splitlines(keepends=True))
    row = model.objects.get(number=cells[0])  # type: ignore[attr-defined]
    cells[head.index(heading)] = value
    run = imported(organization, kind, csv_of([head, cells]), by)
    row.refresh_from_db()
    assert (len(run.changed), getattr(row, column)) == (1, value)
    actions.take_back(run, by)
    row.refresh_from_db()
    assert getattr(row, column) != value


def test_the_page_shows_before_and_after_and_asks_again_when_that_changed(
    client: Client, by: Actor, first: ImportRun
) -> None:
    run = upload(client, "certificates", "second.csv", csv_of([HEAD, *SECOND]))
    address = f"/import/{run.pk}/check/"
    check = page(client, address)
    assert "4 records: 1 new, 2 change, 1 is recorded as it is, 0 wait for an answer, 0 have problems." in check.words
    assert "Valid until: 2027-03-14 → becomes 2028-03-14" in check.words
    seen = client.get(address).context["check"].seen
    row = Certificate.objects.get(number="C-3")
    change_certificate(row, row.version, {"scope": "Taps"}, by)
    answer = client.post(address, {"seen": seen, "then": "import"})
    again = Page(answer.content.decode())
    assert answer.status_code == 422
    assert "is not what you saw" in again.words
    assert "Taps → becomes Valves and taps" in again.words
    assert client.post(address, {"seen": answer.context["check"].seen, "then": "import"}).status_code == 302
    done = page(client, f"/import/{run.pk}/done/")
    assert "1 record of second.csv is imported. 2 records were changed. 1 was recorded as it is." in done.words


def test_the_check_is_judged_once_until_something_changes(
    client: Client, by: Actor, first: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = upload(client, "certificates", "second.csv", csv_of([HEAD, *SECOND]))
    judged: list[int] = []
    original = checking.analysis_of
    monkeypatch.setattr(checking, "analysis_of", lambda run: judged.append(run.pk) or original(run))
    address = f"/import/{run.pk}/check/"
    page(client, address)
    page(client, address)
    assert len(judged) == 1
    row = Certificate.objects.get(number="C-3")
    change_certificate(row, row.version, {"scope": "Taps"}, by)
    page(client, address)
    client.post(address, {"leave_out": "2"})
    page(client, address)
    assert len(judged) == 3


def test_the_command_says_what_changes(organization: Organization, first: ImportRun, tmp_path: Path) -> None:
    file = tmp_path / "second.csv"
    file.write_bytes(csv_of([HEAD, *SECOND]))
    out, err = StringIO(), StringIO()
    call_command("import", file, kind="certificates", dry_run=True, stdout=out, stderr=err)
    assert "4 records: 1 can be imported, 2 change, 1 is recorded already, 0 wait for an answer" in out.getvalue()
    assert "Change, row 4: C-3\n    scope: Valves → Valves and taps" in out.getvalue()
    assert Certificate.objects.get(number="C-3").scope == "Valves"
    call_command("import", file, kind="certificates", stdout=out, stderr=err)
    assert "Imported: 1, 2 changed of 4 records" in err.getvalue()
    assert Certificate.objects.get(number="C-3").scope == "Valves and taps"


def test_columns_are_matched_as_the_last_time(client: Client, organization: Organization, by: Actor) -> None:
    content = [["Ref", "Norm", "Ends"], ["C-9", "ISO 9001:2015", "2027-03-14"]]
    run = upload(client, "certificates", "ours.csv", csv_of(content))
    chosen = {"column|Ref": "number", "column|Norm": "standard", "column|Ends": "expires_on", "header_row": "1"}
    client.post(f"/import/{run.pk}/match/", chosen | {"then": "check"})
    client.post(f"/import/{run.pk}/check/", {"then": "import"})
    assert Certificate.objects.filter(number="C-9").exists()
    again = upload(client, "certificates", "ours.csv", csv_of([content[0], ["C-10", "ISO 9001:2015", "2027-03-14"]]))
    columns = page(client, f"/import/{again.pk}/match/")
    assert (columns.fields["column|Ref"], "as chosen before" in columns.words) == ("number", True)
