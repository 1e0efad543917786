"""Parts that every page uses: status tags, icons, dates with their distance, navigation and form fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

register = template.Library()

SPRITE = "vendored/lucide-1.62.0/icons.svg"


@dataclass(frozen=True)
class Look:
    """How a word of state is shown: tone (tokens), icon and word; never by color alone."""

    tone: str
    icon: str
    word: Any


LOOKS: dict[str, Look] = {
    "active": Look("active", "circle-check", gettext_lazy("Active")),
    "valid": Look("active", "circle-check", gettext_lazy("Valid")),
    "suspended": Look("suspended", "circle-pause", gettext_lazy("Suspended")),
    "withdrawn": Look("withdrawn", "ban", gettext_lazy("Withdrawn")),
    "expired": Look("expired", "circle-x", gettext_lazy("Expired")),
    "again": Look("withdrawn", "refresh-ccw", gettext_lazy("Start again")),
    "none": Look("draft", "circle-dashed", gettext_lazy("Not certified yet")),
    "risk": Look("risk", "triangle-alert", gettext_lazy("At risk")),
    "due": Look("due", "hourglass", gettext_lazy("Due soon")),
    "overdue": Look("overdue", "calendar-x", gettext_lazy("Overdue")),
    "planned": Look("planned", "calendar", pgettext_lazy("audit", "Planned")),
    "held": Look("active", "circle-check", pgettext_lazy("audit", "Held")),
    "confirmed": Look("planned", "calendar-check", pgettext_lazy("audit", "Confirmed")),
    "started": Look("due", "play", gettext_lazy("In progress")),
    "reported": Look("active", "clipboard-check", pgettext_lazy("audit", "Reported")),
    "refused": Look("overdue", "ban", pgettext_lazy("audit", "Refused")),
    "conforms": Look("active", "circle-check", gettext_lazy("Conforms")),
    "finding": Look("risk", "triangle-alert", gettext_lazy("Finding")),
    "not_seen": Look("draft", "circle-dashed", gettext_lazy("Not seen")),
    "good": Look("active", "badge-check", gettext_lazy("Good practice")),
    "cancelled": Look("closed", "circle-slash", pgettext_lazy("audit", "Cancelled")),
    "open": Look("planned", "circle-dashed", pgettext_lazy("nonconformity", "Open")),
    "done": Look("closed", "check", gettext_lazy("Done")),
    "closed": Look("closed", "check", pgettext_lazy("nonconformity", "Closed")),
    "void": Look("closed", "circle-slash", gettext_lazy("No longer applies")),
    "uptodate": Look("active", "circle-check", gettext_lazy("Up to date")),
    "regain": Look("draft", "refresh-ccw", gettext_lazy("To regain")),
    "unknown": Look("draft", "circle-dashed", gettext_lazy("No data")),
    "differs": Look("due", "git-compare", gettext_lazy("Not confirmed")),
    "critical": Look("overdue", "octagon-alert", gettext_lazy("Critical")),
    "major": Look("overdue", "octagon-alert", gettext_lazy("Major")),
    "minor": Look("due", "triangle-alert", gettext_lazy("Minor")),
    "opportunity": Look("planned", "info", gettext_lazy("Opportunity")),
    "returned": Look("due", "undo-2", gettext_lazy("Returned")),
    "waits": Look("due", "hourglass", gettext_lazy("Waits for approval")),
    "new": Look("due", "clock", gettext_lazy("Waiting")),
    "sent": Look("active", "check", gettext_lazy("Sent")),
    "failed": Look("overdue", "circle-alert", gettext_lazy("Failed")),
}


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the sprite; decoration beside a text, so hidden from screen readers."""
    classes = f"i {extra}".strip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', classes, static(SPRITE), name)


@register.simple_tag
def tag(state: str, word: str = "") -> SafeString:
    """A state as icon, word and color; ``word`` replaces the usual word. Unknown states are shown plainly."""
    look = LOOKS.get(state) or Look("closed", "info", state.replace("_", " ").capitalize())
    return format_html('<span class="tag st-{}">{}{}</span>', look.tone, icon(look.icon), word or look.word)


@register.filter
def state_word(state: str) -> str:
    """The word of a state or of a grade, as its tag shows it."""
    return str(LOOKS[state].word) if state in LOOKS else state.replace("_", " ").capitalize()


@register.filter
def kept(text: str) -> str:
    """A sentence of the product that is kept in English, in the reader's language; what follows a colon stays."""
    head, colon, rest = text.partition(": ")
    return f"{_(head) if head else ''}{colon}{rest}"


