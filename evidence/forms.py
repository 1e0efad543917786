"""Forms of evidence: a file for a record, a newer file, the facts of a document."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy

from accounts.fields import PaperDateField, choose_from, one_of
from evidence.content import ACCEPT
from evidence.queries import visible

MISSING = gettext_lazy("Choose a file or take a photo")


class FileForm(forms.Form):
    """A file from the device, or a photo taken now; on a phone the second one opens the camera."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, photo, office document or text."),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={
            "required": MISSING,
            "empty": gettext_lazy("The file is empty. Choose it again; if it stays empty, save it anew."),
        },
    )
    photo = forms.FileField(
        label=gettext_lazy("Or take a photo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
    )
    effective_on = PaperDateField(
        label=gettext_lazy("Date of the document"),
        required=False,
        help_text=gettext_lazy("From when its content holds; today if left empty."),
    )
    expires_on = PaperDateField(
        label=gettext_lazy("Valid until"),
        required=False,
        help_text=gettext_lazy("For calibrations, permits and the like: its owner is told before this day."),
    )

    def clean(self) -> dict[str, Any]:
        """A photo does instead of a file."""
        given = super().clean() or {}
        if given.get("photo") and self.has_error("file", "required"):
            del self.errors["file"]
        return given

    @property
    def upload(self) -> UploadedFile:
        """The file that was sent."""
        found: UploadedFile = self.cleaned_data.get("file") or self.cleaned_data["photo"]
        return found


class AttachForm(FileForm):
    """New evidence for a record."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("What it shows; the name of the file if left empty."),
    )
    field_order = ["file", "photo", "title", "effective_on", "expires_on"]

    def facts(self) -> dict[str, Any]:
        """What was entered beside the file."""
        return {"title": self.cleaned_data["title"], "expires_on": self.cleaned_data["expires_on"]}


class ReviseForm(FileForm):
    """A newer file of the same document."""

    reason = forms.CharField(label=gettext_lazy("What changed"), required=False, max_length=500)
    field_order = ["file", "photo", "reason", "effective_on", "expires_on"]


class FactsForm(forms.Form):
    """What is known of a document beside its files, with the version one looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=200, error_messages={"required": gettext_lazy("Enter a title")}
    )
    owner = one_of(
        label=gettext_lazy("Owner"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
        help_text=gettext_lazy("Is told before the evidence expires."),
    )
    expires_on = PaperDateField(label=gettext_lazy("Valid until"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, owner=members)

    def changes(self) -> dict[str, Any]:
        """What was entered."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, error_messages={"required": gettext_lazy("Enter a reason")}
    )


class UseForm(forms.Form):
    """Evidence that is here already, for one more record."""

    evidence = one_of(
        label=gettext_lazy("Evidence"),
        empty_label=gettext_lazy("Choose"),
        error_messages={
            "required": gettext_lazy("Choose the evidence"),
            "invalid_choice": gettext_lazy("Choose evidence of the list"),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "id_use_%s", **kwargs})
        choose_from(self, evidence=visible().filter(withdrawn_on=None).order_by("title", "pk"))
