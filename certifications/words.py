"""Deadlines, losses and their remedies in words that pages share."""

from __future__ import annotations

from django.utils.translation import gettext as _

from certifications.queries import Reference

_STEPS = {
    "nc_response": "Submit root cause and plan for %s",
    "nc_plan": "Get the plan for %s accepted",
    "nc_action": "Finish the corrective action of %s",
    "nc_closure": "Close %s",
    "stage2_verification": "Close %s, raised at the stage 2 audit",
    "recertification_closure": "Close %s before the certificate expires",
}
_OF_CERTIFICATE = {
    "first_surveillance": "Hold the first surveillance audit",
    "yearly_surveillance": "Hold the surveillance audit of the year",
    "surveillance_interval": "Hold the next surveillance audit",
    "surveillance_window": "Hold the next surveillance audit",
    "transfer": "Transfer the certificate to an accredited body",
    "expiry": "Complete the recertification",
    "suspension_limit": "Resolve the suspension",
    "restoration": "Restore the certificate",
}
_REASONS = {
    "unresolved_nc": "a nonconformity is not resolved in time",
    "audit_missed": "a required audit does not take place in time",
    "edition_not_transitioned": "the edition of the standard ends before the transition is decided",
    "validity_ended": "its validity ends before a recertification is decided",
    "suspension_not_resolved": "the suspension is not resolved within its limit",
    "recertification_not_completed": "the recertification is not completed in time",
}
_REMEDIES = {
    "submit_root_cause_and_plan": "Submit root cause and plan for %s",
    "get_plan_accepted": "Get the plan for %s accepted",
    "complete_action": "Finish the corrective action of %s",
    "close_nonconformity": "Close %s",
    "hold_surveillance": "Hold the surveillance audit",
    "recertify": "Complete the recertification",
    "transition_edition": "Complete the transition to the new edition",
    "lift_suspension": "Ask the body to lift the suspension",
    "ask_body": "Ask the certification body",
}
_BRIEFLY = {
    "unresolved_nc": "nonconformity open",
    "audit_missed": "surveillance not held",
    "edition_not_transitioned": "edition ends",
    "validity_ended": "recertification not decided",
    "suspension_not_resolved": "suspension not resolved",
    "recertification_not_completed": "recertification not completed",
}
CONSEQUENCES = {
    "suspended": "certificate invalid, no use of the mark",
    "withdrawn": "certificate gone from the register",
    "expired": "no longer valid",
}


def deadline_words(kind: str, reference: Reference | None) -> str:
    """What must be done by a deadline, verb first."""
    if kind in _STEPS:
        named = f"{reference.grade} {reference.label}".strip() if reference else _("the nonconformity")
        return _(_STEPS[kind]) % named
    return _(_OF_CERTIFICATE.get(kind, kind.replace("_", " ").capitalize()))


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