@register.filter
def noun(label: Any) -> str:
    """The name of a kind, a role, a grade or a step within a sentence: in small letters, but large in German."""
    return str(label) if (get_language() or "").startswith("de") else str(label).lower()


@register.filter
def tone(state: str) -> str:
    """The name of the color set of a state."""
    return LOOKS[state].tone if state in LOOKS else "closed"


@register.filter
def icon_of(state: str) -> str:
    """The name of the icon of a state."""
    return LOOKS[state].icon if state in LOOKS else "info"


@register.filter
def day(value: date | None) -> str:
    """A civil date with its month in letters: 12 Jan 2027."""
    return date_format(value, "j M Y") if value else ""


@register.filter
def long_day(value: date | None) -> str:
    """A civil date written out: 12 January 2027."""
    return date_format(value, "j E Y") if value else ""


@register.filter
def weekday(value: date | None) -> str:
    """A civil date with its day of the week: Friday 27 Nov 2026."""
    return date_format(value, "l j M Y") if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """A moment where the reader is: 23 Nov 2026, 14:02 UTC."""
    if not value:
        return ""
    local = value.astimezone(timezone.get_current_timezone())
    return f"{date_format(local, 'j M Y, H:i')} {local.tzname()}"


BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"))


@register.filter
def browser(agent: str) -> str:
    """What a browser says of itself in two words: Firefox on Windows; only a hint, it can say anything."""
    name = next((word for mark, word in BROWSERS if mark in agent), "")
    system = next((word for mark, word in (*SYSTEMS, ("Linux", "Linux")) if mark in agent), "")
    if name and system:
        return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or system or _("Another program")


@register.filter
def distance(value: date | None, today: date) -> str:
    """How far a civil date is from today, in calendar days: "in 50 days", "11 days ago"."""
    if value is None:
        return ""
    days = (value - today).days
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    return ngettext("%(days)d day ago", "%(days)d days ago", -days) % {"days": -days}


@register.filter
def days_left(value: date, today: date) -> str:
    """How long there is still time: "4 days left"."""
    days = (value - today).days
    return ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}


@register.filter
def in_force(fields: Iterable[Any]) -> int:
    """How many of the filters of a list narrow it."""
    return sum(1 for field in fields if field.words)


@register.filter
def filled(given: QueryDict, names: str) -> int:
    """How many of these fields have a value in the address."""
    return sum(1 for name in names.split(",") if given.get(name))


@register.inclusion_tag("_components/nav_item.html", takes_context=True)
def nav_item(
    context: dict[str, Any], path: str, icon_name: str, word: str, count: int | str = "", alarm: bool = False
) -> dict[str, Any]:
    """A link of the navigation with a number beside it; nothing where the address leads nowhere."""
    request: HttpRequest | None = context.get("request")
    here = request.path if request else ""
    return {
        "path": path if exists(path) else "",
        "icon_name": icon_name,
        "word": word,
        "count": count,
        "alarm": alarm,
        "current": here == path if path == "/" else here.startswith(path),
    }


@register.inclusion_tag("_components/tabbar_item.html", takes_context=True)
def tab_item(context: dict[str, Any], path: str, icon_name: str, word: str) -> dict[str, Any]:
    """The same for the bar at the bottom of a phone."""
    return nav_item(context, path, icon_name, word)


@register.filter
def exists(path: str) -> bool:
    """Whether the address leads to a page of this installation."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


@register.inclusion_tag("_components/field.html")
def field(bound: BoundField, label: str = "") -> dict[str, Any]:
    """A form field: label, hint, error, control, in this order."""
    widget = bound.field.widget
    return {
        "field": bound,
        "label": label or bound.label,
        "grouped": widget.use_fieldset,
        "single_check": isinstance(widget, CheckboxInput),
    }


@register.inclusion_tag("_components/error_summary.html")
def error_summary(form: BaseForm | str | None) -> dict[str, Any]:
    """The box "There is a problem": each line leads to its field and says what stands beside it."""
    if not isinstance(form, BaseForm) or not form.is_bound:
        return {"problems": [], "others": []}
    fields = [(_target(form[name]), error) for name in form.fields for error in form.errors.get(name, ())]
    return {"problems": fields, "others": list(form.non_field_errors())}


def _target(bound: BoundField) -> str:
    """The id of the control that a line leads to; of a group, its first one."""
    return bound.id_for_label or (f"{bound.auto_id}_0" if bound.field.widget.use_fieldset else bound.auto_id)
