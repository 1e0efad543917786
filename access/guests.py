"""Doors of guest auditors: let an outside auditor see one audit until it closes, and end it before."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from access.actions import invite, send_again, withdraw
from access.mail import message
from access.models import Invitation
from accounts.models import Membership, User
from accounts.permissions import Role
from audits.models import Audit
from audits.states import OVER
from certifications.actions import Refused
from records.outbox import queue
from records.people import hide_audit, set_role
from records.record import Actor


def invited_to(audit: Audit) -> list[Invitation]:
    """Guests of the audit who have not joined yet."""
    rows = Invitation.objects.filter(role=Role.GUEST_AUDITOR, accepted_at=None, withdrawn_at=None).order_by("pk")
    return [row for row in rows.select_related("user", "organization") if audit.pk in row.limits["audits"]]


@transaction.atomic
def invite_guest(audit: Audit, email: str, full_name: str, by: Actor) -> User:
    """Let the auditor behind a mail address see the audit, and no other, until it closes.

    A guest of other audits sees this one as well. Gives back the account. Raises ``ValidationError`` by field,
    ``Refused`` when the audit is over.
    """
    if audit.state in OVER:
        raise Refused(_("Audit %s is over; nobody is invited to it any more.") % audit)
    who = Q(user__email__iexact=email.strip(), organization_id=audit.organization_id)
    member = Membership.objects.select_related("user", "organization").filter(who).first()
    waiting = Invitation.objects.filter(who, accepted_at=None, withdrawn_at=None).first()
    if member:
        return _let_see(member, audit, by)
    if waiting:
        return _widen(waiting, audit, by)
    only = {"audits": [audit.pk]}
    return invite(audit.organization, email, full_name, Role.GUEST_AUDITOR, by, limits=only).user


def _let_see(member: Membership, audit: Audit, by: Actor) -> User:
    if member.role != Role.GUEST_AUDITOR:
        raise ValidationError(
            {"email": _("%s belongs to your organization. Add them to the team of the audit instead.") % member.user}
        )
    if audit.pk in member.limits["audits"]:
        raise ValidationError({"email": _("%s sees this audit already.") % member.user})
    set_role(member, member.role, by, {"audits": [*member.limits["audits"], audit.pk]})
    queue([message(audit.organization_id, member.user, "guest_audit", {"audit": audit.pk})])
    return member.user


def _widen(invitation: Invitation, audit: Audit, by: Actor) -> User:
    """An open invitation speaks of this audit too; a new mail says so."""
    if invitation.role != Role.GUEST_AUDITOR:
        raise ValidationError({"email": _("%s is invited already, to join your organization.") % invitation.user.email})
    invitation.limits = {"audits": sorted({*invitation.limits["audits"], audit.pk})}
    invitation.save(update_fields=["limits"])
    return send_again(invitation, by).user


def end_guest(audit: Audit, member: Membership, by: Actor) -> None:
    """The guest sees the audit no longer."""
    hide_audit(member, audit.pk, by)


@transaction.atomic
def take_back(audit: Audit, invitation: Invitation, by: Actor) -> None:
    """The invitation is to this audit no longer; one that is to no other is withdrawn."""
    others = [pk for pk in invitation.limits["audits"] if pk != audit.pk]
    if not others:
        withdraw(invitation, by)
        return
    invitation.limits = {"audits": others}
    invitation.save(update_fields=["limits"])
