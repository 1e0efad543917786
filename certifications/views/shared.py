"""What the settings pages share: who may change something, and a save that came second."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.permissions import Capability
from accounts.web import check
from certifications.web import ConflictView


def looks(request: HttpRequest, capability: Capability) -> dict[str, Any]:
    """Whether the person may change what the page shows, and otherwise the sentence that names who may."""
    try:
        check(request, capability)
    except PermissionDenied as refusal:
        return {"may_edit": False, "refusal": str(refusal)}
    return {"may_edit": True, "refusal": ""}


def refused(
    request: HttpRequest, template: str, context: dict[str, Any], form: Any, shown: ConflictView, **again: object
) -> HttpResponse:
    """The page of a save that came second: both values, and the form ready to save over what is there now.

    ``again`` holds the hidden fields that name what was looked at.
    """
    data = request.POST.copy()
    for name, value in again.items():
        data[name] = str(value)
    form.data = data
    context = {"form": form, **context, "conflict": shown}
    return render(request, template, context, status=409)
