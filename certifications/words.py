"""Deadlines, losses and their remedies in words that pages share."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from certifications.queries import Reference
from lifecycle.rule_words import grade_in_words

_STEPS = {
    "nc_response": gettext_noop("Submit root cause and plan for %s"),
    "nc_plan": gettext_noop("Get the plan for %s accepted"),
    "nc_action": gettext_noop("Finish the corrective action of %s"),
    "nc_closure": gettext_noop("Close %s"),
    "stage2_verification": gettext_noop("Close %s, raised at the stage 2 audit"),
    "recertification_closure": gettext_noop("Close %s before the certificate expires"),
}
_OF_CERTIFICATE = {
    "first_surveillance": gettext_noop("Hold the first surveillance audit"),
    "yearly_surveillance": gettext_noop("Hold the surveillance audit of the year"),
    "surveillance_interval": gettext_noop("Hold the next surveillance audit"),
    "surveillance_window": gettext_noop("Hold the next surveillance audit"),
    "transfer": gettext_noop("Transfer the certificate to an accredited body"),
    "expiry": gettext_noop("Complete the recertification"),
    "suspension_limit": gettext_noop("Resolve the suspension"),
    "restoration": gettext_noop("Restore the certificate"),
}
_REASONS = {
    "unresolved_nc": gettext_noop("a nonconformity is not resolved in time"),
    "audit_missed": gettext_noop("a required audit does not take place in time"),
    "edition_not_transitioned": gettext_noop("the edition of the standard ends before the transition is decided"),
    "validity_ended": gettext_noop("its validity ends before a recertification is decided"),
    "suspension_not_resolved": gettext_noop("the suspension is not resolved within its limit"),
    "recertification_not_completed": gettext_noop("the recertification is not completed in time"),
}
_REMEDIES = {
    "submit_root_cause_and_plan": gettext_noop("Submit root cause and plan for %s"),
    "get_plan_accepted": gettext_noop("Get the plan for %s accepted"),
    "complete_action": gettext_noop("Finish the corrective action of %s"),
    "close_nonconformity": gettext_noop("Close %s"),
    "hold_surveillance": gettext_noop("Hold the surveillance audit"),
    "recertify": gettext_noop("Complete the recertification"),
    "transition_edition": gettext_noop("Complete the transition to the new edition"),
    "lift_suspension": gettext_noop("Ask the body to lift the suspension"),
    "ask_body": gettext_noop("Ask the certification body"),
}
_BRIEFLY = {
    "unresolved_nc": gettext_noop("nonconformity open"),
    "audit_missed": gettext_noop("surveillance not held"),
    "edition_not_transitioned": gettext_noop("edition ends"),
    "validity_ended": gettext_noop("recertification not decided"),
    "suspension_not_resolved": gettext_noop("suspension not resolved"),
    "recertification_not_completed": gettext_noop("recertification not completed"),
}
CONSEQUENCES = {
    "suspended": gettext_noop("certificate invalid, no use of the mark"),
    "withdrawn": gettext_noop("certificate gone from the register"),
    "expired": gettext_noop("no longer valid"),
}


def deadline_words(kind: str, reference: Reference | None) -> str:
    """What must be done by a deadline, verb first."""
    if kind in _STEPS:
        return _(_STEPS[kind]) % (_named(reference) if reference else _("the nonconformity"))
    return _(_OF_CERTIFICATE.get(kind, kind.replace("_", " ").capitalize()))


def _named(reference: Reference) -> str:
    return f"{grade_in_words(reference.grade or '', translation)} {reference.label}".strip()


def remedy_words(kind: str, label: str) -> str:
    """The one action against a loss, verb first; ``label`` names the nonconformity it is about."""
    sentence = _(_REMEDIES.get(kind, kind.replace("_", " ").capitalize()))
    return sentence % label if "%s" in sentence else sentence


def reason_words(reason: str) -> str:
    """Why a certificate is lost, as the end of "because ..."."""
    return _(_REASONS.get(reason, reason.replace("_", " ")))


def brief_reason(reason: str) -> str:
    """The same in two or three words, for lists."""
    return _(_BRIEFLY.get(reason, reason.replace("_", " ")))
