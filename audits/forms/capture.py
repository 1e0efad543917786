"""One item as a phone sends it: an answer to a question, or a finding with its photos."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from audits.models import Audit, ChecklistItem
from audits.states import Answer, FindingGrade

MOST_PHOTOS = 10


class CaptureForm(forms.Form):
    """What was seen. With a grade it is a finding, without one the answer to a question."""

    uid = forms.UUIDField()
    question = forms.IntegerField(required=False)
    answer = forms.ChoiceField(choices=Answer.choices, required=False)
    grade = forms.ChoiceField(choices=FindingGrade.choices, required=False)
    clause = forms.CharField(max_length=40, required=False)
    evidence = forms.CharField(max_length=10_000, required=False)
    place = forms.CharField(max_length=200, required=False)
    interviewed = forms.CharField(max_length=150, required=False)
    made_at = forms.DateTimeField(required=False)

    def __init__(self, data: Any, files: MultiValueDict[str, UploadedFile], audit: Audit) -> None:
        super().__init__(data, files)
        self.audit = audit

    def clean_question(self) -> ChecklistItem | None:
        """The question of this audit; one that was taken away meanwhile is said so."""
        pk = self.cleaned_data["question"]
        if pk is None:
            return None
        found: ChecklistItem | None = (
            self.audit.items.select_related("edition__standard").filter(pk=pk).first() if abs(pk) < 2**63 else None
        )
        if found is None:
            raise forms.ValidationError(_("This question is not on the checklist any more. Record it as a finding."))
        return found

    def clean(self) -> dict[str, Any]:
        """An answer needs its question, and a finding is the answer that has a grade."""
        given = super().clean() or {}
        if not given.get("grade") and not (given.get("question") and given.get("answer")) and not self.errors:
            raise forms.ValidationError(_("This holds neither an answer nor a finding."))
        if len(self.photos) > MOST_PHOTOS:
            raise forms.ValidationError(_("More than %d photos cannot go with one finding.") % MOST_PHOTOS)
        return given

    @property
    def photos(self) -> list[UploadedFile]:
        """The photos that came along."""
        return [photo for photo in self.files.getlist("photo") if photo is not None]

    @property
    def is_finding(self) -> bool:
        """Whether it has a grade."""
        return bool(self.cleaned_data["grade"])

    def finding(self) -> dict[str, Any]:
        """The facts of a finding, as its door takes them."""
        names = ("uid", "grade", "clause", "evidence", "place", "interviewed", "made_at")
        return {**{name: self.cleaned_data[name] for name in names}, "item": self.cleaned_data["question"]}

    def seen(self) -> dict[str, Any]:
        """The answer to a question, as its door takes it."""
        names = ("uid", "answer", "evidence", "made_at")
        return {**{name: self.cleaned_data[name] for name in names}, "item": self.cleaned_data["question"]}
