"""Fields and codes that an entry of the history tells of, in the words of their models and in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.templatetags.ui import day
from lifecycle.rule_words import grade_in_words

# What the first word of a kind of entry stands for, where it is not the name of a model.
_RECORDS = {
    "action": "nonconformities.CorrectiveAction",
    "change": "certifications.ReportedChange",
    "cycle": "audits.AuditCycle",
    "key": "accounts.ApiKey",
    "member": "accounts.Membership",
    "report": "followup.AuditReport",
    "step": "nonconformities.StepRecord",
    "time": "agenda.TimeRequest",
}
# Fields of another record than the one that the entry is about.
_FIELDS = {
    "action": "nonconformities.CorrectiveAction.description",
    "answer": "audits.ChecklistAnswer.answer",
    "change": "certifications.ReportedChange.title",
    "client_id": "access.SingleSignOn.client_id",
    "corrective_action": "nonconformities.CorrectiveAction.description",
    "decision": "certifications.Decision.kind",
    "due_on": "nonconformities.CorrectiveAction.due_on",
    "effective_on": "evidence.Revision.effective_on",
    "file": "evidence.Revision.file_name",
    "headline": "audits.Finding.title",
    "holds": "agenda.CalendarAddress.choice",
    "months": "audits.AuditCycle.every_months",
    "proof": "nonconformities.ActionProof.text",
    "question": "audits.ChecklistItem.question",
    "reason": "certifications.Decision.reason",
    "required": "accounts.Organization.require_second_factor",
    "role": "audits.TeamMember.role",
    "scheme": "certifications.Certificate.scheme",
    "server_url": "access.SingleSignOn.server_url",
    "service": "accounts.User.is_service",
    "sites": "certifications.Certificate.sites",
    "step": "nonconformities.Extension.step",
    "told_on": "certifications.ChangedCertificate.told_on",
    "url": "nonconformities.ActionProof.url",
    "verified_on": "nonconformities.Verification.verified_on",
}
# Names that are no field of any record, and fields that no form shows.
_WORDS = {
    "accreditation_body": gettext_lazy("accreditation body"),
    "act": gettext_lazy("what was signed"),
    "answers": gettext_lazy("questions answered with yes"),
    "audit": gettext_lazy("audit"),
    "because": gettext_lazy("caused by"),
    "by": pgettext_lazy("move", "by"),
    "certificate": gettext_lazy("certificate"),
    "certification_body": gettext_lazy("certification body"),
    "changed": gettext_lazy("number of changed records"),
    "closure_recorded_on": gettext_lazy("closure recorded"),
    "content": gettext_lazy("content"),
    "date": gettext_lazy("date"),
    "delivery": gettext_lazy("delivery"),
    "description": gettext_lazy("description"),
    "ends_on": gettext_lazy("end of the edition"),
    "entries": gettext_lazy("entries"),
    "evidence": gettext_lazy("evidence"),
    "evidence_id": gettext_lazy("number of the evidence"),
    "for": pgettext_lazy("API key", "for"),
    "found": gettext_lazy("what was found"),
    "from": pgettext_lazy("move", "from"),
    "invitation": gettext_lazy("invitation"),
    "known_on": gettext_lazy("day on which it became known"),
    "line": gettext_lazy("line of the plan"),
    "list": gettext_lazy("list"),
    "meaning": gettext_lazy("meaning"),
    "moves": gettext_lazy("moves"),
    "nonconformity": gettext_lazy("nonconformity"),
    "of": gettext_lazy("action of"),
    "parts": gettext_lazy("what was erased"),
    "person": gettext_lazy("person"),
    "prefix": gettext_lazy("first letters of the key"),
    "query": gettext_lazy("filters"),
    "questions": gettext_lazy("questions"),
    "replaces": gettext_lazy("replaced key"),
    "revision": gettext_lazy("number of the file"),
    "rule": gettext_lazy("rule"),
    "sha256": gettext_lazy("fingerprint"),
    "since": gettext_lazy("since"),
    "site": gettext_lazy("site"),
    "size": gettext_lazy("size in bytes"),
    "standard": gettext_lazy("standard"),
    "standards": gettext_lazy("standards"),
    "text": gettext_lazy("text"),
    "to": pgettext_lazy("move", "to"),
}
_REASONS = {
    "audit_missed": pgettext_lazy("reason", "required audit not held in time"),
    "certified": pgettext_lazy("reason", "certification"),
    "decision": pgettext_lazy("reason", "decision of the certification body"),
    "edition_not_transitioned": pgettext_lazy("reason", "edition of the standard ended before the transition"),
    "lifted": pgettext_lazy("reason", "suspension lifted"),
    "other": pgettext_lazy("reason", "other reason"),
    "recertification_not_completed": pgettext_lazy("reason", "recertification not completed in time"),
    "reinstated": pgettext_lazy("reason", "reinstatement after a withdrawal"),
    "restored": pgettext_lazy("reason", "restoration after expiry"),
    "suspension_not_resolved": pgettext_lazy("reason", "suspension not resolved within its limit"),
    "unresolved_nc": pgettext_lazy("reason", "nonconformity not resolved in time"),
    "validity_ended": pgettext_lazy("reason", "validity ended before a recertification was decided"),
}
# Codes that no field offers as choices; an app adds its own with ``say_codes``.
_CODES: dict[str, dict[Any, Any]] = {
    "by": {"decision": gettext_lazy("decision"), "rule": gettext_lazy("rule")},
    "found": {"missing": pgettext_lazy("file", "missing"), "changed": pgettext_lazy("file", "changed")},
    "parts": {"who": gettext_lazy("names"), "what": gettext_lazy("texts")},
    "reason": _REASONS,
}
_GRADES = {"grade", "current_grade"}
_STATUS = "certifications.Certificate.status"


def say_codes(name: str, labels: Mapping[str, Any]) -> None:
    """Let the history say codes of a field without choices of its own, as one that holds several of them."""
    _CODES.setdefault(name, {}).update(labels)


@dataclass(frozen=True)
class Terms:
    """The words for what an entry of a kind about a kind of record tells of."""

    kind: str
    subject_type: str

    def name(self, name: str) -> str:
        """What a field is called; a rule of a scheme keeps its id."""
        field = self._own(name)
        if field is None and name not in _WORDS:
            field = _at(_FIELDS.get(name, ""))
        if field is not None:
            return str(field.verbose_name)
        return str(_WORDS.get(name) or (name if "." in name else name.replace("_", " ")))

    def heading(self, name: str) -> str:
        """The same as it stands before its values."""
        return str(capfirst(self.name(name)))

    def value(self, name: str, value: Any) -> str:
        """A value: the label of a code, a day with its month in letters, nothing as a dash."""
        if value in (None, "", [], {}):
            return "–"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return ", ".join(self.value(name, part) for part in value)
        if isinstance(value, dict):
            return "; ".join(f"{self.name(key)}: {self.value(key, part)}" for key, part in value.items())
        label = self._labels(name).get(value)
        if label is None and name in _GRADES:
            return grade_in_words(str(value), translation)
        return str(label) if label is not None else _as_day(str(value))

    def _labels(self, name: str) -> Mapping[Any, Any]:
        field = self._own(name) or _at(_STATUS if name in {"from", "to"} else _FIELDS.get(name, ""))
        if field is not None and field.choices:
            return _labels_of(field)
        return _CODES.get(name, {})

    def _own(self, name: str) -> models.Field[Any, Any] | None:
        """The field of the record itself, if its name is one for readers."""
        head = self.kind.partition(".")[0]
        if "." in name:
            return None
        for record in dict.fromkeys((_RECORDS.get(head, head), self.subject_type)):
            field = _at(f"{record}.{name}")
            if field is not None and isinstance(field.verbose_name, Promise):
                return field
        return None


@cache
def _at(path: str) -> models.Field[Any, Any] | None:
    """The field at ``app.Model.field`` or ``model.field``; none where there is no such field."""
    record, _dot, name = path.rpartition(".")
    model = apps.get_model(record) if "." in record else _models().get(record)
    try:
        field = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None


@cache
def _labels_of(field: models.Field[Any, Any]) -> Mapping[Any, Any]:
    """The label of each code, and of each label in any language, since some entries keep what was said to who wrote."""
    labels: dict[Any, Any] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            labels |= {str(label): label for _code, label in field.flatchoices}
    return labels | dict(field.flatchoices)


@cache
def _models() -> dict[str, type[models.Model]]:
    """Models by the name under which the history speaks of them."""
    return {str(model._meta.model_name): model for model in reversed(apps.get_models())}


def _as_day(text: str) -> str:
    try:
        return day(date.fromisoformat(text)) if len(text) == len("2027-01-12") else text
    except ValueError:
        return text
