"""Doors of an organization's people: add, change the role, let them choose a password, remove.

They stand here and not beside the model because each is history. An account belongs to its person: an address that
somebody outside the organization uses already is refused, since whoever is handed a link to its password would get
into the other organizations too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock, tenancy
from accounts.models import ApiKey, Membership, Organization, User
from accounts.permissions import Role
from records.models import Event
from records.record import Actor, Entry, record

Limits = Mapping[str, Sequence[int]]


class LastAdministrator(Exception):
    """The organization would be left without anybody who may manage it."""

    def __str__(self) -> str:
        return _("At least one administrator must remain. Make somebody else administrator first.")


@transaction.atomic
def add_member(
    organization: Organization, email: str, full_name: str, role: str, by: Actor, limits: Limits | None = None
) -> Membership:
    """Add a person by mail address; nobody can sign in as a new one until they have chosen a password.

    ``limits`` are those of ``set_role``. Raises ``ValidationError`` by field for an address that is taken.
    """
    email = email.strip().lower()
    validate_email(email)
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email, full_name=full_name.strip())
    else:
        _check_known(user, organization)
    membership = Membership.objects.create(
        organization=organization, user=user, role=Role(role).value, limits=checked_limits(role, limits or {})
    )
    _tell(membership, "member.added", by, after={"person": str(user), **_described(membership)})
    return membership


def _check_known(user: User, organization: Organization) -> None:
    """Only somebody who was removed from this very organization, and is in no other, comes back by their address."""
    with tenancy.across_organizations():
        organizations = set(Membership.objects.filter(user=user).values_list("organization_id", flat=True))
    if organization.pk in organizations:
        raise ValidationError({"email": _("%s is in your organization already.") % user})
    was_here = Event.objects.filter(
        organization_id=organization.pk, kind="member.removed", subject_type="user", subject_id=user.pk
    )
    if organizations or user.is_staff or user.is_superuser or not was_here.exists():
        raise ValidationError(
            {
                "email": _(
                    "This address has an account outside your organization. "
                    "Whoever operates this installation can add it to yours."
                )
            }
        )


@transaction.atomic
def set_role(membership: Membership, role: str, by: Actor, limits: Limits | None = None) -> Membership:
    """Give a member another role and limits (None leaves them); ``{"sites": [3]}`` shows what belongs to that site.

    Raises ``LastAdministrator`` when nobody would be left to manage, ``ValidationError`` for limits that do not fit.
    """
    row = _locked(membership)
    before, was = _described(row), row.role
    limits = row.limits if limits is None else checked_limits(role, limits)
    if (row.role, row.limits) == (role, limits):
        return row
    if role != Role.ADMINISTRATOR:
        _keep_an_administrator(row)
    row.role, row.limits = Role(role).value, limits
    row.save(update_fields=["role", "limits"])
    kind = "member.role" if was != role else "member.limits"
    _tell(row, kind, by, before=before, after={"person": str(row.user), **_described(row)})
    return row


def _described(row: Membership) -> dict[str, Any]:
    return {"role": row.get_role_display(), **({"limits": row.limits} if row.limits else {})}


def checked_limits(role: str, limits: Limits) -> dict[str, list[int]]:
    """Sorted ids without empty lists; an administrator has none, a guest sees one audit."""
    kept = {name: sorted(set(ids)) for name, ids in limits.items() if ids}
    if unknown := set(kept) - {"sites", "standards", "audits"}:
        raise ValueError(f"no such limit: {', '.join(unknown)}")
    if kept and role == Role.ADMINISTRATOR:
        raise ValidationError({"role": _("An administrator sees everything; take the limits away or choose another.")})
    if (role == Role.GUEST_AUDITOR) != ("audits" in kept):
        raise ValidationError({"role": _("A guest auditor is invited to an audit, from the page of that audit.")})
    return kept


def guests_of(organization_id: int, audit_id: int) -> list[Membership]:
    """Guest auditors who see the audit."""
    rows = Membership.objects.filter(organization_id=organization_id, role=Role.GUEST_AUDITOR).order_by("pk")
    return [row for row in rows.select_related("user", "organization") if audit_id in row.limits.get("audits", ())]


@transaction.atomic
def hide_audit(membership: Membership, audit_id: int, by: Actor) -> None:
    """A guest sees the audit no longer; one who sees no other leaves the organization."""
    row = _locked(membership)
    others = [pk for pk in row.limits.get("audits", ()) if pk != audit_id]
    if others:
        set_role(row, row.role, by, {"audits": others})
    else:
        remove_member(row, by)


@transaction.atomic
def remove_member(membership: Membership, by: Actor) -> None:
    """Take a person out of the organization: their keys are revoked, what they own and did stays theirs.

    Raises ``LastAdministrator`` when nobody would be left to manage.
    """
    row = _locked(membership)
    _keep_an_administrator(row)
    keys = ApiKey.objects.filter(organization_id=row.organization_id, user_id=row.user_id, revoked_at=None)
    keys.update(revoked_at=clock.now())
    _tell(row, "member.removed", by, before={"person": str(row.user), "role": row.get_role_display()})
    row.delete()


@transaction.atomic
def let_choose_password(membership: Membership, by: Actor) -> User:
    """Allow a link with which the member chooses a new password; raises ``ValidationError`` where it must not be.

    The account must be this organization's alone: a link to it opens everything that it may open.
    """
    user = membership.user
    if user.is_service:
        raise ValidationError(_("%s is another system: it has keys, and nobody signs in as it.") % user)
    with tenancy.across_organizations():
        others = Membership.objects.filter(user=user).exclude(organization_id=membership.organization_id).exists()
    if others or user.is_staff or user.is_superuser:
        raise ValidationError(
            _("%s has an account outside your organization too. Whoever operates this installation can help.") % user
        )
    _tell(membership, "member.password_link", by, after={"person": str(user)})
    return user


def _locked(membership: Membership) -> Membership:
    """The member as it is now; administrators are locked with it, so that two cannot step down at once."""
    rows = Membership.objects.select_for_update(of=("self",)).filter(organization_id=membership.organization_id)
    list(rows.filter(role=Role.ADMINISTRATOR).order_by("pk").values_list("pk"))
    return rows.select_related("organization", "user").get(pk=membership.pk)


def _keep_an_administrator(row: Membership) -> None:
    others = Membership.objects.filter(
        organization_id=row.organization_id, role=Role.ADMINISTRATOR, user__is_active=True
    ).exclude(pk=row.pk)
    if row.role == Role.ADMINISTRATOR and not others.exists():
        raise LastAdministrator


def _tell(row: Membership, kind: str, by: Actor, **fields: Any) -> None:
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
