"""The kinds of event: their words, form, right and door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Capability
from audits.actions import hold_audit, record_audit
from certifications import actions
from isotrack.happenings import forms
from nonconformities.actions import grant_extension, raise_nonconformity
from records.record import Actor


@dataclass(frozen=True)
class Kind:
    """Something that can happen to a certificate; ``door`` records it and returns what was made."""

    label: Any
    meaning: Any
    icon: str
    form: type[forms.EventForm]
    capability: Capability
    door: Callable[[Any, Actor], object]


def _hold(form: forms.AuditHeldForm, by: Actor) -> object:
    given = form.cleaned_data
    if booked := given.get("audit"):
        return hold_audit(booked, given["ended_on"], by, given["started_on"])
    return record_audit(form.certificate.organization, form.new_facts(), [form.certificate], by)


def _raise(form: forms.RaisedForm, by: Actor) -> object:
    return raise_nonconformity(form.certificate.organization, form.facts(), [form.certificate], by)


def _extend(form: forms.ExtensionForm, by: Actor) -> object:
    given = form.cleaned_data
    nonconformity = given["nonconformity"]
    grant_extension(nonconformity, given["granted_on"], given["due_on"], by, given["step"], given["reason"])
    return nonconformity


def _change_scope(form: forms.ScopeForm, by: Actor) -> object:
    given = form.cleaned_data
    return actions.change_certificate(
        form.certificate, given["version"], {"scope": given["scope"]}, by, given["reason"], form.covered()
    )


def _notice(form: forms.NoticeForm, by: Actor) -> object:
    given = form.cleaned_data
    return actions.record_notice(form.certificate, given["kind"], given["happened_on"], by, given["note"])


_C = Capability
KINDS: dict[str, Kind] = {
    "audit": Kind(
        _("An audit was held"), _("By the certification body. It meets deadlines and starts clocks."),
        "clipboard-check", forms.AuditHeldForm, _C.EDIT_AUDITS, _hold,
    ),
    "nonconformity": Kind(
        _("A nonconformity was raised"), _("By the certification body. Its clocks start on that day."),
        "octagon-alert", forms.RaisedForm, _C.EDIT_NONCONFORMITIES, _raise,
    ),
    "extension": Kind(
        _("A later date was granted"), _("For one step of a nonconformity. It counts only when granted in time."),
        "clock", forms.ExtensionForm, _C.CLOSE_NONCONFORMITIES, _extend,
    ),
    "scope": Kind(
        _("Scope or sites changed"), _("What the certificate covers from now on."),
        "map-pin", forms.ScopeForm, _C.EDIT_CERTIFICATES, _change_scope,
    ),
    "notice": Kind(
        _("Something else that matters"), _("Appeal, serious incident, transfer asked for, accreditation lost."),
        "flag", forms.NoticeForm, _C.EDIT_CERTIFICATES, _notice,
    ),
}  # fmt: skip
