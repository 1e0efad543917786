"""Doors of guest auditors: invite an outside auditor to one audit, until it is over, and take that back."""

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
from records.people import set_role
from records.record import Actor


def invited_to(audit: Audit) -> list[Invitation]:
    """Guests of the audit who have not joined yet."""
    rows = Invitation.objects.filter(role=Role.GUEST_AUDITOR, accepted_at=None, withdrawn_at=None).order_by("pk")
    return [row for row in rows.select_related("user", "organization") if audit.pk in row.limits["audits"]]


@transaction.atomic
def invite_guest(audit: Audit, email: str, full_name: str, by: Actor) -> User:
    """Let the auditor behind a mail address see the audit, and no other, until it is over.

    A guest of other audits sees this one as well. Gives back the account. Raises ``ValidationError`` by field,
    ``Refused`` when the audit is over.
    """
    if audit.state in OVER:
        raise Refused(_("Audit %s is over; nobody is invited to it any more.") % audit)
    who = Q(user__email__iexact=email.strip(), organization_id=audit.organization_id)
    members = Membership.objects.select_for_update(of=("self",)).select_related("user", "organization")
    invitations = Invitation.objects.select_for_update(of=("self",)).select_related("user")
    member, waiting = members.filter(who).first(), invitations.filter(who, accepted_at=None, withdrawn_at=None).first()
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


@transaction.atomic
def take_back(audit: Audit, invitation: Invitation, by: Actor) -> None:
    """The invitation is to this audit no longer; one that is to no other is withdrawn."""
    row = (
        Invitation.objects.select_for_update(of=("self",)).select_related("user", "organization").get(pk=invitation.pk)
    )
    others = [pk for pk in row.limits["audits"] if pk != audit.pk]
    if not others:
        withdraw(row, by)
        return
    row.limits = {"audits": others}
    row.save(update_fields=["limits"])
