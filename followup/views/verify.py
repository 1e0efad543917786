"""Follow-up: one page per nonconformity with all that a verdict needs, and the follow-up audits that majors ask for."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed
from audits.views.shared import frame, load
from certifications.web import actor, attempt, posted, show
from followup.forms import VerifyForm
from followup.queries import earlier_nonconformities
from nonconformities import actions
from nonconformities.models import Nonconformity
from records.record import Actor

JUDGE = Capability.CLOSE_NONCONFORMITIES
PLAN, PROOF = "submitted", "done"


@allowed(JUDGE)
def verify(request: HttpRequest, pk: int, nc: int) -> HttpResponse:
    """Accept or return one nonconformity, in the light of its finding, cause, plan and proof."""
    audit = load(pk)
    rows = Nonconformity.objects.select_related("organization", "audit", "site", "owner")
    row = get_object_or_404(rows.prefetch_related("actions__owner", "verifications"), pk=nc)
    today = clock.today(audit.organization)
    form = VerifyForm(posted(request), initial={"on": today})
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: judge(row, form.cleaned_data, actor(request)))
        if done:
            messages.success(request, _("%(nc)s: %(stage)s.") % {"nc": row, "stage": done.get_stage_display()})
            return redirect("audit-findings", pk)
    others = [other for other in earlier_nonconformities(audit) if other.pk != row.pk and other.state == "open"]
    context: dict[str, Any] = {
        **frame(request, audit, "audit-findings"),
        "nc": row,
        "judging": row.stage in {PLAN, PROOF},
        "about_plan": row.stage == PLAN,
        "others": others,
        "certificates": [link.certificate for link in row.certificate_links.select_related("certificate__standard")],
    }
    return show(request, "followup/verify.html", context, form)


def judge(row: Nonconformity, given: dict[str, Any], by: Actor) -> Nonconformity:
    """A verdict on the plan while that waits, else on the proof; returned proof has the scheme's consequence."""
    accepted, on, note = given["verdict"] == "accept", given["on"], given["note"]
    if row.stage == PLAN:
        return actions.accept_plan(row, on, by) if accepted else actions.return_plan(row, on, note, by)
    return actions.verify(row, on, "effective" if accepted else "not_effective", by, by.label[:150], note)
