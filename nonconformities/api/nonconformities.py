"""Nonconformities: raised, planned, acted upon, verified, closed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Site
from accounts.permissions import Capability
from audits.models import Audit
from certifications.models import Certificate
from nonconformities.actions import (
    accept_plan,
    approve_step,
    ask_extension,
    change_nonconformity,
    close,
    complete_action,
    judge_effect,
    plan_effect_check,
    possible_moves,
    raise_nonconformity,
    refuse_extension,
    reopen,
    return_plan,
    return_step,
    submit_cause,
    submit_containment,
    submit_extent,
    submit_plan,
    verify,
)
from nonconformities.actions.rules import RuleBooks
from nonconformities.models import Nonconformity
from nonconformities.states import (
    DOORS,
    MOVES,
    VERDICTS,
    WRITTEN,
    NonconformityState,
    Source,
    Stage,
    Step,
    WorkStep,
    needed_for,
)
from records.api import History
from records.api_papers import Papers
from records.rest.fields import CivilDate
from records.rest.filters import FilterSet, from_day, member, one_of, own_row, to_day
from records.rest.serializers import Linked, RowSerializer, Strict, WithMoves
from records.rest.views import AddRows, ChangeRows, LegalMove, move

LONG: dict[str, Any] = {"max_length": 10_000}
NEEDS = {door: needed_for(door) for door in (*DOORS, *(move.door for move in MOVES))} | {
    "extensions": needed_for("grant_extension")
}


class NonconformitySerializer(RowSerializer, WithMoves):
    """A nonconformity with the dates at which its steps were done.

    ``due`` holds the due date of each step by certificate (``certificate:7``), or under ``own`` by the
    organization's own deadlines: a date, ``next_audit`` or null.
    """

    certificates = Linked("certificate_links", "certificate", Certificate.objects, required=False)
    due = serializers.SerializerMethodField()

    class Meta:
        model = Nonconformity
        fields = (
            "id",
            "version",
            "number",
            "source",
            "audit",
            "certificates",
            "grade",
            "current_grade",
            "raised_on",
            "notified_on",
            "clause",
            "site",
            "scope_part",
            "title",
            "statement",
            "evidence",
            "correction",
            "root_cause",
            "owner",
            "owner_name",
            "note",
            "state",
            "stage",
            "current_step",
            "plan_submitted_on",
            "plan_accepted_on",
            "action_done_on",
            "closed_on",
            "due",
            "next_step_due_on",
            "moves",
        )
        extra_kwargs = dict.fromkeys(("statement", "evidence", "correction", "root_cause", "note"), LONG)

    @extend_schema_field(
        serializers.DictField(child=serializers.DictField(child=serializers.CharField(allow_null=True)))
    )
    def get_due(self, row: Nonconformity) -> dict[str, Any]:
        """Due dates as the rules give them."""
        return dict(row.due)


class NonconformityFilters(FilterSet):
    """Days are inclusive; filters of one of several values may be repeated."""

    state = one_of(NonconformityState)
    stage = one_of(Stage)
    current_step = one_of(WorkStep)
    source = one_of(Source)
    grade = django_filters.CharFilter(field_name="current_grade")
    number = django_filters.CharFilter()
    certificate = own_row(lambda: Certificate.objects.all(), "certificates")
    audit = own_row(lambda: Audit.objects.all())
    site = own_row(lambda: Site.objects.all())
    owner = member("owner")
    due_after = from_day("next_step_due_on")
    due_before = to_day("next_step_due_on")
    raised_after = from_day("raised_on")
    raised_before = to_day("raised_on")


class ContainmentBody(Strict):
    """What was done at once about the instance itself (correction)."""

    text = serializers.CharField(**LONG)
    done_on = CivilDate(required=False, allow_null=True)


class ExtentBody(Strict):
    """Where else the same may exist."""

    elsewhere = serializers.BooleanField()
    text = serializers.CharField(**LONG)


class CauseInBranch(Strict):
    """One cause of the cause-and-effect picture; ``is_root`` marks one that the plan must remove."""

    branch = serializers.CharField(max_length=30)
    text = serializers.CharField(max_length=500)
    is_root = serializers.BooleanField(source="root", default=False)


class RootCauseBody(Strict):
    """The root cause in one sentence, and the way to it."""

    statement = serializers.CharField(max_length=2000)
    further = serializers.ListField(child=serializers.CharField(max_length=2000), max_length=10, required=False)
    method = serializers.ChoiceField(choices=["whys", "causes", "text"], default="text")
    problem = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    whys = serializers.ListField(child=serializers.CharField(max_length=500), max_length=10, required=False)
    causes = CauseInBranch(many=True, required=False)
    analysis = serializers.CharField(required=False, allow_blank=True, **LONG)


class StepBody(Strict):
    """One of the steps that another person approves: containment, extent or root-cause."""

    step = serializers.ChoiceField(choices=[step.value for step in WRITTEN])


class ReturnStepBody(StepBody):
    """A step that comes back, and why."""

    reason = serializers.CharField(max_length=500)


class SubmitPlanBody(Strict):
    """The plan goes to the auditor; a root cause given here is written to step 4 first."""

    root_cause = serializers.CharField(required=False, **LONG)
    submitted_on = CivilDate()
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class AcceptPlanBody(Strict):
    """The day on which the auditor accepted the plan."""

    accepted_on = CivilDate()


class ReturnPlanBody(Strict):
    """What is missing."""

    returned_on = CivilDate()
    reason = serializers.CharField(max_length=500)


class CompleteActionBody(Strict):
    """The day on which the last action was done."""

    done_on = CivilDate()
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class VerifyBody(Strict):
    """What the auditor found; an effective action closes the nonconformity."""

    verified_on = CivilDate()
    result = serializers.ChoiceField(choices=VERDICTS)
    verified_by = serializers.CharField(max_length=150, required=False, allow_blank=True)
    note = serializers.CharField(required=False, allow_blank=True, **LONG)


class EffectCheckBody(Strict):
    """How one will see that the cause is gone."""

    measure = serializers.CharField(max_length=300)
    target = serializers.CharField(max_length=200)
    check_on = CivilDate()


class VerdictBody(Strict):
    """The verdict on the effect."""

    judged_on = CivilDate()
    verdict = serializers.ChoiceField(choices=VERDICTS)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class AskExtensionBody(Strict):
    """More time for one step, and why."""

    step = serializers.ChoiceField(choices=Step.choices, default=Step.CLOSURE)
    due_on = CivilDate()
    reason = serializers.CharField(max_length=500)


class RefuseExtensionBody(Strict):
    """Why no more time is given."""

    step = serializers.ChoiceField(choices=Step.choices, default=Step.CLOSURE)
    reason = serializers.CharField(max_length=500)


class CloseBody(Strict):
    """The day of closure."""

    closed_on = CivilDate()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class ReopenBody(Strict):
    """Why the closure is taken back."""

    reason = serializers.CharField(max_length=500)


def _path(verb: str) -> str:
    """The last part of the address of a move; the verdict on the effect has its own name."""
    return "judge-effect" if verb == "judge" else verb.replace(" ", "-")


def _body(verb: str, result: str) -> dict[str, str]:
    """Fields that the body of a move must have; what is only carried out is found by the scheme."""
    if not result:
        return {}
    value = result.replace(" ", "_").replace("implemented", "effective")
    return {"verdict" if verb == "judge" else "result": value}


class NonconformityViews(AddRows, ChangeRows, History, Papers):
    """Nonconformities of the organization, from every source."""

    model = Nonconformity
    serializer_class = NonconformitySerializer
    filterset_class = NonconformityFilters
    detail_name = "nonconformity-detail"
    writes = Capability.EDIT_NONCONFORMITIES
    needs = NEEDS

    def rows(self) -> QuerySet[Nonconformity]:
        """Nonconformities with the certificates they concern."""
        rows: QuerySet[Nonconformity] = Nonconformity.objects.select_related("organization")
        return rows.prefetch_related("certificate_links__certificate")

    @cached_property
    def books(self) -> RuleBooks:
        """The rules of the organization's schemes, read once for all rows of an answer."""
        return RuleBooks(self.organization.pk)

    def add(self, fields: dict[str, Any]) -> Nonconformity:
        """Raise a nonconformity."""
        return raise_nonconformity(self.organization, fields, fields.pop("certificates", []), self.by)

    def change(self, row: Nonconformity, version: int, changes: dict[str, Any]) -> Nonconformity:
        """Change what was recorded."""
        certificates = changes.pop("certificates", None)
        return change_nonconformity(row, version, changes, self.by, certificates=certificates)

    def legal_moves(self, row: Nonconformity) -> Iterator[LegalMove]:
        """The moves of its stage; while it is open, its written steps and more time."""
        for name in possible_moves(row, self.books):
            verb, _, result = name.partition(": ")
            yield name, _path(verb), _body(verb, result)
        if row.state == NonconformityState.OPEN:
            yield "submit containment", "containment", {}
            yield "submit extent", "extent", {}
            if row.stage in (Stage.RAISED, Stage.SUBMITTED):
                yield "submit root cause", "root-cause", {}
            yield "plan effect check", "plan-effect-check", {}
            yield "ask extension", "ask-extension", {}
            yield "grant extension", "extensions", {}

    @move(ContainmentBody)
    def containment(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Step 2: what was done at once."""
        submit_containment(row, given["text"], self.by, given.get("done_on"))

    @move(ExtentBody)
    def extent(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Step 3: where else the same may exist."""
        submit_extent(row, given["elsewhere"], given["text"], self.by)

    @move(RootCauseBody)
    def root_cause(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Step 4: the root cause."""
        submit_cause(row, given, self.by)

    @move(StepBody)
    def approve_step(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Another person approves what was written for a step."""
        approve_step(row, given["step"], self.by)

    @move(ReturnStepBody)
    def return_step(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Send a step back with a reason."""
        return_step(row, given["step"], given["reason"], self.by)

    @move(SubmitPlanBody)
    def submit_plan(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Step 5: send root cause and plan to the auditor."""
        submit_plan(row, given.get("root_cause", ""), given["submitted_on"], self.by, given.get("note", ""))

    @move(AcceptPlanBody)
    def accept_plan(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """The auditor accepts root cause and plan."""
        accept_plan(row, given["accepted_on"], self.by)

    @move(ReturnPlanBody)
    def return_plan(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """The auditor sends the plan back."""
        return_plan(row, given["returned_on"], given["reason"], self.by)

    @move(CompleteActionBody)
    def complete_action(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """All corrective action of the plan is done."""
        complete_action(row, given["done_on"], self.by, given.get("note", ""))

    @move(EffectCheckBody)
    def plan_effect_check(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Step 8: what will be measured, against which target, and when."""
        plan_effect_check(row, given["measure"], given["target"], given["check_on"], self.by)

    @move(VerdictBody)
    def judge_effect(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Step 8: the verdict on the effect."""
        judge_effect(row, given["judged_on"], given["verdict"], self.by, given.get("note", ""))

    @move(AskExtensionBody)
    def ask_extension(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Ask for more time; no date moves until it is granted."""
        ask_extension(row, given["due_on"], given["reason"], self.by, given["step"])

    @move(RefuseExtensionBody)
    def refuse_extension(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """More time is not given."""
        refuse_extension(row, given["reason"], self.by, given["step"])

    @move(VerifyBody)
    def verify(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Record whether the corrective action was effective."""
        verify(row, given.pop("verified_on"), given.pop("result"), self.by, **given)

    @move(CloseBody)
    def close(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Close the nonconformity."""
        close(row, given["closed_on"], self.by, given.get("note", ""))

    @move(ReopenBody)
    def reopen(self, row: Nonconformity, given: dict[str, Any]) -> None:
        """Take back a closure that was recorded by mistake."""
        reopen(row, given["reason"], self.by)
