"""The rules of schemes: read them, copy a scheme, change its numbers, choose how its deadlines move certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.permissions import Capability
from accounts.templatetags.ui import day, noun
from accounts.web import allowed
from certifications import actions
from certifications.actions.schemes import check_version
from certifications.catalog import catalog
from certifications.forms_schemes import CopyForm, MovingForm, RulesForm
from certifications.models import Scheme, SchemeVersion
from certifications.scheme_words import Difference, differences, groups, rule_line, rule_title
from certifications.shifts import Effect, effect_of_version
from certifications.views.shared import looks, refused
from certifications.web import ConflictField, ConflictView, actor, attempt, posted, show, show_conflict
from lifecycle.policy import Policy
from records.editing import Conflict

EDIT = Capability.EDIT_SCHEMES
CHANGE, MOVING = "certifications/schemes/change.html", "certifications/schemes/moving.html"


@allowed(Capability.VIEW_ORGANIZATION)
def scheme_list(request: HttpRequest) -> HttpResponse:
    """Schemes, those that certificates use first."""
    rows = Scheme.objects.annotate(
        used=Count("certificates", distinct=True), last_number=Max("versions__number")
    ).order_by("own_deadlines", "-used", "title")
    return render(request, "certifications/schemes/list.html", {"rows": rows, **looks(request, EDIT)})


@dataclass(frozen=True)
class VersionLine:
    """A published version with what it changed against the one before."""

    version: SchemeVersion
    changes: list[Difference]
    state: str


@allowed(Capability.VIEW_ORGANIZATION)
def scheme_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules of a scheme in words, with their sources, and its versions."""
    scheme = load(pk)
    today = clock.today(scheme.organization)
    versions = list(scheme.versions.select_related("published_by").order_by("number"))
    base, shipped = catalog().policy(scheme.catalog_id), catalog()
    policy = _policy(base, _in_force(versions, today))
    context = {
        "scheme": scheme,
        "today": today,
        "base": base,
        "current": _in_force(versions, today),
        "groups": [
            (group.title, [rule_line(policy, base, shipped, rule) for rule in group.rules])
            for group in groups(policy, scheme.own_deadlines)
        ],
        "versions": _version_lines(base, versions, today),
        "used": scheme.certificates.count(),
        **looks(request, EDIT),
    }
    return render(request, "certifications/schemes/scheme.html", context)


def load(pk: int) -> Scheme:
    """A scheme of the organization; 404 for any other."""
    scheme: Scheme = get_object_or_404(Scheme.objects.select_related("organization"), pk=pk)
    return scheme


def _policy(base: Policy, version: SchemeVersion) -> Policy:
    return base.with_rules(version.rules) if version.rules else base


def _in_force(versions: list[SchemeVersion], today: Any) -> SchemeVersion:
    """The version that holds for clocks that start today."""
    return next((v for v in reversed(versions) if v.effective_on <= today), versions[0])


def _version_lines(base: Policy, versions: list[SchemeVersion], today: Any) -> list[VersionLine]:
    """Every version, newest first."""
    current = _in_force(versions, today)
    lines, before = [], base
    for version in versions:
        policy = _policy(base, version)
        state = "active" if version is current else "planned" if version.effective_on > today else "closed"
        lines.append(VersionLine(version, differences(before, policy), state))
        before = policy
    return lines[::-1]


