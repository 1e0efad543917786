"""What the history tells of is said in the words of the models, in the reader's language."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import models
from django.utils import translation

from accounts.tenancy import EditableRow
from nonconformities.states import WorkStep
from records.terms import Terms
from records.wording import _WORDS
from tests.architecture.source import PRODUCT

ROWS = [model for model in apps.get_models() if issubclass(model, EditableRow)]
UNTOLD = {  # what no entry tells of
    *("id", "organization", "version", "created_at"),
    *("SavedView.owner", "EditionEnd.edition", "Finding.made_at", "StepRecord.draft"),
    *("ImportRun.columns", "ImportRun.started_by"),
}
KIND = re.compile(r'"((?:[a-z]+)\.(?:[a-z]+_?)+)"')


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.label)
def test_every_field_that_people_change_has_a_name_in_their_language(model: type[models.Model]) -> None:
    kind = str(model._meta.model_name)
    with translation.override("de"):
        terms = Terms(f"{kind}.edited", kind)
        told = [f for f in model._meta.fields if f.editable and not {f.name, f"{model.__name__}.{f.name}"} & UNTOLD]
        assert [f.name for f in told if terms.name(f.name) == f.name.replace("_", " ")] == []


@pytest.mark.parametrize(
    ("kind", "about", "name", "value", "said"),
    [
        ("certificate.edited", "certificate", "audit_history", "complete", "Alle Audits sind aufgeführt"),
        ("decision.recorded", "certificate", "decision", "lift", "Aussetzung aufheben"),
        ("reliance.added", "certificate", "kind", "tender", "Ausschreibung"),
        ("change.reported", "certificate", "answers", ["numbers"], "Ändert sich die Zahl der Personen"),
        ("action.done", "nonconformity", "state", "done", "Erledigt"),
        ("nonconformity.extended", "nonconformity", "step", "closure", "Abschluss"),
        ("nonconformity.escalated", "certificate", "grade", "major", "Hauptabweichung"),
        ("audit.answered", "audit", "answer", "not_seen", "Nicht geprüft"),
        ("audit.member_added", "audit", "role", "expert", "Fachexpert"),
        ("member.role", "user", "role", "Compliance officer", "Compliance-"),
        ("webhook.added", "webhook", "topics", ["audit", "certificate"], "Audits, Zertifikate"),
        ("historypolicy.edited", "historypolicy", "signed", ["nonconformity.close"], "Eine Nichtkonformität schließen"),
        ("certificate.corrected", "certificate", "moves", [{"from": "active"}], "von: Aktiv"),
        ("key.issued", "apikey", "writes", False, "nein"),
        ("nonconformity.raised", "nonconformity", "clause", "8.4", "8.4"),
        ("invitation.sent", "user", "to", "noor@halden.example", "noor@halden.example"),
        ("scheme.published", "scheme", "nc.major.closure", {"due": "90d"}, "90d"),
    ],
)
def test_a_code_is_said_by_its_label(kind: str, about: str, name: str, value: object, said: str) -> None:
    with translation.override("de"):
        assert said in Terms(kind, about).value(name, value)


def test_a_label_kept_in_one_language_is_said_in_another() -> None:
    with translation.override("fr"):
        kept = str(WorkStep.CAUSE.label)
    with translation.override("pl"):
        assert Terms("step.submitted", "nonconformity").value("step", kept) == str(WorkStep.CAUSE.label) != kept


def test_every_kind_of_entry_that_is_written_has_a_sentence() -> None:
    """A kind is written beside what records it; other texts with a dot are no business of this test."""
    writing = re.compile(r"(Entry\.about|Entry|_?tell|_tell_of|_move|_added|_removed)\(")
    written = {
        kind
        for source in PRODUCT
        for number, line in enumerate(source.lines)
        if writing.search(line)
        for kind in KIND.findall(" ".join(source.lines[number : number + 4]))
    }
    assert len(written) > 60
    assert sorted(written - set(_WORDS) - {"nc.accumulation", "decision.suspend", "nonconformity.changed"}) == []
