"""The page of an audit's guests: who from outside sees it, and until when."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from access.guests import invite_guest, invited_to, take_back
from access.views_invitations import WhomForm
from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed
from audits.states import OVER
from audits.views.shared import frame, load
from certifications.web import actor, attempt, posted, show
from records.people import guests_of, hide_audit

EDIT = Capability.EDIT_AUDITS


@allowed(EDIT)
def guests(request: HttpRequest, pk: int) -> HttpResponse:
    """Guests who see the audit, those who are invited, and a form to invite another."""
    audit = load(pk)
    form = WhomForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        guest = attempt(form, lambda: invite_guest(audit, given["email"], given["full_name"], actor(request)))
        if guest:
            messages.success(request, _("A mail is on its way to %s.") % guest.email)
            return redirect("audit-guests", pk)
    context = {
        **frame(request, audit, "audit-guests"),
        "guests": guests_of(audit.organization_id, pk),
        "invited": invited_to(audit),
        "now": clock.now(),
        "over": audit.state in OVER,
    }
    return show(request, "access/guests.html", context, form)


@require_POST
@allowed(EDIT)
def end(request: HttpRequest, pk: int, guest: int) -> HttpResponse:
    """A guest sees the audit no longer."""
    audit = load(pk)
    member = next((row for row in guests_of(audit.organization_id, pk) if row.pk == guest), None)
    if member is None:
        raise Http404
    hide_audit(member, audit.pk, actor(request))
    messages.success(request, _("%s sees this audit no longer.") % member.user)
    return redirect("audit-guests", pk)


@require_POST
@allowed(EDIT)
def withdraw(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    """An invitation that nobody has accepted is taken back."""
    audit = load(pk)
    row = next((row for row in invited_to(audit) if row.pk == invitation), None)
    if row is None:
        raise Http404
    take_back(audit, row, actor(request))
    messages.success(request, _("The invitation of %s is withdrawn.") % row.user.email)
    return redirect("audit-guests", pk)
