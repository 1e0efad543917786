"""An alert rule as the sentence that people read."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.models import AlertRule


def sentence(rule: AlertRule) -> str:
    """ "Mail the owner 30, 14, 7 and 1 days before, on the day and 1 day after any deadline of all certificates."."""
    return _("Mail %(who)s %(days)s: %(what)s of %(which)s.") % {
        "who": rule.person if rule.person else rule.get_recipient_display(),
        "days": days_in_words(rule.days),
        "what": rule.get_about_display(),
        "which": which(rule),
    }


def days_in_words(days: Sequence[int]) -> str:
    """ "30, 14, 7 and 1 days before, on the day, 1 day after"."""
    before = [number for number in days if number > 0]
    after = [-number for number in days if number < 0]
    parts = []
    if before:
        parts.append(ngettext("%s day before", "%s days before", _plural(before)) % _listed(before))
    if 0 in days:
        parts.append(_("on the day"))
    if after:
        parts.append(ngettext("%s day after", "%s days after", _plural(after)) % _listed(after))
    return ", ".join(parts)


def _listed(numbers: Sequence[int]) -> str:
    return get_text_list([str(number) for number in numbers], _("and"))


def _plural(numbers: Sequence[int]) -> int:
    """The number that decides between one day and several."""
    return numbers[0] if len(numbers) == 1 else max(2, numbers[-1])


def which(rule: AlertRule) -> str:
    """Of which certificates: "all certificates", "ISO 9001 at Gdańsk"."""
    if rule.standard and rule.site:
        return _("%(standard)s at %(site)s") % {"standard": rule.standard, "site": rule.site}
    if rule.standard:
        return str(rule.standard)
    return _("what is held at %s") % rule.site if rule.site else _("all certificates")
