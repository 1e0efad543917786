"""The doors: every change of a certificate, a decision or a scheme goes through one of these."""

from certifications.actions.certificates import (
    Refused,
    change_certificate,
    confirm_move,
    preview_decision,
    record_decision,
    record_notice,
    register_certificate,
    strike_decision,
)
from certifications.actions.reference import (
    add_body,
    add_site,
    change_row,
    end_edition,
    find_edition,
    find_standard,
)
from certifications.actions.refresh import hold_certificates, judge, refresh, refresh_ids
from certifications.actions.schemes import copy_scheme, publish_version, set_moving

__all__ = [
    "Refused",
    "add_body",
    "add_site",
    "change_certificate",
    "change_row",
    "confirm_move",
    "copy_scheme",
    "end_edition",
    "find_edition",
    "find_standard",
    "hold_certificates",
    "judge",
    "preview_decision",
    "publish_version",
    "record_decision",
    "record_notice",
    "refresh",
    "refresh_ids",
    "register_certificate",
    "set_moving",
    "strike_decision",
]
