"""Nonconformities, what was done about them, and their extensions and verifications."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Site
from accounts.reach import Reach
from accounts.tenancy import EditableRow, OrganizationRow
from audits.models import Audit
from certifications.models import Certificate
from nonconformities.states import (
    NO_STEP,
    RESULTS,
    ActionState,
    NonconformityState,
    RequestState,
    Source,
    Stage,
    Step,
    StepState,
    WorkStep,
)


class Nonconformity(EditableRow):
    """Non-fulfillment of a requirement (ISO 9000 3.6.9), with the dates at which its steps were done.

    ``state``, ``current_grade``, ``due`` (step → date, ``next_audit`` or None) and ``next_due_on`` (only for those
    on the organization's own deadlines) are worked out by actions alone.
    """

    number = models.CharField(_("number"), max_length=80)
    source = models.CharField(_("source"), max_length=20, choices=Source.choices, default=Source.BODY)
    audit = models.ForeignKey(
        Audit, verbose_name=_("audit"), null=True, blank=True, on_delete=models.PROTECT, related_name="nonconformities"
    )
    certificates = models.ManyToManyField(
        Certificate,
        verbose_name=_("certificates"),
        through="NonconformityCertificate",
        related_name="nonconformities",
    )
    grade = models.CharField(_("grade"), max_length=20)
    raised_on = models.DateField(_("raised"))
    notified_on = models.DateField(_("notified"), null=True, blank=True)
    clause = models.CharField(_("clause"), max_length=40, blank=True)
    site = models.ForeignKey(
        Site, verbose_name=_("site"), null=True, blank=True, on_delete=models.PROTECT, related_name="nonconformities"
    )
    scope_part = models.CharField(_("process or part of the scope"), max_length=200, blank=True)
    title = models.CharField(_("title"), max_length=200)
    statement = models.TextField(_("statement of nonconformity"), blank=True)
    evidence = models.TextField(_("objective evidence"), blank=True)
    correction = models.TextField(_("correction"), blank=True)
    root_cause = models.TextField(_("root cause"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    owner_name = models.CharField(_("owner as written"), max_length=150, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_on = models.DateField(editable=False)

    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, default=Stage.RAISED, editable=False)
    current_step = models.CharField(
        _("step"),
        max_length=15,
        choices=[*WorkStep.choices, (NO_STEP, pgettext_lazy("work", "Over"))],
        default=WorkStep.CONTAINMENT,
        editable=False,
    )
    plan_submitted_on = models.DateField(_("plan submitted"), null=True, blank=True, editable=False)
    plan_accepted_on = models.DateField(_("plan accepted"), null=True, blank=True, editable=False)
    action_done_on = models.DateField(_("action done"), null=True, blank=True, editable=False)
    closed_on = models.DateField(_("closed"), null=True, blank=True, editable=False)
    closure_recorded_on = models.DateField(null=True, editable=False)

    state = models.CharField(
        _("state"), max_length=10, choices=NonconformityState.choices, default=NonconformityState.OPEN, editable=False
    )
    current_grade = models.CharField(_("grade now"), max_length=20, editable=False)
    due = models.JSONField(default=dict, editable=False)
    next_step_due_on = models.DateField(null=True, editable=False)
    next_due_on = models.DateField(null=True, editable=False)
    failure = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "nonconformities"
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="nonconformity_number_once")]
        indexes = [
            models.Index(fields=["next_due_on", "id"], name="nc_due", condition=models.Q(next_due_on__isnull=False)),
            models.Index(fields=["organization", "state", "next_step_due_on", "id"], name="nc_list"),
            models.Index(fields=["organization", "state", "raised_on", "id"], name="nc_by_raised"),
            models.Index(fields=["organization", "current_step", "next_step_due_on", "id"], name="nc_board"),
            models.Index(fields=["organization", "clause", "raised_on"], name="nc_repeats"),
        ]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def within(cls, reach: Reach) -> models.Q:
        """Nonconformities at a site, against a standard, of an audit's certificates, or the person's own work."""
        sites, audits = reach.sites or (), reach.audits or ()
        return reach.either(
            own=models.Q(owner=reach.person_id) | models.Q(actions__owner=reach.person_id),
            sites=models.Q(site__in=sites) | models.Q(site=None, certificates__sites__in=sites),
            standards=models.Q(certificates__standard__in=reach.standards or ()),
            audits=models.Q(audit__in=audits) | models.Q(certificates__audits__in=audits),
        )


class NonconformityCertificate(OrganizationRow):
    """A nonconformity concerns a certificate; each is judged by its own scheme."""

    nonconformity = models.ForeignKey(Nonconformity, on_delete=models.CASCADE, related_name="certificate_links")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="nonconformity_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["nonconformity", "certificate"], name="nc_certificate_once")]


class Extension(OrganizationRow):
    """A later due date granted for one step; a fact, never edited."""

    nonconformity = models.ForeignKey(Nonconformity, on_delete=models.CASCADE, related_name="extensions")
    step = models.CharField(_("step"), max_length=10, choices=Step.choices, default=Step.CLOSURE)
    granted_on = models.DateField(_("granted"))
    due_on = models.DateField(_("new due date"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    recorded_on = models.DateField(editable=False)

    class Meta:
        ordering = ["granted_on", "pk"]


class Verification(OrganizationRow):
    """The auditor's check whether a corrective action was effective; a fact, never edited.

    One that closed the nonconformity by mistake is struck when the closure is taken back.
    """

    nonconformity = models.ForeignKey(Nonconformity, on_delete=models.CASCADE, related_name="verifications")
    verified_on = models.DateField(_("verified"))
    result = models.CharField(
        _("result"),
        max_length=15,
        choices=RESULTS,
    )
    verified_by = models.CharField(_("verified by"), max_length=150, blank=True)
    note = models.TextField(_("what was seen"), blank=True)
    recorded_on = models.DateField(editable=False)
    struck_on = models.DateField(null=True, editable=False)

    class Meta:
        ordering = ["verified_on", "pk"]


class CorrectiveAction(EditableRow):
    """Action that removes the cause of a nonconformity (ISO 9000 3.12.2)."""

    nonconformity = models.ForeignKey(Nonconformity, on_delete=models.CASCADE, related_name="actions")
    also_for = models.ManyToManyField(Nonconformity, through="ActionService", related_name="shared_actions")
    description = models.TextField(_("action"))
    cause = models.TextField(_("root cause it removes"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    owner_name = models.CharField(_("owner as written"), max_length=150, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    done_on = models.DateField(_("done"), null=True, blank=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=ActionState.choices, default=ActionState.OPEN, editable=False
    )

    class Meta:
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return self.description[:80]


class ActionService(OrganizationRow):
    """A corrective action serves one more nonconformity than the one it was planned for."""

    action = models.ForeignKey(CorrectiveAction, on_delete=models.CASCADE, related_name="services")
    nonconformity = models.ForeignKey(Nonconformity, on_delete=models.CASCADE, related_name="action_services")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "action", "nonconformity"], name="action_serves_once")
        ]


class ActionProof(OrganizationRow):
    """What shows that an action was carried out: a record named in words, with the address where it is kept."""

    action = models.ForeignKey(CorrectiveAction, on_delete=models.CASCADE, related_name="proofs")
    text = models.CharField(_("what it shows"), max_length=300)
    url = models.URLField(_("link"), max_length=500, blank=True)
    added_on = models.DateField(editable=False)
    added_by = models.CharField(max_length=200, editable=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class StepRecord(EditableRow):
    """One of the eight steps of a nonconformity: whose it is, what was written, and who approved it.

    ``content`` is what was submitted, ``draft`` what its owner has typed since and nobody else relies on.
    """

    nonconformity = models.ForeignKey(Nonconformity, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(_("step"), max_length=15, choices=WorkStep.choices)
    state = models.CharField(_("state"), max_length=10, choices=StepState.choices, default=StepState.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    content = models.JSONField(default=dict, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    author_name = models.CharField(max_length=200, blank=True, editable=False)
    submitted_on = models.DateField(null=True, editable=False)
    approved_by_name = models.CharField(max_length=200, blank=True, editable=False)
    approved_on = models.DateField(null=True, editable=False)
    draft = models.JSONField(null=True, blank=True)
    draft_by_name = models.CharField(max_length=200, blank=True, editable=False)
    draft_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "nonconformity", "step"], name="nc_step_once")]

    def __str__(self) -> str:
        return f"{self.nonconformity}: {self.get_step_display()}"


class ReturnedStep(OrganizationRow):
    """What was refused: the text as it was submitted, and why it came back."""

    record = models.ForeignKey(StepRecord, on_delete=models.CASCADE, related_name="returned")
    content = models.JSONField(default=dict)
    author_name = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    returned_by_name = models.CharField(max_length=200)
    returned_on = models.DateField()

    class Meta:
        ordering = ["-pk"]

    @property
    def text(self) -> str:
        """The sentence that was refused."""
        return next((self.content[name] for name in ("text", "statement", "note") if self.content.get(name)), "")


class ExtensionRequest(EditableRow):
    """A wish for more time for one step, and what became of it."""

    nonconformity = models.ForeignKey(Nonconformity, on_delete=models.CASCADE, related_name="requests")
    step = models.CharField(_("step"), max_length=10, choices=Step.choices, default=Step.CLOSURE)
    due_on = models.DateField(_("wished due date"))
    reason = models.CharField(_("reason"), max_length=500)
    asked_on = models.DateField(editable=False)
    asked_by_name = models.CharField(max_length=200, editable=False)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.ASKED, editable=False)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    decided_on = models.DateField(null=True, editable=False)
    decided_by_name = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]
