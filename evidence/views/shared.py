"""What the pages of evidence share: finding rows that the person may see, and what a refused door says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.models import User
from accounts.permissions import Capability
from accounts.tenancy import OrganizationRow
from accounts.web import can, check
from evidence.kinds import KINDS, Kind
from evidence.models import Evidence
from evidence.queries import Supported, supported, visible, with_files
from records.record import Actor

Made = TypeVar("Made")
FREE = Capability.EDIT_CERTIFICATES  # evidence that supports nothing any more is the compliance officer's


def load(pk: int) -> Evidence:
    """The evidence with its files; 404 when the person may see none of the records it supports."""
    return get_object_or_404(with_files(visible()), pk=pk)


def subject_named(subject_type: str, subject_id: int) -> tuple[Kind, OrganizationRow]:
    """The record that an address names; a foreign one does not exist."""
    if subject_type not in KINDS:
        raise Http404
    kind = KINDS[subject_type]
    return kind, get_object_or_404(kind.model.objects, pk=subject_id)


def capabilities(supports: list[Supported]) -> list[Capability]:
    """Each of these alone lets a person change the evidence."""
    return [record.kind.writes for record in supports] or [FREE]


def may_change(request: HttpRequest, supports: list[Supported]) -> bool:
    """Whether the person may work on one of the records that the evidence supports."""
    return any(can(request, capability) for capability in capabilities(supports))


def load_to_change(request: HttpRequest, pk: int) -> tuple[Evidence, list[Supported]]:
    """The evidence, for somebody who may change it."""
    found = load(pk)
    supports = supported(found.uses.all())
    if not may_change(request, supports):
        check(request, capabilities(supports)[0])
    return found, supports


def actor(request: HttpRequest) -> Actor:
    """The person of the request, as history names them."""
    assert isinstance(request.user, User)
    return Actor.person(request.user)


def attempt(form: BaseForm, door: Callable[[], Made], beside: str = "") -> Made | None:
    """Go through the door; what it refuses is said beside the fields, what concerns none beside ``beside``."""
    try:
        return door()
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            form.add_error(beside or None, error.messages[0])
            return None
        for name, messages in error.message_dict.items():
            form.add_error(name if name in form.fields else beside or None, messages[0])
    return None


def show(request: HttpRequest, template: str, form: BaseForm | None = None, **context: Any) -> HttpResponse:
    """Render a page; one whose form has errors answers 422."""
    refused = form is not None and form.is_bound and bool(form.errors)
    return render(request, template, {"form": form, **context}, status=422 if refused else 200)
