"""The form of what an organization asks of its records."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import choose_from, offer, one_of, people
from records.models import HistoryPolicy
from records.signatures import ACTS


class PolicyForm(forms.Form):
    """What is signed, who keeps the heads, how long texts are kept."""

    signed = forms.MultipleChoiceField(
        label=_("What needs a signature"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever does it reads what is signed and confirms it with their password."),
    )
    heads_to = one_of(
        label=_("Who gets the signed head by mail"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("One mail on each day on which something was recorded. Best somebody outside the IT department."),
    )
    heads_url = forms.URLField(
        label=_("Address that gets the signed head"),
        required=False,
        assume_scheme="https",
        help_text=_("Each day the head is posted there as JSON. It must be reachable by https and public."),
        error_messages={"invalid": _("Enter a whole address that begins with https://")},
    )
    retention_years = forms.IntegerField(
        label=_("Years that texts are kept"),
        min_value=3,
        max_value=100,
        help_text=_("Names and texts may be erased after that; numbers, days and fingerprints stay."),
        error_messages={"required": _("Enter a number of years, at least 3")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    FACTS = ("signed", "heads_to", "heads_url", "retention_years")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, signed=[(name, str(act.title)) for name, act in sorted(ACTS.items())])
        choose_from(self, heads_to=people())

    @classmethod
    def of(cls, policy: HistoryPolicy) -> PolicyForm:
        """The form as the policy stands."""
        return cls(initial={name: getattr(policy, name) for name in (*cls.FACTS, "version")})

    def clean_heads_url(self) -> str:
        """Only over TLS."""
        url: str = self.cleaned_data["heads_url"]
        if url and not url.startswith("https://"):
            raise forms.ValidationError(_("Enter a whole address that begins with https://"))
        return url

    def facts(self) -> dict[str, Any]:
        """The values, as the door takes them."""
        return {name: self.cleaned_data[name] for name in self.FACTS}
