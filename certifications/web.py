"""What pages share when they go through a door: its refusals become errors of the form, never a failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.models import User
from certifications.actions import Refused
from records.editing import Conflict, clash
from records.forms import SignatureForm
from records.models import Event
from records.record import Actor, subject_type
from records.terms import Terms
from records.wording import who_of

Made = TypeVar("Made")


def actor(request: HttpRequest) -> Actor:
    """The person of the request, as history names them."""
    assert isinstance(request.user, User)
    return Actor.person(request.user)


def by(request: HttpRequest, form: BaseForm) -> Actor:
    """The person of the request, with the signature that the form took."""
    return form.signer(actor(request)) if isinstance(form, SignatureForm) else actor(request)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, for a form; None while the form is only shown. An empty one counts as sent."""
    return request.POST if request.method == "POST" else None


def attempt(form: BaseForm, door: Callable[[], Made]) -> Made | None:
    """Go through the door; returns None after putting what it refused beside the fields."""
    try:
        return door()
    except ValidationError as error:
        for name, messages in _by_field(error).items():
            for message in messages:
                form.add_error(name if name in form.fields else None, message)
    except Refused as refused:
        form.add_error(None, str(refused))
    except IntegrityError as error:
        if not (said := clash(error)):
            raise
        form.add_error(None, said)
    return None


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}


def show(request: HttpRequest, template: str, context: dict[str, Any], form: BaseForm | None = None) -> HttpResponse:
    """Render a page; one whose form has errors answers 422."""
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


@dataclass(frozen=True)
class ConflictField:
    """One field on which two people disagree."""

    label: str
    theirs: str
    yours: str


@dataclass(frozen=True)
class ConflictView:
    """Who saved first, and both values of each field."""

    saved_by: str
    saved_at: datetime | None
    fields: list[ConflictField]


def show_conflict(conflict: Conflict, form: BaseForm) -> ConflictView:
    """Both values of each field in words, with the name of the person who saved first."""
    row = conflict.row
    terms, both = Terms("", subject_type(row)), (conflict.theirs, conflict.yours)
    last = Event.objects.filter(subject_type=subject_type(row), subject_id=row.pk, kind__endswith=".edited").first()
    return ConflictView(
        saved_by=who_of(last) if last else "",
        saved_at=last.recorded_at if last else None,
        fields=[
            ConflictField(_label(form, terms, name), *(_words(terms, name, values[name]) for values in both))
            for name in conflict.theirs
        ],
    )


def _label(form: BaseForm, terms: Terms, name: str) -> str:
    return str(form.fields[name].label) if name in form.fields else terms.heading(name)


def _words(terms: Terms, name: str, value: Any) -> str:
    return "" if value in (None, "", []) else terms.value(name, value)
