"""Pages of papers: ask, wait, fetch."""

from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.permissions import Capability
from accounts.web import allowed
from records.models import RenderedPdf
from records.papers import PAPERS, ask


@require_POST
@allowed(Capability.VIEW)
def ask_paper(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Ask for a paper about a record and go to the page on which it appears."""
    if kind not in PAPERS:
        raise Http404
    row = get_object_or_404(PAPERS[kind].model.objects, pk=pk)
    return redirect("paper", ask(kind, row, request.user).pk)  # type: ignore[arg-type]


@allowed(Capability.VIEW)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a paper is; the page asks again by itself until it is ready."""
    found = get_object_or_404(RenderedPdf.objects.select_related("asked_by"), pk=pk)
    waiting = found.state in {RenderedPdf.State.WAITING, RenderedPdf.State.WORKING}
    context = {"paper": found, "title": PAPERS[found.kind].title, "waiting": waiting}
    response = render(request, "records/paper.html", context)
    if waiting:
        response["Refresh"] = "2"
    return response


@allowed(Capability.VIEW)
def paper_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF itself, as an attachment."""
    found = get_object_or_404(RenderedPdf.objects.filter(state=RenderedPdf.State.READY), pk=pk)
    response: Any = FileResponse(
        found.file.open("rb"), as_attachment=True, filename=f"{found.kind}-{found.subject_id}.pdf"
    )
    response["Content-Type"] = "application/pdf"
    return cast(HttpResponse, response)
