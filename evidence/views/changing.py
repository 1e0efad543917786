"""Adding evidence, and changing what is known of it; each form goes through a door."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.fields import people
from accounts.permissions import Capability
from accounts.web import allowed, check
from evidence import actions
from evidence.forms import AttachForm, FactsForm, FileForm, ReasonForm, ReviseForm, UseForm
from evidence.views.shared import actor, attempt, load, load_to_change, show, subject_named
from records.editing import Conflict


@allowed(Capability.VIEW)
def add(request: HttpRequest, subject_type: str, subject_id: int) -> HttpResponse:
    """Attach a file to a record, and go back to it; a refused file is said beside the field, the rest is kept."""
    kind, subject = subject_named(subject_type, subject_id)
    check(request, kind.writes)
    form = AttachForm(request.POST, request.FILES) if request.method == "POST" else AttachForm()
    if form.is_bound and form.is_valid():
        facts = {**form.facts(), "owner": request.user}
        made = attempt(form, lambda: actions.attach(subject, _given(form), actor(request), **facts), "file")
        if made:
            messages.success(request, _("“%(title)s” is attached.") % {"title": made})
            return redirect(kind.url(subject))
    use_form = UseForm()
    context = {"subject": kind.title(subject), "subject_url": kind.url(subject), "use_form": use_form}
    return show(
        request, "evidence/add.html", form, subject_type=subject_type, subject_id=subject_id, sending=True, **context
    )


@require_POST
@allowed(Capability.VIEW)
def use(request: HttpRequest, subject_type: str, subject_id: int) -> HttpResponse:
    """Let evidence that is here already support one more record."""
    kind, subject = subject_named(subject_type, subject_id)
    check(request, kind.writes)
    form = UseForm(request.POST)
    if form.is_valid() and attempt(form, lambda: _link(request, form, subject), "evidence"):
        messages.success(request, _("“%(title)s” is attached.") % {"title": form.cleaned_data["evidence"]})
        return redirect(kind.url(subject))
    context = {"subject": kind.title(subject), "subject_url": kind.url(subject), "use_form": form}
    return show(
        request, "evidence/add.html", form, subject_type=subject_type, subject_id=subject_id, sending=False, **context
    )


def _link(request: HttpRequest, form: UseForm, subject: Any) -> bool:
    actions.link(form.cleaned_data["evidence"], subject, actor(request))
    return True


def _given(form: FileForm) -> actions.Given:
    """The file of a form, as the doors take it."""
    return actions.Given(
        name=form.upload.name or "",
        chunks=form.upload.chunks(),
        effective_on=form.cleaned_data["effective_on"],
        reason=form.cleaned_data.get("reason", ""),
    )


@allowed(Capability.VIEW)
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a newer file of the same document."""
    found, _supports = load_to_change(request, pk)
    form = ReviseForm(request.POST, request.FILES) if request.method == "POST" else ReviseForm()
    if form.is_bound and form.is_valid():
        expires_on = form.cleaned_data["expires_on"]
        if attempt(form, lambda: actions.revise(found, _given(form), actor(request), expires_on), "file"):
            messages.success(request, _("“%(title)s” has a newer file.") % {"title": found})
            return redirect("evidence", pk)
    title, verb = _("A newer file"), _("Send the file")
    return show(request, "evidence/form.html", form, found=found, title=title, verb=verb, sends_file=True)


@allowed(Capability.VIEW)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change title, owner, note and the day until which it is valid."""
    found, _supports = load_to_change(request, pk)
    names = ("version", "title", "owner", "expires_on", "note")
    initial = {name: getattr(found, name) for name in names}
    form = FactsForm(request.POST if request.method == "POST" else None, members=people(), initial=initial)
    if form.is_bound and form.is_valid():
        try:
            version, changes = form.cleaned_data["version"], form.changes()
            if attempt(form, lambda: actions.change_evidence(found, version, changes, actor(request))):
                messages.success(request, _("“%(title)s” is saved.") % {"title": found})
                return redirect("evidence", pk)
        except Conflict as conflict:
            form.add_error(None, _conflict_words(conflict))
            form.data = {**request.POST.dict(), "version": str(conflict.row.version)}
    title, verb = _("Change what is known of it"), _("Save")
    return show(request, "evidence/form.html", form, found=found, title=title, verb=verb)


def _conflict_words(conflict: Conflict) -> str:
    """What the other person saved; saving again lays one's own over it."""
    theirs = "; ".join(f"{name.replace('_', ' ')}: {value or '–'}" for name, value in conflict.theirs.items())
    return _(
        "Somebody else saved meanwhile. Theirs: %(theirs)s. Yours stands below; save again to put it in place."
    ) % {"theirs": theirs}


@allowed(Capability.VIEW)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take evidence out of use, with a reason."""
    found, _supports = load_to_change(request, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        attempt(form, lambda: actions.withdraw(found, actor(request), form.cleaned_data["reason"]), "reason")
        if not form.errors:
            messages.success(request, _("“%(title)s” is withdrawn.") % {"title": found})
            return redirect("evidence", pk)
    intro = _("It leaves the lists and the records it supports. Its files stay for the history and can still be read.")
    title, verb = _("Withdraw this evidence"), _("Withdraw")
    return show(request, "evidence/form.html", form, found=found, title=title, verb=verb, intro=intro, danger=True)


@allowed(Capability.VIEW)
def unlink(request: HttpRequest, pk: int, subject_type: str, subject_id: int) -> HttpResponse:
    """Take evidence from one record, with a reason."""
    found = load(pk)
    kind, subject = subject_named(subject_type, subject_id)
    check(request, kind.writes)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        actions.unlink(found, subject, actor(request), form.cleaned_data["reason"])
        messages.success(request, _("“%(title)s” supports this record no longer.") % {"title": found})
        return redirect(kind.url(subject))
    title = _("Take it from %(record)s") % {"record": kind.title(subject)}
    return show(request, "evidence/form.html", form, found=found, title=title, verb=_("Take it away"), danger=True)