@allowed(EDIT)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change numbers: look at what would move, then publish them as a new version."""
    scheme = load(pk)
    base, latest = catalog().policy(scheme.catalog_id), _latest(scheme)
    publishing = request.POST.get("step") == "publish"
    form = _rules_form(posted(request), scheme, base, latest, publishing)
    effect = None
    if request.method == "POST" and form.is_valid():
        rules = form.rules(base, latest.rules)
        if not publishing:
            effect = _effect(scheme, form, rules)
        else:
            try:
                made = attempt(form, lambda: _publish(scheme, form, rules, request))
            except Conflict as conflict:
                return _show_both(request, scheme, form, conflict)
            if made:
                messages.success(request, _published(made))
                return redirect("scheme", pk)
    return show(request, CHANGE, _change_context(scheme, latest, form, effect), form)


def _latest(scheme: Scheme) -> SchemeVersion:
    latest = scheme.versions.order_by("-number").select_related("published_by").first()
    if latest is None:
        raise Http404
    return latest


def _rules_form(
    given: QueryDict | None, scheme: Scheme, base: Policy, latest: SchemeVersion, publishing: bool
) -> RulesForm:
    policy = _policy(base, latest)
    shown = [rule for group in groups(policy, scheme.own_deadlines) for rule in group.rules]
    initial = {"based_on": latest.number, "effective_on": clock.today(scheme.organization)}
    return RulesForm(given, policy=policy, rules=shown, publishing=publishing, initial=initial)


def _effect(scheme: Scheme, form: RulesForm, rules: dict[str, Any]) -> Effect | None:
    """What publishing would do; None when the day or a number is refused, said beside its field."""
    effective_on = form.cleaned_data["effective_on"]
    errors = check_version(scheme, rules, effective_on)
    for name, problem in errors.items():
        form.add_error(name if name in form.fields else None, problem)
    return None if errors else effect_of_version(scheme, rules, effective_on)


def _publish(scheme: Scheme, form: RulesForm, rules: dict[str, Any], request: HttpRequest) -> SchemeVersion:
    given = form.cleaned_data
    return actions.publish_version(
        scheme, rules, given["effective_on"], given["reason"], actor(request), based_on=given["based_on"]
    )


def _published(version: SchemeVersion) -> str:
    words = {"number": version.number, "scheme": version.scheme, "day": day(version.effective_on)}
    return _("Version %(number)d of %(scheme)s is published and holds from %(day)s.") % words


def _change_context(scheme: Scheme, latest: SchemeVersion, form: RulesForm, effect: Effect | None) -> dict[str, Any]:
    policy = form.policy
    return {
        "scheme": scheme,
        "number": latest.number + 1,
        "effect": effect,
        "groups": [
            (group.title, [(rule, rule_title(rule), form.fields_of(rule)) for rule in group.rules])
            for group in groups(policy, scheme.own_deadlines)
        ],
    }


def _show_both(request: HttpRequest, scheme: Scheme, form: RulesForm, conflict: Conflict) -> HttpResponse:
    """Somebody else published meanwhile: both values of each number, and the form ready to publish over theirs."""
    latest = _latest(scheme)
    fields = [
        ConflictField(str(form.fields[name].label), theirs, conflict.yours[name])
        for name, theirs in conflict.theirs.items()
        if name in form.fields
    ]
    shown = ConflictView(str(latest.published_by or ""), latest.published_at, fields)
    return refused(request, CHANGE, _change_context(scheme, latest, form, None), form, shown, based_on=latest.number)


@allowed(EDIT)
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that says what would move, while numbers are typed; nothing is saved."""
    scheme = load(pk)
    base, latest = catalog().policy(scheme.catalog_id), _latest(scheme)
    form = _rules_form(request.GET, scheme, base, latest, publishing=False)
    effect = _effect(scheme, form, form.rules(base, latest.rules)) if form.is_valid() else None
    return render(request, "certifications/schemes/_changes.html", {"scheme": scheme, "form": form, "effect": effect})


@allowed(EDIT)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy a scheme under a title of the organization's own."""
    scheme = load(pk)
    form = CopyForm(posted(request), initial={"title": _("%s (our copy)") % scheme.title[:180]})
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: actions.copy_scheme(scheme, form.cleaned_data["title"], actor(request)))
        if made:
            messages.success(request, _("%s is copied. Choose it on the certificates it holds for.") % made)
            return redirect("scheme", made.pk)
    return show(request, "certifications/schemes/copy.html", {"scheme": scheme}, form)


@allowed(EDIT)
def moving(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose whether passed deadlines move certificates or only propose the move."""
    scheme = load(pk)
    form = MovingForm(request.POST) if request.method == "POST" else MovingForm.of(scheme)
    context: dict[str, Any] = {"scheme": scheme, "used": scheme.certificates.count()}
    if request.method != "POST" or not form.is_valid():
        return show(request, MOVING, context, form)
    try:
        given = form.cleaned_data
        saved = actions.set_moving(scheme, given["version"], given["moving"], actor(request))
    except Conflict as conflict:
        shown = show_conflict(conflict, form)
        return refused(request, MOVING, context, form, shown, version=conflict.row.version)
    messages.success(request, f"{saved}: {noun(saved.get_moving_display())}.")
    return redirect("scheme", pk)
