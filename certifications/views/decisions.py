"""Decisions of the certification body: choose the kind, look at what it does to the dates, record it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import clock
from accounts.permissions import Capability
from accounts.templatetags.ui import day
from accounts.web import allowed
from certifications import actions
from certifications.forms import DecisionForm, StrikeForm
from certifications.insight import insight, record_choices
from certifications.models import Certificate, Decision
from certifications.rehearsal import Compared, compared
from certifications.sentences import refusal
from certifications.signing import RECORD_DECISION
from certifications.states import DecisionKind, decisions_from
from certifications.views.reading import heading, load
from certifications.web import actor, attempt, by, posted, show

EDIT = Capability.EDIT_CERTIFICATES
MEANING = {
    "certify": gettext_noop("Initial certification, or a new one after the old has ended."),
    "recertify": gettext_noop("A new cycle follows the present one."),
    "transition": gettext_noop("The certificate moves to another edition of the standard."),
    "suspend": gettext_noop("The body suspends, or confirms a suspension that the rules already brought."),
    "lift": gettext_noop("The suspension ends; the certificate is active again."),
    "extend_suspension": gettext_noop("The suspension may last longer than the scheme's limit."),
    "withdraw": gettext_noop("The body withdraws, or confirms a withdrawal that the rules already brought."),
    "reinstate": gettext_noop("A withdrawal is taken back."),
    "reduce_scope": gettext_noop("Parts of the scope or sites are no longer covered."),
    "transfer": gettext_noop("Another body takes the certificate over."),
    "appeal_outcome": gettext_noop("What came of an appeal."),
}


@allowed(EDIT)
def choose_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """The kinds of decision, those that are possible now apart from the others."""
    row = load(pk)
    possible = decisions_from(row.status)
    kinds = [(kind.value, kind.label, _(MEANING[kind.value])) for kind in DecisionKind]
    context = {
        **heading(row, clock.today(row.organization)),
        "possible": [kind for kind in kinds if kind[0] in possible],
        "impossible": [kind for kind in kinds if kind[0] not in possible],
    }
    return render(request, "certifications/decision_kinds.html", context)


@allowed(EDIT)
def decide(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Enter a decision, look at its effect on the dates, and record it."""
    if kind not in DecisionKind.values:
        raise Http404
    row = load(pk)
    today = clock.today(row.organization)
    form = DecisionForm(
        posted(request), kind=kind, certificate=row, records=record_choices(row, insight(row, today, ()))
    )
    if request.POST.get("step") == "record":
        form.ask_to_sign(RECORD_DECISION.name, row, request)
    effect = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("step") == "record":
            if attempt(form, lambda: actions.record_decision(row, form.facts(), by(request, form))):
                messages.success(
                    request,
                    _("“%(decision)s” is recorded for %(row)s.") % {"decision": DecisionKind(kind).label, "row": row},
                )
                return redirect("certificate", pk)
        else:
            effect = _effect(row, form)
            form.ask_to_sign(RECORD_DECISION.name, row, request)
    context = {
        **heading(row, today),
        "title": DecisionKind(kind).label,
        "meaning": MEANING[kind],
        "effect": effect,
    }
    return show(request, "certifications/decision.html", context, form)


def _effect(row: Certificate, form: DecisionForm) -> list[Compared] | None:
    """What the decision would do; None when it is refused, with the reason beside the form."""
    preview = attempt(form, lambda: actions.preview_decision(row, form.facts()))
    if preview is None:
        return None
    if preview.refused and preview.violation:
        status = preview.before.answers[-1].status
        decision = Decision(kind=form.kind, decided_on=form.cleaned_data["decided_on"])
        form.add_error(None, refusal(decision, preview.violation, status, decisions_from(status)))
        return None
    before, after = preview.before.answers[-1], preview.after.answers[-1]
    return compared(before, after, preview.forecast_before, preview.forecast_after)


@allowed(EDIT)
def strike(request: HttpRequest, pk: int, decision: int) -> HttpResponse:
    """Take back a decision that was recorded by mistake."""
    row = get_object_or_404(
        Decision.objects.select_related("certificate__organization"), pk=decision, certificate_id=pk
    )
    form = StrikeForm(posted(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: actions.strike_decision(row, actor(request), form.cleaned_data["reason"])) is not None
    ):
        messages.success(
            request,
            _("“%(decision)s” of %(day)s is struck.")
            % {"decision": row.get_kind_display(), "day": day(row.decided_on)},
        )
        return redirect("certificate", pk)
    context = {
        **heading(load(pk), clock.today(row.certificate.organization)),
        "title": _("Strike “%(decision)s” of %(day)s")
        % {"decision": row.get_kind_display(), "day": day(row.decided_on)},
        "verb": _("Strike the decision"),
        "danger": True,
        "intro": _("The decision stays in the history with your reason; the dates are worked out again without it."),
    }
    return show(request, "certifications/small_form.html", context, form)
