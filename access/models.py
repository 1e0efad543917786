"""Invitations: who may join an organization, as what, until when."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.permissions import Role
from accounts.tenancy import OrganizationRow

SALT = "access.invitation"


class Invitation(OrganizationRow):
    """An invitation by mail: bound to one address, good for one use, and not for long.

    ``user`` is the account of the address; a new one cannot sign in before its person has chosen a password.
    ``nonce`` is part of the link, so that sending again makes the earlier link useless.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    limits = models.JSONField(_("limited to"), default=dict, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user.email} ({self.get_role_display()})"

    @property
    def token(self) -> str:
        """What the link of the mail ends with."""
        return signing.dumps([self.pk, self.nonce], salt=SALT)

    @property
    def is_open(self) -> bool:
        """Whether it can still be accepted."""
        return not (self.accepted_at or self.withdrawn_at) and self.expires_at > clock.now()


class SingleSignOn(OrganizationRow):
    """The identity provider of an organization (OpenID Connect); it lets in people of this organization alone."""

    organization = models.OneToOneField("accounts.Organization", on_delete=models.CASCADE, related_name="sign_on")
    name = models.CharField(_("name on the sign-in page"), max_length=60)
    server_url = models.URLField(_("address of the provider"), max_length=300)
    client_id = models.CharField(_("client id"), max_length=190)
    sealed_secret = models.TextField(editable=False)
    changed_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.name
