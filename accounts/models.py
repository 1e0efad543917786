"""People, organizations and their sites."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.permissions import OF_THE_WHOLE, Capability, Role, may
from accounts.reach import Reach, reach_of
from accounts.tenancy import EditableRow, OrganizationRow


def validate_time_zone(name: str) -> None:
    """Refuse a name that is not an IANA time zone."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone; use a name like Europe/Warsaw."), params={"name": name})


class UserManager(BaseUserManager["User"]):
    """People sign in with their mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a person; without a password nobody can sign in as them."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make an operator of the whole installation."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by mail address; may belong to several organizations."""

    email = models.EmailField(_("mail address"), unique=True)
    full_name = models.CharField(_("full name"), max_length=150)
    language = models.CharField(_("language"), max_length=10, default="en")
    theme = models.CharField(
        _("theme"),
        max_length=5,
        default="auto",
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    shortcuts = models.BooleanField(
        _("single-letter shortcuts"),
        default=True,
        help_text=_("Keys like j, k and ? move through pages; they never act while you type."),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[validate_time_zone], help_text=_("For clock times.")
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_service = models.BooleanField(
        _("service account"), default=False, help_text=_("Another system; it has keys and cannot sign in.")
    )
    date_joined = models.DateTimeField(default=clock.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def initials(self) -> str:
        """Two letters that stand for the person in narrow places."""
        words = (self.full_name or self.email).split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()


class Organization(models.Model):
    """The holder of certificates: the tenant that every record belongs to."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("short name"), unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    manager_after_days = models.PositiveSmallIntegerField(
        _("tell the manager after days overdue"), default=7, help_text=_("Calendar days after a missed deadline.")
    )
    daily_at = models.TimeField(
        _("reminders in one mail a day at"), null=True, blank=True, help_text=_("Local time; empty: each at once.")
    )
    quiet_from = models.TimeField(_("no mails from"), null=True, blank=True)
    quiet_until = models.TimeField(_("no mails until"), null=True, blank=True)
    require_second_factor = models.BooleanField(
        _("everybody needs a second factor"),
        default=False,
        help_text=_("Who has none is led to add an authenticator app or a passkey and sees nothing else until then."),
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.name


class Membership(OrganizationRow):
    """A person's role in one organization.

    ``limits`` narrows what they see: ids of ``sites``, ``standards`` or, for a guest, ``audits``; empty is no limit.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    limits = models.JSONField(_("limited to"), default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="one_role_per_organization")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def reach(self) -> Reach | None:
        """What of the organization the member sees; None is all of it."""
        return reach_of(self.user_id, self.role == Role.CONTRIBUTOR, self.limits)

    def may(self, capability: Capability) -> bool:
        """Whether the member may do it; what concerns the whole organization takes a membership without limits."""
        return may(self.role, capability) and not (self.limits and capability in OF_THE_WHOLE)

    @classmethod
    def within(cls, reach: Reach) -> models.Q:
        """A guest sees nobody else; others need the names of those they work with."""
        return reach.either(own=models.Q(), audits=models.Q(user_id=reach.person_id))


class Site(EditableRow):
    """A place of the organization that certificates and audits cover."""

    name = models.CharField(_("name"), max_length=150)
    address = models.CharField(_("address"), max_length=300, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=100, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="site_name_once")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def within(cls, reach: Reach) -> models.Q:
        """The sites themselves; for a guest those of the audit and of its certificates."""
        audits = models.Q(audits__in=reach.audits or ()) | models.Q(certificates__audits__in=reach.audits or ())
        return reach.either(own=models.Q(), sites=models.Q(pk__in=reach.sites or ()), audits=audits)


class ApiKey(OrganizationRow):
    """A key with which another system speaks for a person; only its hash is kept.

    ``families`` names the resources it may use, each with ``read`` or ``write``; empty means all that it may by
    ``writes``. ``role_cap`` is a role whose rights it never passes, whatever its person may.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    writes = models.BooleanField(_("may write"), default=False)
    families = models.JSONField(_("resources"), default=dict, blank=True)
    role_cap = models.CharField(_("at most as"), max_length=20, choices=Role.choices, blank=True)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by", editable=False
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def new_secret() -> tuple[str, str, str]:
        """A fresh key: its prefix, the whole text (shown once) and the hash to keep."""
        prefix = "iso_" + secrets.token_hex(4)
        text = f"{prefix}.{secrets.token_urlsafe(32)}"
        return prefix, text, ApiKey.hash(text)

    @staticmethod
    def hash(text: str) -> str:
        """The hash under which a key is kept; the key itself is random, so one round is enough."""
        return hashlib.sha256(text.encode()).hexdigest()


class IdempotencyKey(OrganizationRow):
    """The answer to a request of the API that was sent with ``Idempotency-Key``; a repetition gets it again.

    A row without an answer belongs to a request that is running (or died; then it may be taken over).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    claim = models.CharField(max_length=32)
    claimed_at = models.DateTimeField()
    answer_code = models.PositiveSmallIntegerField(null=True)
    answer_body = models.TextField(blank=True)
    answer_headers = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user", "route", "key"], name="idempotency_key_once")
        ]
        indexes = [models.Index(fields=["claimed_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"


class RateCounter(models.Model):
    """Tries within one window of time; ``accounts.ratelimit`` counts them with one statement."""

    key = models.CharField(max_length=100, primary_key=True)
    tries = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
