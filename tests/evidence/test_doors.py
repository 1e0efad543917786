"""Attaching, revising, linking, withdrawing: what is kept, where, and what history says."""

from __future__ import annotations

import hashlib
import os
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import clock, tenancy
from audits.actions import plan_audit
from evidence import actions, vault
from evidence.content import FileRefused
from evidence.models import Blob, Evidence, Revision, Use
from evidence.queries import evidence_of, visible
from records.models import Event
from tests.evidence.conftest import attached, given, kept
from tests.evidence.files import DOCX, PDF, png
from tests.factories import BY, told

SHA = hashlib.sha256(PDF).hexdigest()


def test_a_file_lies_under_its_hash_and_the_history_knows_it(nc, vault_folder, organization):
    with clock.at(date(2026, 5, 4)):
        found = attached(nc, title="Calibration of scale 4", expires_on=date(2027, 5, 4))
    assert kept(vault_folder) == [f"{organization.pk}/{SHA[:2]}/{SHA[2:4]}/{SHA}"]
    assert (found.current.number, found.current.media_type, found.current.effective_on) == (
        1,
        "application/pdf",
        date(2026, 5, 4),
    )
    assert told(found.pk, "evidence") == [("evidence.added", "2026-05-04")]
    assert told(nc.pk, "nonconformity")[-1] == ("evidence.linked", "2026-05-04")
    assert Event.objects.get(kind="evidence.added").after == {
        "title": "Calibration of scale 4",
        "file": "calibration.pdf",
        "size": len(PDF),
        "sha256": SHA,
        "effective_on": "2026-05-04",
        "expires_on": "2027-05-04",
    }


def test_without_a_title_the_file_names_it(nc):
    assert str(attached(nc, name="C:\\scans\\..\\Kalibrier\u202efdp.pdf")) == "Kalibrier fdp.pdf"


def test_the_date_of_the_document_is_not_that_of_the_upload(nc):
    with clock.at(date(2026, 5, 4)):
        found = actions.attach(nc, given(effective_on=date(2026, 1, 12)), BY)
    revision = found.current
    assert (revision.effective_on, revision.uploaded_at.date()) == (date(2026, 1, 12), date(2026, 5, 4))


def test_the_same_content_is_kept_once(nc, vault_folder):
    attached(nc), attached(nc, title="Again")
    assert (Blob.objects.count(), Evidence.objects.count(), len(kept(vault_folder))) == (1, 2, 1)


def test_organizations_do_not_share_contents(nc, vault_folder, other_organization):
    attached(nc)
    with tenancy.acting_in(other_organization):
        audit = plan_audit(
            other_organization, {"number": "A1", "kind": "internal", "planned_on": date(2027, 1, 12)}, [], BY
        )
        attached(audit)
    assert len(kept(vault_folder)) == 2


def test_a_newer_file_replaces_and_the_older_stays(nc):
    found = attached(nc, expires_on=date(2027, 1, 1))
    actions.revise(found, given("new.docx", DOCX, reason="Signed"), BY, date(2028, 1, 1))
    found = Evidence.objects.get()
    assert [(r.number, r.file_name, r.reason) for r in found.revisions.all()] == [
        (2, "new.docx", "Signed"),
        (1, "calibration.pdf", ""),
    ]
    assert found.expires_on == date(2028, 1, 1)
    event = Event.objects.get(kind="evidence.revised")
    assert event.before == {"sha256": SHA, "expires_on": "2027-01-01"}


def test_one_file_supports_several_records_and_leaves_one(nc, organization):
    found = attached(nc)
    audit = plan_audit(organization, {"number": "A1", "kind": "internal", "planned_on": date(2027, 1, 12)}, [], BY)
    actions.link(found, audit, BY)
    actions.link(found, audit, BY)
    assert (Use.objects.count(), evidence_of(audit), evidence_of(nc, audit)) == (2, [found], [found])
    actions.unlink(found, nc, BY, "Belongs to the audit")
    assert (evidence_of(nc), evidence_of(audit)) == ([], [found])
    assert told(nc.pk, "nonconformity")[-1][0] == "evidence.unlinked"


def test_withdrawn_evidence_leaves_the_record_and_keeps_its_file(nc, vault_folder):
    found = attached(nc)
    actions.withdraw(found, BY, "Wrong customer")
    assert (evidence_of(nc), len(kept(vault_folder))) == ([], 1)
    found.refresh_from_db()
    for refused in (
        lambda: actions.withdraw(found, BY, "again"),
        lambda: actions.revise(found, given(), BY),
        lambda: actions.link(found, nc, BY),
        lambda: actions.change_evidence(found, found.version, {"title": "x"}, BY),
    ):
        with pytest.raises(ValidationError, match="withdrawn"):
            refused()


def test_it_cannot_end_before_it_begins(nc):
    with pytest.raises(ValidationError) as refused:
        actions.attach(nc, given(effective_on=date(2026, 5, 4)), BY, expires_on=date(2026, 5, 3))
    assert refused.value.message_dict == {"expires_on": ["This day is before the date of the document."]}
    assert Evidence.objects.count() == 0


def test_a_refused_file_leaves_nothing(nc, vault_folder):
    with pytest.raises(FileRefused):
        attached(nc, content=b"<html><script>alert(1)</script>", name="report.pdf")
    assert (kept(vault_folder), Blob.objects.count(), Evidence.objects.count()) == ([], 0, 0)


def test_a_file_that_is_too_large_is_stopped_while_it_arrives(nc, vault_folder, settings):
    settings.EVIDENCE_MAX_BYTES = 1000
    asked = []

    def endless():
        while True:
            asked.append(1)
            yield b"x" * 400

    with pytest.raises(FileRefused, match="larger than 1000"):
        actions.attach(nc, actions.Given("a.txt", endless()), BY)
    assert (len(asked), kept(vault_folder)) == (3, [])


def test_a_full_disk_is_said_and_leaves_nothing(nc, vault_folder, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileRefused, match="no room"):
        attached(nc)
    assert (kept(vault_folder), Blob.objects.count()) == ([], 0)


def test_the_quota_counts_contents_once_and_keeps_no_row_beyond_it(nc, settings):
    settings.EVIDENCE_QUOTA_BYTES = len(PDF) + 10
    attached(nc), attached(nc)
    with pytest.raises(FileRefused, match="Halden Group has reached its limit"):
        attached(nc, content=png(), name="photo.png")
    assert (Evidence.objects.count(), Revision.objects.count(), Blob.objects.count()) == (2, 2, 1)


def test_a_change_that_is_rolled_back_leaves_no_row(nc):
    with pytest.raises(RuntimeError), transaction.atomic():
        attached(nc)
        raise RuntimeError
    assert (Evidence.objects.count(), Blob.objects.count()) == (0, 0)


def test_the_same_file_again_repairs_a_damaged_one(nc, vault_folder):
    found = attached(nc)
    path = vault_folder / found.current.blob.name
    path.chmod(0o640)
    path.write_bytes(b"changed")
    attached(nc)
    assert vault.is_sound(found.current.blob)


def test_evidence_of_a_record_that_one_may_not_see_is_not_there(nc):
    found = attached(nc)
    assert list(visible()) == [found]
    Use.objects.update(subject_id=nc.pk + 1)
    assert list(visible()) == []
    Use.objects.all().delete()
    assert list(visible()) == [found]
