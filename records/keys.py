"""Doors of API keys and service accounts. They stand here and not beside the model because their use is history."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import ApiKey, Membership, Organization, User
from accounts.permissions import Family, Role
from records.record import Actor, Entry, record

LEVELS = ("read", "write")


@dataclass(frozen=True)
class Grant:
    """What a key may: ``families`` limits it to resources (``read`` or ``write`` each), ``role_cap`` to a role."""

    writes: bool = False
    families: dict[str, str] = field(default_factory=dict)
    role_cap: str = ""

    def check(self) -> None:
        """Raise ``ValidationError`` for resources or roles that do not exist."""
        if any(name not in Family.values or level not in LEVELS for name, level in self.families.items()):
            raise ValidationError({"families": _("These are not resources of the API.")})
        if self.role_cap and self.role_cap not in Role.values:
            raise ValidationError({"role_cap": _("This is not a role.")})


@transaction.atomic
def issue_key(
    membership: Membership,
    name: str,
    by: Actor,
    writes: bool = False,
    expires_at: datetime | None = None,
    grant: Grant | None = None,
) -> tuple[ApiKey, str]:
    """A new key that speaks for a member, and its whole text, which nobody can show again."""
    given = grant or Grant(writes)
    given.check()
    if expires_at and expires_at <= clock.now():
        raise ValidationError({"expires_at": _("This key would have expired already.")})
    return _issue(membership.organization, membership.user, name, by, given, expires_at)


def _issue(
    organization: Organization,
    user: User,
    name: str,
    by: Actor,
    grant: Grant,
    expires_at: datetime | None,
    replaces: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    prefix, text, digest = ApiKey.new_secret()
    fields: dict[str, Any] = {"prefix": prefix, "digest": digest, "expires_at": expires_at, "replaces": replaces}
    key = ApiKey(organization=organization, user=user, name=name, **fields, **vars(grant))
    key.full_clean(exclude=["organization", "user", "replaces"])
    key.save()
    after = {"name": name, "prefix": prefix, "for": str(user), **vars(grant)}
    if replaces:
        after["replaces"] = replaces.prefix
    record(by, [Entry.about(key, "key.issued", clock.today(organization), after=after)])
    return key, text


@transaction.atomic
def rotate_key(key: ApiKey, by: Actor, overlap: timedelta) -> tuple[ApiKey, str]:
    """A new key with the rights of the old one, which still works for the overlap; the text is shown once.

    The new key lives as long as the old one was meant to. Raises ``ValidationError`` for one that is over, or that
    was replaced already.
    """
    old = ApiKey.objects.select_for_update(of=("self",)).select_related("organization", "user").get(pk=key.pk)
    now = clock.now()
    if old.revoked_at or (old.expires_at and old.expires_at <= now):
        raise ValidationError(_("This key opens nothing any more. Make a new one."))
    if ApiKey.objects.filter(replaces=old).exists():
        raise ValidationError(_("This key was replaced already. Replace the new one."))
    lifetime = old.expires_at - old.created_at if old.expires_at else None
    grant = Grant(old.writes, old.families, old.role_cap)
    made = _issue(old.organization, old.user, old.name, by, grant, now + lifetime if lifetime else None, replaces=old)
    ends = now + overlap
    old.expires_at = min(ends, old.expires_at) if old.expires_at else ends
    old.save(update_fields=["expires_at"])
    return made


@transaction.atomic
def revoke_key(key: ApiKey, by: Actor) -> None:
    """The key opens nothing from now on; revoking twice changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
        today = clock.today(key.organization)
        record(by, [Entry.about(key, "key.revoked", today, before={"name": key.name, "prefix": key.prefix})])


@transaction.atomic
def add_service_account(organization: Organization, name: str, role: str, by: Actor) -> Membership:
    """Another system as a member of its own: it has a role and keys, no password and no mail address."""
    if not name.strip():
        raise ValidationError({"service_name": _("Enter the name of the other system")})
    address = f"service-{secrets.token_hex(6)}@{organization.slug}.invalid"
    user = User.objects.create_user(address, full_name=name.strip(), is_service=True)
    membership = Membership.objects.create(organization=organization, user=user, role=Role(role).value)
    entry = Entry(
        organization_id=organization.pk,
        kind="member.added",
        subject_type="user",
        subject_id=user.pk,
        subject_label=str(user)[:200],
        effective_on=clock.today(organization),
        after={"person": str(user), "role": membership.get_role_display(), "service": True},
    )
    record(by, [entry])
    return membership
