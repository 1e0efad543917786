"""What is wrong with a fact that the rules do not allow, in words (section 7)."""

from __future__ import annotations

MESSAGES = {
    "already_certified": "the certificate is in force",
    "too_early_to_reapply": "the waiting time after the withdrawal is not over",
    "open_major": "a nonconformity of a grade that blocks decisions is open",
    "another_stage2_required": "a major of the stage 2 was not closed in time; another stage 2 is required",
    "edition_ended": "the edition of the standard has ended",
    "not_in_force": "the certificate is not in a status in which this is possible",
    "too_late_to_transition": "the time to restore after the end of the edition is over",
    "open_grounds": "a ground of the suspension is not resolved",
    "too_late_to_restore": "the time to restore is over and no later stage 2 took place",
    "not_suspended": "the certificate is not suspended",
    "extension_not_later": "the new date is not later than the one it replaces",
    "not_withdrawn": "the certificate is not withdrawn",
    "withdrawal_confirmed": "the certification body confirmed the withdrawal and no appeal was upheld",
    "validity_ended": "the validity has ended",
    "exclusion_not_admissible": "a part with an open major cannot be left out to obtain the certificate",
    "transfer_too_late": "the time to transfer after the loss of accreditation is over",
    "not_transferable": "only an active certificate without open majors can be transferred",
    "no_appeal": "no appeal is pending",
    "late_extension": "granted after the date it extends",
    "extension_after_closure": "granted after the nonconformity was closed or void",
    "extension_without_deadline": "the step has no date that could be extended",
    "verification_after_closure": "verified after the nonconformity was closed or void",
    "stage_gap": "the time between stage 1 and stage 2 is too short or too long",
    "audit_against_closed_edition": "no new audit to this edition is allowed any more",
    "audit_outside_window": "outside every surveillance window",
}
