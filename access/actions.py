"""Doors of invitations, of the rules for signing in, and of single sign-on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from access.mail import message
from access.models import Invitation, SingleSignOn
from access.sign_on import is_allowed_host
from accounts import clock
from accounts.models import Membership, Organization, User
from accounts.permissions import Role
from accounts.reauthentication import has_second_factor
from accounts.secrets import seal
from audits.models import Audit
from audits.states import OVER
from records.outbox import queue
from records.people import Limits, checked_limits
from records.record import Actor, Entry, record

SIGN_ON = ("name", "server_url", "client_id")


class NotOpen(Exception):
    """The invitation cannot be accepted: used, withdrawn, too old, or replaced by a later mail."""


@transaction.atomic
def invite(
    organization: Organization, email: str, full_name: str, role: str, by: Actor, limits: Limits | None = None
) -> Invitation:
    """Invite the person behind a mail address; raises ``ValidationError`` by field.

    ``limits`` are those of a membership (``{"sites": [3]}``). Whether the address has an account already makes no
    difference to what is said here.
    """
    email = email.strip().lower()
    validate_email(email)
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email, full_name=full_name.strip())
    if Membership.objects.filter(organization=organization, user=user).exists():
        raise ValidationError({"email": _("%s is in your organization already.") % email})
    if Invitation.objects.filter(organization=organization, user=user, accepted_at=None, withdrawn_at=None).exists():
        raise ValidationError({"email": _("%s is invited already. Send that invitation again.") % email})
    row = Invitation(
        organization=organization,
        user=user,
        role=Role(role).value,
        limits=checked_limits(role, limits or {}),
        invited_by_id=by.user_id,
    )
    _send(row)
    _tell(row, "invitation.sent", by, after={"to": email, "role": row.get_role_display()})
    return row


@transaction.atomic
def send_again(row: Invitation, by: Actor) -> Invitation:
    """A new mail with a new link, good for the full time again; the earlier link opens nothing any more."""
    locked: Invitation = Invitation.objects.select_for_update(of=("self",)).select_related("user").get(pk=row.pk)
    if locked.accepted_at or locked.withdrawn_at:
        raise ValidationError(_("This invitation was accepted or withdrawn meanwhile."))
    _send(locked)
    _tell(locked, "invitation.sent_again", by, after={"to": locked.user.email})
    return locked


@transaction.atomic
def withdraw(row: Invitation, by: Actor) -> None:
    """The link opens nothing from now on; withdrawing twice changes nothing."""
    still = Invitation.objects.filter(pk=row.pk, accepted_at=None, withdrawn_at=None)
    if still.update(withdrawn_at=clock.now()):
        _tell(row, "invitation.withdrawn", by, before={"to": row.user.email, "role": row.get_role_display()})


@transaction.atomic
def accept(row: Invitation) -> Membership:
    """The invited person joins, with the role and limits of the invitation and no other right; raises ``NotOpen``.

    The caller has made sure that it is the person of the invitation who asks.
    """
    now = clock.now()
    mine = Invitation.objects.filter(pk=row.pk, nonce=row.nonce, accepted_at=None, withdrawn_at=None)
    if not mine.filter(expires_at__gt=now).update(accepted_at=now):
        raise NotOpen
    row.refresh_from_db(fields=["limits"])  # an audit may have been added or taken back since the page was opened
    rights = {"role": row.role, "limits": _still_true(row)}
    made, _new = Membership.objects.get_or_create(organization_id=row.organization_id, user=row.user, defaults=rights)
    after = {"person": str(row.user), "role": made.get_role_display(), "invitation": row.pk}
    _tell(row, "member.added", Actor.person(row.user), after=after)
    return made


def _still_true(row: Invitation) -> dict[str, Any]:
    """The limits of the invitation; a guest is invited to no audit that is over meanwhile."""
    if row.role != Role.GUEST_AUDITOR:
        return row.limits
    audits = Audit.objects.filter(pk__in=row.limits["audits"]).exclude(state__in=OVER)
    if not audits:
        raise NotOpen
    return {"audits": sorted(audit.pk for audit in audits)}


def _send(row: Invitation) -> None:
    now = clock.now()
    row.nonce, row.sent_at = secrets.token_hex(16), now
    row.expires_at = now + timedelta(days=settings.INVITATION_DAYS)
    row.save()
    queue([message(row.organization_id, row.user, "invitation", {"invitation": row.pk})])


def _tell(row: Invitation, kind: str, by: Actor, **fields: Any) -> None:
    entry = Entry(
        organization_id=row.organization_id,
        kind=kind,
        subject_type="user",
        subject_id=row.user_id,
        subject_label=str(row.user)[:200],
        effective_on=clock.today(row.organization),
        **fields,
    )
    record(by, [entry])


@transaction.atomic
def set_rules(organization: Organization, require_second_factor: bool, by: Actor) -> None:
    """Whether everybody in the organization needs a second factor; whoever asks for it must have one.

    Raises ``ValidationError`` by field.
    """
    asks = User.objects.filter(pk=by.user_id or 0).first()
    if require_second_factor and (asks is None or not has_second_factor(asks)):
        said = _("Add a second factor to your own account first; otherwise you would lock yourself out.")
        raise ValidationError({"require_second_factor": said})
    row = Organization.objects.select_for_update().get(pk=organization.pk)
    if row.require_second_factor == require_second_factor:
        return
    row.require_second_factor = organization.require_second_factor = require_second_factor
    row.save(update_fields=["require_second_factor"])
    before, after = {"required": not require_second_factor}, {"required": require_second_factor}
    _tell_of(row, "organization.second_factor", by, before, after)


@transaction.atomic
def set_sign_on(organization: Organization, fields: Mapping[str, str], secret: str, by: Actor) -> SingleSignOn:
    """Set up or change the organization's identity provider; an empty secret keeps the one that is there.

    Raises ``ValidationError`` by field: the operator names the hosts that organizations may use.
    """
    row = SingleSignOn.objects.filter(organization=organization).first() or SingleSignOn(organization=organization)
    before = {name: getattr(row, name) for name in SIGN_ON} if row.pk else {}
    for name in SIGN_ON:
        setattr(row, name, fields[name].strip())
    if not is_allowed_host(row.server_url):
        raise ValidationError({"server_url": _("The operator of this installation does not allow this host yet.")})
    if secret:
        row.sealed_secret = seal(secret)
    elif not row.sealed_secret:
        raise ValidationError({"secret": _("Enter the secret that the provider gave you")})
    row.changed_at = clock.now()
    row.full_clean(exclude=["organization", "sealed_secret"])
    row.save()
    _tell_of(organization, "organization.sign_on", by, before, {name: getattr(row, name) for name in SIGN_ON})
    return row


@transaction.atomic
def remove_sign_on(organization: Organization, by: Actor) -> None:
    """The provider lets nobody in any more; people sign in with their passwords."""
    if SingleSignOn.objects.filter(organization=organization).delete()[0]:
        _tell_of(organization, "organization.sign_on_removed", by, {}, {})


def _tell_of(organization: Organization, kind: str, by: Actor, before: dict[str, Any], after: dict[str, Any]) -> None:
    entry = Entry(
        organization_id=organization.pk,
        kind=kind,
        subject_type="organization",
        subject_id=organization.pk,
        subject_label=str(organization)[:200],
        effective_on=clock.today(organization),
        before=before,
        after=after,
    )
    record(by, [entry])
