"""Jobs open the organization of the row they work on; none takes an organization or content from a message."""

from __future__ import annotations

import inspect

import pytest

from accounts import tenancy
from accounts.models import Membership
from accounts.permissions import Role
from certifications.models import Certificate
from exchange.models import ImportRun
from exchange.tasks import carry_on
from isotrack.celery import app
from records.models import Event, RenderedPdf
from records.papers import ask, make
from tests.conftest import member
from tests.isolation.matrix import Matrix, picture

ROW_IDS = {"run_id", "delivery_id", "evidence_id", "paper_id", "audit_id", "pk"}


def test_a_message_names_at_most_a_row() -> None:
    app.loader.import_default_modules()
    taken = {
        name: set(inspect.signature(task.run).parameters) - ROW_IDS
        for name, task in app.tasks.items()
        if not name.startswith("celery.")
    }
    assert {name: names for name, names in taken.items() if names} == {}
    assert len(taken) >= 6


def own_rows(matrix: Matrix) -> dict[str, object]:
    """Everything that belongs to the one organization; the heads of both histories stand in one table."""
    return {name: rows for name, rows in picture(matrix.own).items() if name != "records.EventCounter"}


def test_a_task_works_in_the_organization_of_its_row(matrix: Matrix) -> None:
    with tenancy.acting_in(matrix.foreign.organization):
        run = ImportRun.objects.order_by("pk")[0]
        ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.WORKING)
    before = own_rows(matrix)
    carry_on(run.pk)
    assert own_rows(matrix) == before
    with pytest.raises(ImportRun.DoesNotExist):
        carry_on(987_654_321)
    assert tenancy.current() is None


def test_a_paper_shows_what_the_person_who_asked_may_see(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = member(matrix.own.organization, "guest@halden.example", "Guest", Role.GUEST_AUDITOR)
    pages: list[int] = []
    monkeypatch.setattr("records.papers.html_of", lambda paper: pages.append(Certificate.objects.count()) or "<p>x</p>")
    monkeypatch.setattr("records.papers.render", lambda html: b"%PDF-1.7")
    with tenancy.acting_in(matrix.own.organization):
        Membership.objects.filter(user=guest).update(limits={"audits": [0]})
        paper = ask(RenderedPdf.objects.order_by("pk")[0].kind, matrix.own.certificate, guest)
        mine = ask(paper.kind, matrix.own.certificate, matrix.own.user)
    assert (make(paper.pk), make(mine.pk)) == (True, True)
    assert pages == [0, 1]
    with tenancy.acting_in(matrix.own.organization):
        assert Event.objects.exists()
