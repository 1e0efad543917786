"""What is never edited: events, and the messages and runs that follow from them."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import EditableRow, OrganizationRow
from records.chain import START


class ActorKind(models.TextChoices):
    """Who or what made a change."""

    PERSON = "person", _("Person")
    KEY = "key", _("API key")
    RULE = "rule", _("Rule")
    IMPORT = "import", _("Import")
    SERVICE = "service", _("Service account")


class Event(OrganizationRow):
    """One entry of the history: what was known and done when, in the order it was recorded.

    ``effective_on`` is the civil date on which it holds (a late job back-dates it), ``recorded_at`` the moment it
    was written. ``key`` names its meaning, so that the same move is never written twice. ``via_key`` is the API key
    that spoke for the person, ``request_id`` the request or job that wrote it. ``hash`` chains the entry to the one
    before it (``records.chain``); a seal is the salt of the part that may be erased, or its digest once it is.
    """

    database_rights = ("SELECT", "INSERT")
    database_updates = ("actor_label", "subject_label", "reason", "before", "after", "who_seal", "what_seal")

    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=200)
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_label = models.CharField(max_length=200)
    via_key = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    rule = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    because = models.JSONField(default=list)
    key = models.CharField(max_length=200, null=True)
    who_seal = models.CharField(max_length=64)
    what_seal = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="event_number_once"),
            models.UniqueConstraint(fields=["organization", "key"], name="event_key_once"),
        ]
        indexes = [models.Index(fields=["organization", "subject_type", "subject_id", "number"], name="event_subject")]

    def __str__(self) -> str:
        return f"{self.number} {self.kind} {self.subject_label}"


class EventCounter(models.Model):
    """The head of one organization's history; its row lock puts events in order."""

    organization = models.OneToOneField("accounts.Organization", on_delete=models.CASCADE, primary_key=True)
    last_number = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default=START)


class Message(OrganizationRow):
    """A message that must reach a person: written with its cause, sent by a worker, kept.

    ``key`` is its meaning (deadline, date, threshold, person), unique in the organization.
    """

    class State(models.TextChoices):
        """Where the message is on its way."""

        NEW = "new", _("Waiting")
        HELD = "held", _("Held until released")
        LEASED = "leased", _("Being sent")
        SENT = "sent", _("Sent")
        DEAD = "dead", _("Could not be sent")
        CANCELLED = "cancelled", _("No longer needed")

    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    late = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True)
    sent_at = models.DateTimeField(null=True)
    maybe_twice = models.BooleanField(default=False)
    last_error = models.CharField(max_length=500, blank=True)
    mail_subject = models.CharField(max_length=300, blank=True)
    mail_text = models.TextField(blank=True)
    mail_html = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="message_key_once")]
        indexes = [
            models.Index(
                fields=["next_at", "id"], name="message_waiting", condition=models.Q(state__in=["new", "leased"])
            ),
            models.Index(fields=["organization", "subject_type", "subject_id"], name="message_subject"),
            models.Index(fields=["organization"], name="message_dead", condition=models.Q(state="dead")),
        ]

    def __str__(self) -> str:
        return self.key


class SweepRun(models.Model):
    """One run of the sweep over all organizations; the health page reads it.

    A run without ``finished_at`` goes on, or ended early for the reason in ``error``.
    """

    class StartedBy(models.TextChoices):
        """What started the run."""

        SCHEDULER = "scheduler", _("Scheduler")
        COMMAND = "command", _("Command")

    started_by = models.CharField(max_length=10, choices=StartedBy.choices, default=StartedBy.COMMAND)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    on = models.DateField(_("swept to"))
    subjects = models.PositiveIntegerField(default=0)
    moves = models.PositiveIntegerField(default=0)
    messages = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} – {self.on}"


class RenderedPdf(OrganizationRow):
    """A paper made by a worker: asked for, being made, kept or failed with a clear sentence."""

    class State(models.TextChoices):
        """Where the paper is on its way."""

        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=30)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    file = models.FileField(upload_to="papers/", blank=True)
    error = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type} {self.subject_id}"


class HistoryPolicy(EditableRow):
    """What an organization asks of its records: what is signed, who keeps the heads, how long texts are kept.

    ``signed`` names the acts (``records.signatures.ACTS``) that need a signature. The signed head of each day goes to
    the person ``heads_to`` by mail and to the address ``heads_url``; texts may be erased after ``retention_years``.
    """

    signed = models.JSONField(_("what is signed"), default=list, blank=True)
    heads_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who gets the signed head by mail"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    heads_url = models.URLField(_("address that gets the signed head"), blank=True)
    retention_years = models.PositiveSmallIntegerField(
        _("years that texts are kept"), default=10, validators=[MinValueValidator(3), MaxValueValidator(100)]
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization"], name="history_policy_once")]

    def __str__(self) -> str:
        return str(_("History and signatures"))


class SignedHead(OrganizationRow):
    """The end of a chain on a day, signed with Ed25519: whoever keeps a copy can prove what had been recorded."""

    database_rights = ("SELECT", "INSERT")

    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="head_number_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.hash[:12]}"


class ChainCheck(OrganizationRow):
    """One look at a whole chain: up to which entry it holds, and the first entry that does not."""

    checked_at = models.DateTimeField()
    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    first_bad = models.PositiveBigIntegerField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.problem or _("verified to entry %d") % self.number


class Signature(OrganizationRow):
    """A person's signature under an act: what it means, and exactly what was on the screen.

    ``shown`` are the lines of the record, ``entered`` the fields that the signer filled in; ``content_hash`` is over
    both and the meaning. ``nonce`` belongs to one display of the form, so that a form signs once.
    """

    database_rights = ("SELECT", "INSERT")

    act = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=200)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=150)
    signed_at = models.DateTimeField()
    meaning = models.CharField(max_length=300)
    language = models.CharField(max_length=10)
    shown = models.JSONField()
    entered = models.JSONField()
    content_hash = models.CharField(max_length=64)
    nonce = models.CharField(max_length=32)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["organization", "nonce"], name="signature_form_once")]
        indexes = [models.Index(fields=["organization", "subject_type", "subject_id"], name="signature_subject")]

    def __str__(self) -> str:
        return f"{self.signer_name}, {self.signed_at:%Y-%m-%d}"


class SavedView(EditableRow):
    """A list as somebody wants to see it again: its filters, sorting and columns as they stand in the address."""

    list = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=1000, blank=True)
    shared = models.BooleanField(_("others see it too"), default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "list", "owner", "name"], name="saved_view_name_once")
        ]

    def __str__(self) -> str:
        return self.name
