"""Forms of the eight steps. Lists (whys, causes) are repeated fields, so that they work without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.fields import choose_from, day_field, one_of, people
from nonconformities.forms import text_field
from nonconformities.states import Step
from records.forms import SignatureForm

MOST_WHYS, MOST_CAUSES = 10, 30
LONGEST = 500


class ContainmentForm(forms.Form):
    """The correction: what was done at once about the instance itself."""

    text = text_field(
        _("What was done at once"),
        missing=_("Say what was done at once, or that nothing could be done and why"),
        required=True,
        help_text=_("Correction only: it makes this one right. What removes the cause comes in step 5."),
    )
    done_on = day_field(_("Done"), "", required=False)


class ExtentForm(forms.Form):
    """Where else the same may exist."""

    elsewhere = forms.ChoiceField(
        label=_("Does the same exist elsewhere?"),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether the same exists elsewhere")},
    )
    text = text_field(
        _("Where you looked, and what you found"),
        required=True,
        missing=_("Say where you looked, and what you found there"),
        help_text=_("Other sites, shifts, products, records, suppliers."),
    )


class CauseForm(forms.Form):
    """The root cause; whys and causes come beside it as repeated fields (see ``cause_content``)."""

    problem = text_field(_("Problem"), 2)
    analysis = text_field(_("Analysis"), 5, help_text=_("How you came to the root cause."))
    statement = text_field(
        _("Root cause statement"),
        2,
        required=True,
        missing=_("Write the root cause in one sentence before you submit it"),
        help_text=_("One sentence that the action plan must remove."),
    )
    further = text_field(_("Further root causes"), 2, help_text=_("One on each line; each needs an action of its own."))


def cause_content(data: QueryDict) -> dict[str, Any]:
    """What was typed about the cause, with its lists in order and empty lines left in."""
    roots = set(data.getlist("root"))
    pairs = zip(data.getlist("branch")[:MOST_CAUSES], data.getlist("cause")[:MOST_CAUSES], strict=False)
    method = data.get("method", "whys")
    return {
        "method": method if method in {"whys", "causes", "text"} else "whys",
        "problem": data.get("problem", "")[:2000],
        "whys": [why[:LONGEST] for why in data.getlist("why")[:MOST_WHYS]],
        "causes": [
            {"branch": branch[:30], "text": text[:LONGEST], "root": str(number) in roots}
            for number, (branch, text) in enumerate(pairs)
        ],
        "analysis": data.get("analysis", "")[:10_000],
        "statement": data.get("statement", "")[:2000],
        "further": [line.strip() for line in data.get("further", "").splitlines() if line.strip()],
    }


def without_blanks(content: dict[str, Any]) -> dict[str, Any]:
    """The content as it is submitted: lines of lists that nobody filled are left out."""
    return {
        **content,
        "whys": [why for why in content["whys"] if why.strip()],
        "causes": [cause for cause in content["causes"] if cause["text"].strip()],
    }


def repeats_problem(content: Mapping[str, Any]) -> bool:
    """Whether the root cause only says the problem again; a hint, no error."""
    problem, statement = (" ".join(str(content.get(k, "")).lower().split()) for k in ("problem", "statement"))
    return bool(problem and statement) and SequenceMatcher(None, problem, statement).ratio() > 0.8


class PlanForm(forms.Form):
    """The plan goes to the auditor."""

    note = text_field(_("Note to the auditor"), 2)
    submitted_on = day_field(_("Submitted"), _("Enter the day on which it is submitted"))


class EvidenceForm(forms.Form):
    """All corrective action is done."""

    note = text_field(_("What the proofs show"), 2)
    done_on = day_field(_("All done"), _("Enter the day on which the last action was done"))


class EffectPlanForm(forms.Form):
    """How one will see that the cause is gone."""

    measure = forms.CharField(
        label=_("Measure"),
        max_length=300,
        help_text=_("What you count or look at, like “leaver accounts open after one day”."),
        error_messages={"required": _("Say what is measured")},
    )
    target = forms.CharField(
        label=_("Target"), max_length=200, error_messages={"required": _("Say what counts as good enough")}
    )
    check_on = day_field(_("Check on"), _("Enter the day on which the effect is checked"))


class VerdictForm(SignatureForm):
    """The verdict on the effect."""

    verdict = forms.ChoiceField(
        label=_("Is the cause gone?"),
        choices=[("effective", _("Yes, the target is met")), ("not_effective", _("No, it came back or may come back"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether the cause is gone")},
    )
    judged_on = day_field(_("Judged"), _("Enter the day of the verdict"))
    note = text_field(_("What was measured"), 2)


class AssignForm(forms.Form):
    """Whose step it is and by when."""

    owner = one_of(label=_("Owner of this step"), required=False, empty_label=_("As the nonconformity"))
    due_on = day_field(
        _("Own date"), "", required=False, help_text=_("A date of yours for this step; the rules keep theirs.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, owner=people())


class ReturnStepForm(forms.Form):
    """A step is sent back."""

    reason = text_field(
        _("What is missing"), 2, required=True, missing=_("Say what is missing, so that it can be mended")
    )


class AskForm(forms.Form):
    """More time is asked for."""

    step = forms.ChoiceField(label=_("For which step"), choices=Step.choices, initial=Step.CLOSURE)
    due_on = day_field(_("Wished due date"), _("Enter the due date that you ask for"))
    reason = text_field(_("Why more time is needed"), 2, required=True, missing=_("Say why more time is needed"))


class RefuseForm(forms.Form):
    """More time is not given."""

    step = forms.ChoiceField(choices=Step.choices, widget=forms.HiddenInput)
    reason = text_field(_("Why no more time is given"), 2, required=True, missing=_("Say why no more time is given"))


class ProofForm(forms.Form):
    """What shows that an action was carried out."""

    text = forms.CharField(
        label=_("What it shows"), max_length=300, error_messages={"required": _("Say what the proof shows")}
    )
    url = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https")


class ShareForm(forms.Form):
    """An action that also serves this nonconformity."""

    action = one_of(label=_("Action of another nonconformity"), empty_label=_("Choose"))

    def __init__(self, *args: Any, rows: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, action=rows)
        field: Any = self.fields["action"]
        field.label_from_instance = lambda row: f"{row.nonconformity}: {row}"
