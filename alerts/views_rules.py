"""Alert rules: sentences that say who is mailed when, what they would have sent, and at what hours mails go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organization
from accounts.permissions import Capability
from accounts.web import allowed
from alerts.actions import send_test
from alerts.forms import AlertRuleForm, TimesForm
from alerts.rehearsal import rehearse
from certifications.actions import Refused
from certifications.actions.alert_rules import add_alert_rule, change_alert_rule, remove_alert_rule
from certifications.actions.organization import ChangedMeanwhile, change_organization
from certifications.alert_words import sentence
from certifications.alerting import Rule
from certifications.models import AlertRule
from certifications.views.shared import looks, refused
from certifications.web import ConflictField, ConflictView, actor, attempt, show, show_conflict
from records.editing import Conflict

EDIT = Capability.EDIT_ALERTS
LIST, FORM = "alerts/rules.html", "alerts/rule.html"


@dataclass(frozen=True)
class Line:
    """A rule in words, and how many mails it would have sent in the last 30 days."""

    row: AlertRule
    words: str
    mails: int


def _organization(request: HttpRequest) -> Organization:
    organization: Organization = request.organization  # type: ignore[attr-defined]
    return organization


@allowed(Capability.VIEW_ORGANIZATION)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule with what it would have sent, and the hours."""
    return show(request, LIST, _list_context(request), TimesForm.of(_organization(request)))


def _list_context(request: HttpRequest) -> dict[str, Any]:
    rows = list(AlertRule.objects.select_related("person", "standard", "site"))
    sent = rehearse(_organization(request), {row.pk: Rule.of(row) for row in rows})
    lines = [Line(row, sentence(row), len(sent[row.pk])) for row in rows]
    return {"lines": lines, **looks(request, EDIT)}


@allowed(EDIT)
@require_POST
def times(request: HttpRequest) -> HttpResponse:
    """Save when managers are told and at what hours mails go out."""
    form = TimesForm(request.POST)
    if form.is_valid():
        organization = _organization(request)
        try:
            saved = attempt(
                form, lambda: change_organization(organization, form.seen(), form.changes(), actor(request))
            )
        except ChangedMeanwhile as conflict:
            again = {f"seen_{name}": conflict.theirs[name] or "" for name in form.FIELDS}
            return refused(request, LIST, _list_context(request), form, _both(form, conflict), **again)
        if saved:
            messages.success(request, _("The hours of mails are saved."))
            return redirect("settings-alerts")
    return show(request, LIST, _list_context(request), form)


def _both(form: TimesForm, conflict: ChangedMeanwhile) -> ConflictView:
    yours, theirs = form.changes(), conflict.theirs
    fields = [
        ConflictField(str(form.fields[name].label), str(theirs[name] or ""), str(yours[name] or ""))
        for name in form.FIELDS
        if theirs[name] != yours[name]
    ]
    return ConflictView("", None, fields)


@allowed(EDIT)
def add(request: HttpRequest) -> HttpResponse:
    """Build a sentence; what it would have sent is shown before it is saved."""
    form = _form(request, AlertRuleForm())
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: add_alert_rule(_organization(request), form.facts(), actor(request)))
        if made:
            messages.success(request, _("The rule is added: %s") % sentence(made))
            return redirect("settings-alerts")
    return show(request, FORM, {"row": None, **_preview(request, form)}, form)


@allowed(EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a sentence; when somebody else saved first, both values are shown."""
    row = _row(pk)
    form = _form(request, AlertRuleForm.of(row))
    context: dict[str, Any] = {"row": row, "words": sentence(row)}
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            saved = attempt(form, lambda: change_alert_rule(row, version, form.facts(), actor(request)))
        except Conflict as conflict:
            again = {"version": conflict.row.version}
            return refused(
                request, FORM, context | _preview(request, form), form, show_conflict(conflict, form), **again
            )
        if saved:
            messages.success(request, _("The rule is changed: %s") % sentence(_row(pk)))
            return redirect("settings-alerts")
    return show(request, FORM, context | _preview(request, form), form)


def _row(pk: int) -> AlertRule:
    rows = AlertRule.objects.select_related("organization", "person", "standard", "site")
    row: AlertRule = get_object_or_404(rows, pk=pk)
    return row


def _form(request: HttpRequest, fresh: AlertRuleForm) -> AlertRuleForm:
    """What was sent, or what is being looked at (in the address), else ``fresh``."""
    if request.method == "POST":
        return AlertRuleForm(request.POST)
    return AlertRuleForm(request.GET) if "recipient" in request.GET else fresh


@allowed(EDIT)
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """The part of the page that says what the rule would have sent, while it is built."""
    return render(request, "alerts/_preview.html", _preview(request, AlertRuleForm(request.GET)))


def _preview(request: HttpRequest, form: AlertRuleForm) -> dict[str, Any]:
    """The draft in words with the mails of the last 30 days; nothing while it has errors."""
    bound = form if form.is_bound else AlertRuleForm({name: _shown(form, name) for name in form.fields})
    if not bound.is_valid():
        return {"draft": "", "sent": None}
    draft = bound.draft(_organization(request))
    return {"draft": sentence(draft), "sent": rehearse(draft.organization, {0: Rule.of(draft)})[0]}


def _shown(form: AlertRuleForm, name: str) -> Any:
    value = form.get_initial_for_field(form.fields[name], name)
    value = getattr(value, "pk", value)
    return value if value is not None else ""


@allowed(EDIT)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a rule away."""
    row = _row(pk)
    remove_alert_rule(row, actor(request))
    messages.success(request, _("Removed: %s") % sentence(row))
    return redirect("settings-alerts")


@allowed(EDIT)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail the person of the request what the rule would say of the next deadline it covers."""
    try:
        send_test(_row(pk), actor(request))
        messages.success(request, _("A test mail to %s is on its way.") % request.user.get_username())
    except Refused as problem:
        messages.error(request, str(problem))
    return redirect("settings-alerts")
