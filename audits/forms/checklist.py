"""Forms of a checklist and of findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import choose_from, one_of
from accounts.models import Site
from audits.models import Audit, ChecklistItem, Finding
from audits.states import Answer, FindingGrade
from certifications.clauses import clause_list
from certifications.models import Edition, Standard


def area(label: Any, rows: int = 3, required: bool = False, missing: Any = "", **kwargs: Any) -> forms.CharField:
    """A text of several lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, required=required, widget=widget, max_length=10_000, error_messages={"required": missing}, **kwargs
    )


class ClausesForm(forms.Form):
    """Questions from the clauses of a standard."""

    edition = one_of(
        label=_("Standard"), empty_label=_("Choose"), error_messages={"required": _("Choose the standard")}
    )
    chapters = forms.CharField(
        label=_("Only chapters"),
        max_length=200,
        required=False,
        help_text=_("Numbers with commas, like 7, 8.5, A.5. Empty takes all."),
    )

    def __init__(self, *args: Any, of: Audit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        editions = Edition.objects.select_related("standard").order_by("standard__code", "name")
        shipped = [row.pk for row in editions if clause_list(row.standard.code, row.name)]
        choose_from(self, edition=editions.filter(pk__in=shipped))
        links = of.certificate_links.order_by("pk") if of else ()
        covered = [link.certificate.edition_id for link in links]
        self.initial.setdefault("edition", next((pk for pk in covered if pk in shipped), None))

    def clean(self) -> dict[str, Any]:
        """Every chapter named exists in the standard."""
        given = self.cleaned_data
        wanted = [part.strip() for part in given.get("chapters", "").split(",") if part.strip()]
        edition = given.get("edition")
        if edition is None or not wanted:
            return {**given, "numbers": None}
        numbers = [clause.number for clause in clause_list(edition.standard.code, edition.name)]
        found = {head: [n for n in numbers if n == head or n.startswith(f"{head}.")] for head in wanted}
        if unknown := [head for head, those in found.items() if not those]:
            words = {"edition": edition, "chapters": ", ".join(unknown)}
            self.add_error("chapters", _("%(edition)s has no %(chapters)s. Check the numbers.") % words)
        return {**given, "numbers": [number for those in found.values() for number in those]}

    def numbers(self) -> list[str] | None:
        """The clauses of the chapters named; None for all."""
        found: list[str] | None = self.cleaned_data["numbers"]
        return found


class EarlierForm(forms.Form):
    """Questions from an earlier audit."""

    audit = one_of(
        label=_("Earlier audit"), empty_label=_("Choose"), error_messages={"required": _("Choose the audit")}
    )

    def __init__(self, *args: Any, but: Audit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = Audit.objects.filter(pk__in=ChecklistItem.objects.values("audit_id")).exclude(pk=but.pk)
        choose_from(self, audit=asked.order_by("-pk"))


class QuestionForm(forms.Form):
    """A question of one's own."""

    question = area(_("Question"), 2, required=True, missing=_("Write the question"))
    clause = forms.CharField(label=_("Clause"), max_length=20, required=False)
    group = forms.CharField(label=_("Group"), max_length=200, required=False)


class SheetForm(forms.Form):
    """A checklist as a spreadsheet."""

    file = forms.FileField(
        label=_("Checklist as XLSX or CSV"),
        help_text=_("Columns Clause, Question and Group, as the download has them."),
        error_messages={"required": _("Choose a file")},
    )


class AnswerForm(forms.Form):
    """An answer given at the desk."""

    answer = forms.ChoiceField(choices=Answer.choices)
    evidence = forms.CharField(required=False, max_length=10_000)


class FindingForm(forms.Form):
    """A finding, with what makes it hold."""

    grade = forms.ChoiceField(
        label=_("Grade"),
        choices=FindingGrade.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the grade")},
    )
    standard = one_of(label=_("Standard"), required=False, empty_label=_("Every standard of the audit"))
    clause = forms.CharField(label=_("Clause"), max_length=40, required=False)
    title = forms.CharField(
        label=_("In one line"), max_length=200, required=False, help_text=_("What is not fulfilled, or what is good.")
    )
    requirement = area(_("Requirement"), 2)
    evidence = area(
        _("What did you see?"), 4, required=True, missing=_("Write what you saw; a finding without it does not hold.")
    )
    site = one_of(label=_("Site"), required=False, empty_label=_("Not stated"))
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    interviewed = forms.CharField(
        label=_("Person interviewed"), max_length=150, required=False, help_text=_("By role, not by name.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    FACTS = ("grade", "standard", "clause", "title", "requirement", "evidence", "site", "place", "interviewed")

    def __init__(self, *args: Any, audit: Audit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        covered = audit.certificate_links.values("certificate__standard_id")
        asked = audit.items.filter(edition__isnull=False).values("edition__standard_id")
        standards = Standard.objects.filter(pk__in=covered) | Standard.objects.filter(pk__in=asked)
        choose_from(self, standard=standards.distinct().order_by("code"), site=Site.objects.order_by("name"))

    @classmethod
    def of(cls, finding: Finding) -> FindingForm:
        """The form with a finding."""
        facts = {name: getattr(finding, name) for name in cls.FACTS}
        return cls(audit=finding.audit, initial={**facts, "version": finding.version})

    def facts(self) -> dict[str, Any]:
        """The facts in it, as the door takes them."""
        return {name: self.cleaned_data[name] for name in self.FACTS}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=500, error_messages={"required": _("Give the reason")})


class MergeForm(forms.Form):
    """The finding that speaks for another."""

    into = one_of(label=_("Merge into"), error_messages={"required": _("Choose the finding that stays")})

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Finding.objects.filter(audit=finding.audit, struck_on=None, merged_into=None).exclude(pk=finding.pk)
        choose_from(self, into=others.select_related("audit"))
        into: Any = self.fields["into"]
        into.label_from_instance = lambda row: f"F{row.number}: {row.headline}"
