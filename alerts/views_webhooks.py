"""Webhooks: where other systems are told, their secrets (shown once), and the last deliveries of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.models import Organization
from accounts.permissions import Capability
from accounts.web import allowed
from alerts import webhook_actions as actions
from alerts.forms import WebhookForm
from alerts.models import Webhook, WebhookDelivery
from certifications.actions import Refused
from certifications.views.shared import refused
from certifications.web import actor, attempt, posted, show, show_conflict
from records.editing import Conflict

MANAGE = Capability.MANAGE
SHOWN = 50
LIST, PAGE = "alerts/webhooks.html", "alerts/webhook.html"


@never_cache
@allowed(MANAGE)
def webhooks(request: HttpRequest) -> HttpResponse:
    """The webhooks of the organization; a new one shows its secret once."""
    form, secret = WebhookForm(posted(request)), ""
    organization: Organization = request.organization  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: actions.add_webhook(organization, form.cleaned_data, actor(request)))
        if made:
            secret, form = made[1], WebhookForm()
    failed = Count("deliveries", filter=Q(deliveries__state=WebhookDelivery.State.DEAD))
    rows = Webhook.objects.annotate(failed=failed)
    return show(request, LIST, {"rows": rows, "secret": secret, "topics": dict(Webhook.Topic.choices)}, form)


@never_cache
@allowed(MANAGE)
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook: what it is told of, and its last 50 deliveries; when two people save, both values are shown."""
    row = _row(pk)
    if request.method != "POST":
        return show(request, PAGE, _context(row), WebhookForm.of(row))
    form = WebhookForm(request.POST)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            saved = attempt(form, lambda: actions.change_webhook(row, version, form.cleaned_data, actor(request)))
        except Conflict as conflict:
            shown, again = show_conflict(conflict, form), {"version": conflict.row.version}
            return refused(request, PAGE, _context(row), form, shown, **again)
        if saved:
            messages.success(request, _("Changes are saved."))
            return redirect("webhook", pk)
    return show(request, PAGE, _context(row), form)


def _row(pk: int) -> Webhook:
    row: Webhook = get_object_or_404(Webhook.objects.select_related("organization"), pk=pk)
    return row


def _context(row: Webhook, secret: str = "") -> dict[str, Any]:
    return {"row": row, "secret": secret, "now": clock.now(), "deliveries": row.deliveries.all()[:SHOWN]}


@never_cache
@allowed(MANAGE)
@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, shown once; the former one signs beside it for a day."""
    row = _row(pk)
    secret = actions.rotate_secret(row, actor(request))
    return show(request, PAGE, _context(_row(pk), secret), WebhookForm.of(row))


@allowed(MANAGE)
@require_POST
def ping(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test."""
    row = _row(pk)
    return _done(request, pk, lambda: actions.ping(row, actor(request)), _("A test is on its way."))


@allowed(MANAGE)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a webhook or start it again."""
    row = _row(pk)
    said = _("The webhook is stopped.") if row.active else _("The webhook is started.")
    return _done(request, pk, lambda: actions.set_active(row, not row.active, actor(request)), said)


@allowed(MANAGE)
@require_POST
def again(request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
    """Send one delivery once more."""
    found = get_object_or_404(
        WebhookDelivery.objects.select_related("webhook__organization"), pk=delivery, webhook_id=_row(pk).pk
    )
    return _done(request, pk, lambda: actions.send_again(found, actor(request)), _("It is on its way again."))


def _done(request: HttpRequest, pk: int, door: Callable[[], object], said: str) -> HttpResponse:
    try:
        door()
        messages.success(request, said)
    except Refused as problem:
        messages.error(request, str(problem))
    return redirect("webhook", pk)


@allowed(MANAGE)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a webhook away with its deliveries."""
    row = _row(pk)
    actions.remove_webhook(row, actor(request))
    messages.success(request, _("%s is told nothing any more.") % row)
    return redirect("webhooks")
