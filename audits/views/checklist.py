"""The checklist of an audit at the desk: questions, answers, download and upload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.permissions import Capability
from accounts.web import allowed
from audits import actions
from audits.actions.checklist import new_uid
from audits.forms.checklist import AnswerForm, ClausesForm, EarlierForm, QuestionForm
from audits.models import Audit, ChecklistItem
from audits.progress import groups_of, latest_answers, progress_of
from audits.states import AHEAD, CAPTURING
from audits.views.shared import CAPTURE, EDIT, frame, load
from certifications.web import actor, attempt, show


@allowed(Capability.VIEW)
def checklist_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Every question with its latest answer; what was looked at and what was found are two bars."""
    return _page(request, load(pk))


def _page(request: HttpRequest, audit: Audit, bound: forms.Form | None = None) -> HttpResponse:
    items = list(audit.items.select_related("edition__standard"))
    answers = latest_answers(audit)
    ways: dict[str, forms.Form] = {
        "clauses": ClausesForm(of=audit, auto_id="id_c_%s"),
        "earlier": EarlierForm(but=audit, auto_id="id_e_%s"),
        "own": QuestionForm(auto_id="id_q_%s"),
    }
    for name, form in ways.items():
        if type(form) is type(bound):
            ways[name] = bound
    context = {
        **frame(request, audit, "audit-checklist"),
        "progress": progress_of(items, answers),
        "groups": groups_of(items, answers),
        "ways": ways,
        "capturing": audit.state in CAPTURING,
        "preparing": audit.state in (*AHEAD, "held"),
    }
    return show(request, "audits/checklist.html", context, bound)


@require_POST
@allowed(EDIT)
def add_questions(request: HttpRequest, pk: int, way: str) -> HttpResponse:
    """Questions from the clauses of a standard, from an earlier audit, or one of one's own."""
    audit = load(pk)
    by = actor(request)
    form: Any
    if way == "clauses":
        form = ClausesForm(request.POST, auto_id="id_c_%s")
        door = lambda: actions.checklist_from_clauses(audit, form.cleaned_data["edition"], by, form.numbers())  # noqa: E731
    elif way == "earlier":
        form = EarlierForm(request.POST, but=audit, auto_id="id_e_%s")
        door = lambda: actions.checklist_from_audit(audit, form.cleaned_data["audit"], by)  # noqa: E731
    else:
        form = QuestionForm(request.POST, auto_id="id_q_%s")
        door = lambda: [actions.add_question(audit, form.cleaned_data, by)]  # noqa: E731
    made = attempt(form, door) if form.is_valid() else None
    if made is None:
        return _page(request, audit, form)
    messages.success(request, _added(len(made)))
    return redirect("audit-checklist", pk)


def _added(count: int) -> str:
    if not count:
        return _("These questions stand in the checklist already.")
    words = ngettext("%(count)d question is added.", "%(count)d questions are added.", count)
    return words % {"count": count}


@require_POST
@allowed(CAPTURE)
def answer(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Answer a question at the desk; a finding leads to its form."""
    audit = load(pk)
    row = get_object_or_404(ChecklistItem.objects.select_related("edition__standard"), pk=item, audit_id=pk)
    form = AnswerForm(request.POST)
    if form.is_valid() and form.cleaned_data["answer"] == "finding":
        return redirect(f"{reverse('finding-new', args=[pk])}?item={item}")
    if form.is_valid():
        given = {**form.cleaned_data, "item": row, "uid": new_uid()}
        attempt(form, lambda: actions.answer_items(audit, [given], actor(request)))
    tell_refusals(request, form)
    return redirect(reverse("audit-checklist", args=[pk]) + f"#q{item}")


@require_POST
@allowed(EDIT)
def remove_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Take a question away that nobody has answered."""
    row = get_object_or_404(ChecklistItem.objects.select_related("audit__organization"), pk=item, audit_id=pk)
    go(request, lambda: actions.remove_item(row, actor(request)))
    return redirect("audit-checklist", pk)


def go(request: HttpRequest, door: Callable[[], object]) -> bool:
    """Go through a door that has no form; a refusal becomes a message on the page."""
    form = forms.Form({})
    form.is_valid()
    done = attempt(form, door)
    tell_refusals(request, form)
    return done is not None or not form.errors


def tell_refusals(request: HttpRequest, form: forms.BaseForm) -> None:
    """What a form without a page of its own refused, as messages."""
    for texts in form.errors.values():
        for text in texts:
            messages.error(request, str(text))
