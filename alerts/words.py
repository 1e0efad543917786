"""Words of mails: steps, deadlines and moves, in the reader's language."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# A deadline in a subject line, and what it is, about a record.
DEADLINES: dict[str, tuple[Promise, Promise]] = {
    "nc_response": (_("Root cause"), _("Root cause and plan of %s")),
    "nc_plan": (_("Accepted plan"), _("Accepted plan for %s")),
    "nc_action": (_("Corrective action"), _("Corrective action of %s")),
    "nc_closure": (_("Closure"), _("Closure of %s")),
    "stage2_verification": (_("Closure"), _("Closure of %s after stage 2")),
    "recertification_closure": (_("Closure"), _("Closure of %s before the expiry")),
    "first_surveillance": (_("First surveillance"), _("First surveillance audit of %s")),
    "yearly_surveillance": (_("Surveillance"), _("Surveillance audit of the year, %s")),
    "surveillance_interval": (_("Surveillance"), _("Next surveillance audit of %s")),
    "surveillance_window": (_("Surveillance"), _("Next surveillance audit of %s")),
    "transfer": (_("Transfer"), _("Transfer of %s to an accredited body")),
    "expiry": (_("Recertification"), _("Recertification of %s")),
    "suspension_limit": (_("Lifting"), _("End of the suspension of %s")),
    "restoration": (_("Restoration"), _("Restoration of %s")),
}
OTHER: tuple[Promise, Promise] = (_("Deadline"), _("Deadline of %s"))
# What must happen, after "unless".
REMEDIES: dict[str, Promise] = {
    "submit_root_cause_and_plan": _("the root cause of %s is submitted"),
    "get_plan_accepted": _("the plan for %s is accepted"),
    "complete_action": _("the corrective action of %s is done"),
    "close_nonconformity": _("%s is closed"),
    "hold_surveillance": _("the surveillance audit is held"),
    "recertify": _("the recertification is decided"),
    "transition_edition": _("the transition to the new edition is decided"),
    "lift_suspension": _("the suspension is lifted"),
    "ask_body": _("the certification body decides otherwise"),
}
WILL_BE: dict[str, Promise] = {
    "suspended": _("Suspended %s"),
    "withdrawn": _("Withdrawn %s"),
    "expired": _("Expires %s"),
}
IS_SINCE: dict[str, Promise] = {
    "active": _("Active since %s"),
    "suspended": _("Suspended since %s"),
    "withdrawn": _("Withdrawn since %s"),
    "expired": _("Expired since %s"),
}
STATUS: dict[str, Promise] = {
    "none": _("not certified yet"),
    "active": _("active"),
    "suspended": _("suspended"),
    "withdrawn": _("withdrawn"),
    "expired": _("expired"),
}
EFFECTS: dict[str, Promise] = {
    "active": _("The certificate is valid and its mark may be used."),
    "suspended": _("The certificate is not valid meanwhile; its mark must not be used."),
    "withdrawn": _("The certificate is gone; regaining it takes a new certification."),
    "expired": _("The certificate is no longer valid."),
}
REASONS: dict[str, Promise] = {
    "unresolved_nc": _("%s was not resolved in time"),
    "audit_missed": _("a required audit did not take place in time"),
    "edition_not_transitioned": _("its edition ended before a transition was decided"),
    "validity_ended": _("its validity ended before a recertification was decided"),
    "suspension_not_resolved": _("the suspension was not resolved within its limit"),
    "recertification_not_completed": _("the recertification was not completed in time"),
}


def short_day(value: date, today: date) -> str:
    """A civil date for a subject line: Fri 27 Nov, with its year unless it is near."""
    near = abs((value - today).days) < 300
    return str(date_format(value, "D j M" if near else "D j M Y"))


def full_day(value: date) -> str:
    """A civil date with its day of the week: Fri 27 Nov 2026."""
    return str(date_format(value, "D j M Y"))


def deadline_short(kind: str) -> str:
    """A deadline's name in a subject line: "Root cause"."""
    return str(DEADLINES.get(kind, OTHER)[0])


def deadline_of(kind: str, label: str) -> str:
    """A deadline with the record it is about: "Closure of NC-0142"."""
    return filled(DEADLINES.get(kind, OTHER)[1], label)


def remedy(kind: str, label: str) -> str:
    """What must happen, after "unless": "the root cause of NC-0142 is submitted"."""
    return filled(REMEDIES[kind], label)


def status_word(status: str) -> str:
    """A status in the middle of a sentence."""
    return str(STATUS[status])


def reason(name: str, records: str) -> str:
    """Why a certificate moved, after "because"; ``records`` are the labels of what caused it."""
    if name not in REASONS:
        return str(_("the certification body decided so"))
    return filled(REASONS[name], records or str(_("a nonconformity")))


def filled(text: Promise, value: str) -> str:
    """The text in the reader's language, with the value where it has a place for one."""
    return str(text).replace("%s", value)
