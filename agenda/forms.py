"""What a calendar address shall hold."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import choose_from, one_of
from accounts.models import Site
from agenda.states import Choice
from certifications.models import Standard


class SubscribeForm(forms.Form):
    """Everything, one's own work, one site or one standard."""

    choice = forms.ChoiceField(
        label=_("What the calendar holds"),
        choices=Choice.choices,
        initial=Choice.MINE,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the calendar holds")},
    )
    site = one_of(label=_("Site"), required=False, empty_label=_("Choose"), help_text=_("For “One site”."))
    standard = one_of(label=_("Standard"), required=False, empty_label=_("Choose"), help_text=_("For “One standard”."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choose_from(
            self,
            site=Site.objects.order_by("name"),
            standard=Standard.objects.filter(certificates__isnull=False).distinct().order_by("code"),
        )
