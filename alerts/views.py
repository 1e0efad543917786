"""The outbox: every mail of the organization as its reader gets it, and what could not be sent."""

from __future__ import annotations

from functools import wraps
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from accounts.permissions import Capability
from accounts.templatetags.ui import kept
from accounts.web import View, allowed, can, check
from alerts.actions import send_again
from alerts.letters import NotNeeded
from alerts.mail import Mail, lay_out
from alerts.queries import TABS, outbox, queue
from certifications.actions import Refused
from certifications.web import actor
from records.models import Message

MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "frame-ancestors": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "sandbox": ["allow-popups"],
}


def may_read(request: HttpRequest) -> bool:
    """Whether the person may read mails to others: those who may read the outbox; in the demonstration everybody."""
    return settings.DEMO or can(request, Capability.READ_OUTBOX)


def _for_readers(view: View) -> View:
    """Open the view to whoever may read mails to others."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check(request, Capability.VIEW if settings.DEMO else Capability.READ_OUTBOX)
        return view(request, *args, **kwargs)

    return login_required(guarded)


@_for_readers
def outbox_page(request: HttpRequest) -> HttpResponse:
    """Messages, newest first; ``tab`` shows those that wait, were sent, or could not be."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else ""
    before = request.GET.get("before", "")
    lines, following = outbox(tab, int(before) if before.isdecimal() else None)
    return render(
        request,
        "alerts/outbox.html",
        {"lines": lines, "following": following, "tab": tab, "queue": queue(), "before": before},
    )


@_for_readers
def message_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: as it was sent, or as it would be sent now."""
    message = _message(pk)
    mail, reason = _mail(message)
    return render(
        request,
        "alerts/message.html",
        {"message": message, "mail": mail, "reason": reason, "may_send": can(request, Capability.READ_OUTBOX)},
    )


@xframe_options_sameorigin
@csp(MAIL_POLICY)
@_for_readers
def message_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part alone, shut in: it runs nothing, loads nothing and may be framed by our own page only."""
    mail, reason = _mail(_message(pk))
    return HttpResponse(mail.html if mail else kept(reason))


@allowed(Capability.READ_OUTBOX)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a message that could not be sent back into the queue."""
    message = _message(pk)
    try:
        send_again(message, actor(request))
        messages.success(request, _("The message to %s waits to be sent again.") % message.recipient)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("outbox-message", pk)


def _message(pk: int) -> Message:
    return get_object_or_404(Message.objects.select_related("recipient", "organization"), pk=pk)


def _mail(message: Message) -> tuple[Mail | None, str]:
    """The mail, and why there is none."""
    if message.mail_subject:
        return Mail(message.mail_subject, message.mail_text, message.mail_html), ""
    try:
        return lay_out(message), ""
    except NotNeeded as reason:
        return None, str(reason)
