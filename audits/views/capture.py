"""The screen on which an auditor records what is seen, with or without signal.

The page and its questions are kept on the phone by a service worker. What is recorded goes into the phone's own store
first and is sent from there, item by item; each is taken in once, however often it comes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.web import allowed, check
from audits import actions
from audits.actions.receiving import receive_finding
from audits.forms.capture import CaptureForm
from audits.models import Audit, ChecklistAnswer, ChecklistItem
from audits.progress import latest_answers
from audits.states import CAPTURING, FindingGrade
from audits.views.shared import CAPTURE, frame, load
from certifications.actions import Refused
from certifications.web import actor
from evidence.actions import Given
from evidence.content import FileRefused

WORKER = Path(settings.BASE_DIR) / "static" / "js" / "capture" / "worker.js"
OFFERED = (FindingGrade.MAJOR, FindingGrade.MINOR, FindingGrade.OPPORTUNITY, FindingGrade.GOOD_PRACTICE)
View = Callable[..., HttpResponse]


def for_the_script(view: View) -> View:
    """Open the view to those who may capture, and say in JSON why not: a page in the answer would be lost on it."""

    @wraps(view)
    def guarded(request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.is_authenticated:
            return refusal(_("Sign in again; then it is sent."), 401)
        try:
            check(request, CAPTURE)
            return view(request, pk)
        except PermissionDenied as denied:
            return refusal(str(denied), 403)
        except Http404:
            return refusal(_("This audit does not exist, or you do not belong to it any more."), 404)

    guarded.capability = CAPTURE  # type: ignore[attr-defined]
    return never_cache(guarded)


def refusal(reason: str, status: int) -> JsonResponse:
    """Why something was not taken, in words."""
    return JsonResponse({"reason": reason}, status=status)


@require_GET
@allowed(CAPTURE)
def capture_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The screen itself; what it asks comes with ``capture_data``."""
    context = {**frame(request, load(pk), "audit-checklist"), "grades": OFFERED}
    return render(request, "audits/capture.html", context)


@require_GET
@for_the_script
def capture_data(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions with their latest answers, who is signed in, and a token for sending."""
    audit = load(pk)
    answers = latest_answers(audit)
    body = {
        "audit": audit.pk,
        "open": audit.state in CAPTURING,
        "state": str(audit.get_state_display()),
        "person": request.user.pk,
        "token": get_token(request),
        "questions": [_question(item, answers.get(item.pk)) for item in audit.items.all()],
    }
    return JsonResponse(body)


def _question(item: ChecklistItem, answer: ChecklistAnswer | None) -> dict[str, Any]:
    return {
        "id": item.pk,
        "clause": item.clause,
        "group": item.group,
        "question": item.question,
        "answer": answer.answer if answer else "",
        "evidence": answer.evidence if answer else "",
        "by": answer.answered_by_name if answer else "",
    }


@require_POST
@for_the_script
def capture_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in one item; what cannot be taken says why, and the phone keeps it."""
    audit = load(pk)
    form = CaptureForm(request.POST, request.FILES, audit)
    if not form.is_valid():
        return refusal(_in_words(form.errors.as_data()), 422)
    try:
        return JsonResponse({"uid": str(form.cleaned_data["uid"]), "kept": _receive(request, audit, form)})
    except FileRefused as refused:
        return refusal(str(refused), 422)
    except ValidationError as error:
        return refusal(_in_words(error.error_dict if hasattr(error, "error_dict") else {"": [error]}), 422)
    except Refused as refused:
        return refusal(str(refused), 409)


def _receive(request: HttpRequest, audit: Audit, form: CaptureForm) -> str:
    by = actor(request)
    if not form.is_finding:
        return str(actions.answer_items(audit, [form.seen()], by)[0].pk)
    photos = [Given(name=photo.name or "photo.jpg", chunks=photo.chunks()) for photo in form.photos]
    return str(receive_finding(audit, form.finding(), photos, by))


def _in_words(errors: dict[str, list[ValidationError]]) -> str:
    return " ".join(message for problems in errors.values() for error in problems for message in error.messages)


@require_GET
@never_cache
@allowed(CAPTURE)
def manifest(request: HttpRequest, pk: int) -> HttpResponse:
    """What a phone needs to put the screen of one audit on its home screen, where nothing is cleared after a week."""
    audit = load(pk)
    address = reverse("audit-capture", args=[pk])
    body = {
        "id": address,
        "start_url": address,
        "scope": address,
        "name": _("Audit %(audit)s, %(organization)s") % {"audit": audit, "organization": audit.organization},
        "short_name": str(audit),
        "lang": get_language() or "en",
        "display": "standalone",
        "icons": [{"src": static("favicon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(body, content_type="application/manifest+json")


@require_GET
@never_cache
@allowed(CAPTURE)
def worker(request: HttpRequest, pk: int) -> HttpResponse:
    """The service worker of one audit's screen; its address limits it to that screen."""
    load(pk)
    return HttpResponse(WORKER.read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")
