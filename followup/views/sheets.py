"""The checklist of an audit as a spreadsheet, down and up."""

from __future__ import annotations

import io

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.permissions import Capability
from accounts.web import allowed
from audits.actions import add_questions
from audits.forms.checklist import SheetForm
from audits.views.shared import EDIT, frame, load
from certifications.web import actor, attempt, posted, show
from followup.sheets import read_sheet, write_sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allowed(Capability.VIEW)
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions with their latest answers as XLSX."""
    audit = load(pk)
    stream = io.BytesIO()
    write_sheet(audit, stream)
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in f"checklist-{audit}.xlsx")
    return HttpResponse(
        stream.getvalue(), content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@allowed(EDIT)
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the questions of a spreadsheet, all or none."""
    audit = load(pk)
    form = SheetForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: add_questions(audit, read_sheet(form.cleaned_data["file"].file), actor(request)))
        if made is not None:
            text = ngettext("%(count)d question is added.", "%(count)d questions are added.", len(made))
            messages.success(request, text % {"count": len(made)})
            return redirect("audit-checklist", pk)
    context = {**frame(request, audit, "audit-checklist"), "title": _("Upload a checklist")}
    return show(request, "followup/upload.html", context, form)
