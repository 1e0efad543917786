"""Form fields of dates and of choices.

A date copied from paper has three boxes, one that is chosen has the browser's own control. What a choice offers is
known only inside the scope of an organization, so it is set when the form is made.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import dates
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def day_field(label: Any, missing: Any, **kwargs: Any) -> forms.DateField:
    """A date that one chooses; ``missing`` is said when it is required and empty."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    wrong = format_lazy("{label}: {text}", label=label, text=_("enter a date that exists, like 2027-01-12"))
    messages = {"required": missing, "invalid": wrong}
    return forms.DateField(label=label, widget=widget, error_messages=messages, input_formats=["%Y-%m-%d"], **kwargs)


class PaperDateWidget(forms.MultiWidget):
    """Day, month and year in boxes of their own."""

    template_name = "accounts/paper_date.html"

    def __init__(self) -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {
            name: forms.TextInput(attrs={"autocomplete": "off", "class": name, "inputmode": mode})
            for name, mode in (("day", "numeric"), ("month", "text"), ("year", "numeric"))
        }
        super().__init__(boxes)
        self.use_fieldset = True

    def decompress(self, value: Any) -> list[Any]:
        """The boxes of a date."""
        return [value.day, value.month, value.year] if isinstance(value, date) else [None, None, None]

    def id_for_label(self, id_: str) -> str:
        """The summary of errors leads to the first box."""
        return f"{id_}_0" if id_ else id_


class PaperDateField(forms.MultiValueField):
    """A date copied from a certificate or a letter; the month may be a number or a name."""

    def __init__(self, *, label: Any, missing: Any = "", required: bool = True, **kwargs: Any) -> None:
        boxes = [forms.CharField(required=False, max_length=12) for _ in range(3)]
        super().__init__(
            boxes,
            widget=PaperDateWidget(),
            require_all_fields=False,
            required=required,
            label=label,
            error_messages={"required": missing},
            **kwargs,
        )
        self.what = label

    def compress(self, data_list: list[str]) -> date | None:
        """The date of the boxes; says which box is missing or wrong."""
        if not data_list or not any(data_list):
            return None
        day, month, year = (str(part or "").strip() for part in data_list)
        parts = ((_("a day"), day), (_("a month"), month), (_("a year"), year))
        missing = [name for name, part in parts if not part]
        if missing:
            words = {"field": self.what, "missing": str(_(" and ")).join(str(name) for name in missing)}
            raise ValidationError(_("%(field)s must have %(missing)s") % words)
        return self._date(day, month, year)

    def _date(self, day: str, month: str, year: str) -> date:
        number = _month(month)
        if number is None:
            words = {"field": self.what, "month": month}
            raise ValidationError(_("%(field)s: “%(month)s” is no month; write 10 or Oct") % words)
        if not (year.isdecimal() and len(year) == 4):
            raise ValidationError(_("%(field)s: the year must have four digits") % {"field": self.what})
        try:
            return date(int(year), number, int(day))
        except ValueError:
            words = {"field": self.what, "date": f"{day} {month} {year}"}
            raise ValidationError(_("%(field)s: %(date)s is no date that exists") % words) from None


def _month(text: str) -> int | None:
    """A month by its number or by the beginning of its name, in the reader's language or in English."""
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= 12 else None
    given = _letters(text).rstrip(".")
    names = (*dates.MONTHS.items(), *dates.MONTHS_ALT.items())
    found = {month for month, name in names if len(given) >= 3 and _letters(str(name)).startswith(given)}
    if len(found) == 1:
        return found.pop()
    return MONTHS.index(given[:3]) + 1 if given[:3] in MONTHS else None


def _letters(text: str) -> str:
    """A name in small letters without accents, as it is typed on any keyboard."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if letter.isascii())


def one_of(**kwargs: Any) -> Any:
    """A choice of one record; ``choose_from`` says of which."""
    return forms.ModelChoiceField(queryset=None, **kwargs)


def several_of(label: Any, **kwargs: Any) -> Any:
    """A choice of several records."""
    return forms.ModelMultipleChoiceField(
        queryset=None, label=label, widget=forms.CheckboxSelectMultiple, **{"required": False, **kwargs}
    )


def choose_from(form: forms.Form, **rows: Any) -> None:
    """What each choice of records offers."""
    for name, queryset in rows.items():
        bound: Any = form.fields[name]
        bound.queryset = queryset


def offer(form: forms.Form, **choices: list[tuple[str, Any]]) -> None:
    """What each choice of words offers."""
    for name, offered in choices.items():
        bound: Any = form.fields[name]
        bound.choices = offered


def people() -> Any:
    """The members of the organization, by name."""
    return User.objects.filter(pk__in=Membership.objects.values("user_id"), is_active=True).order_by("full_name")
