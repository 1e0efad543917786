"""Every part of the pages in every state, on one page: in the demonstration and in debugging."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import clock
from accounts.fields import day_field
from accounts.permissions import Capability
from accounts.templatetags.ui import LOOKS
from accounts.web import allowed
from certifications.insight import insight
from certifications.models import Certificate
from certifications.picture import picture, story
from certifications.web import ConflictField, ConflictView
from exchange.pages import Step
from isotrack.health import Banner
from isotrack.portfolio import outlook_card, portfolio

BUTTONS = ("", "primary", "quiet", "danger", "sm")
TONES = ("active", "planned", "due", "risk", "overdue", "suspended", "closed", "draft")


class Example(forms.Form):
    """One field of each kind."""

    text = forms.CharField(
        label=gettext_lazy("Title"), help_text=gettext_lazy("A hint stands between label and field.")
    )
    optional = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    day = day_field(gettext_lazy("Raised"), gettext_lazy("Enter the day on which it was raised"))
    grade = forms.ChoiceField(
        label=gettext_lazy("Grade"),
        choices=[("major", gettext_lazy("Major")), ("minor", gettext_lazy("Minor"))],
        widget=forms.RadioSelect,
    )
    site = forms.ChoiceField(label=gettext_lazy("Site"), choices=[("1", "Gdańsk"), ("2", "Porto")])
    agreed = forms.BooleanField(label=gettext_lazy("The auditor has agreed"), required=False)


@dataclass(frozen=True)
class Said:
    """A line of messages, an entry of a feed or a part of a forecast, as its template reads it."""

    text: str = ""
    level_tag: str = ""
    icon: str = "history"
    words: str = ""
    actor: str = "Marta Zielińska"
    recorded_at: datetime | None = None
    tag: str = ""
    word: str = ""
    headline: str = ""

    def __str__(self) -> str:
        return self.text


@allowed(Capability.VIEW)
def page(request: HttpRequest) -> HttpResponse:
    """The style guide; elsewhere than in the demonstration and in debugging there is no such page."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    context = {**_parts(), **_charts(today), "today": today}
    return render(request, "styleguide/page.html", context)


def _parts() -> dict[str, Any]:
    now = clock.now()
    return {
        "looks": sorted(LOOKS),
        "buttons": BUTTONS,
        "tones": TONES,
        "fresh": Example(auto_id="fresh_%s"),
        "wrong": Example({"text": "", "grade": "", "site": "1", "day_0": "31", "day_1": "2", "day_2": "2027"}),
        "steps": [
            Step("#steps", _("File"), _("CSV or XLSX"), done=True, current=False),
            Step("#steps", _("Match columns"), _("what holds what"), done=False, current=True),
            Step("#steps", _("Check"), _("nothing is saved yet"), done=False, current=False),
        ],
        "forecast": [
            Said(tag="suspended", headline="2027-01-12", text=_("unless the root cause is submitted")),
            Said(tag="withdrawn", headline="2027-07-12", text=_("half a year later")),
            Said(tag="regain", headline="2028-02-01", text=_("with a new stage 1 and stage 2")),
        ],
        "said": [Said(_("A message of the kind %s.") % kind, kind) for kind in ("success", "info", "warning", "error")],
        "feed": [
            Said(icon="ban", words=_("Withdrawn by rule, because the suspension was not resolved"), recorded_at=now),
            Said(icon="pencil", words=_("Scope changed"), recorded_at=now),
        ],
        "warning": Banner(_("A warning on every page."), "#banner"),
        "both": ConflictView("Per Hansen", now, [ConflictField(_("Scope"), "Pumps and motors", "Pumps")]),
        "between": {"next_cursor": "next", "previous_cursor": "previous"},
    }


def _charts(today: date) -> dict[str, Any]:
    """The pictures of the certificate that is lost next and of the portfolio; none while there is no certificate."""
    rows = Certificate.objects.select_related("organization", "standard", "edition", "body", "scheme", "owner")
    row = rows.filter(next_loss_on__isnull=False).order_by("next_loss_on", "pk").first()
    if row is None:
        return {"chart": None, "card": None}
    seen = insight(row, today, ())
    card = outlook_card(portfolio(today), plan=False)
    return {"chart": picture(seen, ()), "story": story(seen, (), plan=False), "card": card}
