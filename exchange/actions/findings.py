"""Nonconformities of a list with the work done about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from exchange.actions.references import References
from nonconformities.models import CorrectiveAction, Extension, Nonconformity, Verification
from nonconformities.states import STEP_AT_STAGE, ActionState, Stage

Values = dict[str, Any]
Records = Sequence[tuple[Values, Nonconformity]]


class Findings:
    """Builds rows of nonconformities as of the day of the import."""

    def __init__(self, found: References, today: date) -> None:
        self._found, self._today = found, today

    def row(self, values: Values) -> Nonconformity:
        """The nonconformity itself."""
        found, further = self._found, values["further"]
        return Nonconformity(
            organization=found.organization,
            number=values["number"],
            source=values["source"],
            audit=found.audit(values["audit"]),
            grade=values["grade"],
            current_grade=values["grade"],
            raised_on=values["raised_on"],
            notified_on=further.get("notified_on"),
            clause=values["clause"],
            site=found.site(values["site"]) if values["site"] else None,
            scope_part=further.get("scope_part", ""),
            title=further.get("title") or title_of(values["description"]) or values["number"],
            statement=values["description"],
            evidence=further.get("evidence", ""),
            correction=values["correction"],
            root_cause=values["root_cause"],
            owner=found.user(values["owner_person"]),
            owner_name=values["owner"],
            note=values["note"],
            recorded_on=self._today,
            stage=_stage(values),
            current_step=STEP_AT_STAGE[_stage(values)],
            closure_recorded_on=self._today if values["closed_on"] else None,
            **{name: values[name] for name in ("plan_submitted_on", "plan_accepted_on", "action_done_on", "closed_on")},
        )

    def store_work(self, records: Records) -> None:
        """Corrective actions, checks of effectiveness and extensions that the list tells of."""
        actions = [action for values, made in records for action in _actions(values, made)]
        CorrectiveAction.objects.bulk_create(actions, batch_size=1000)
        checks = [check for values, made in records for check in self._verifications(values, made)]
        Verification.objects.bulk_create(checks, batch_size=1000)
        granted = [
            Extension(organization_id=made.organization_id, nonconformity=made, recorded_on=self._today, **facts)
            for values, made in records
            for facts in values["further"].get("extensions", ())
        ]
        Extension.objects.bulk_create(granted, batch_size=1000)

    def _verifications(self, values: Values, made: Nonconformity) -> list[Verification]:
        """The results of checks; one written beside a closure without a day of its own was seen on that day."""
        listed = values["further"].get("verifications")
        if listed is None and values["effectiveness"] is not None:
            result = "effective" if values["effectiveness"] else "not_effective"
            listed = [{"verified_on": values["verified_on"] or values["closed_on"], "result": result}]
        parent = {"organization_id": made.organization_id, "nonconformity": made, "recorded_on": self._today}
        return [Verification(**parent, **facts) for facts in listed or ()]


def written_due(records: Records) -> list[dict[str, Any]]:
    """Due dates of the list for what is still open."""
    return [
        {"row": values["row"], "number": made.number, "file": values["due_on"].isoformat()}
        for values, made in records
        if values["due_on"] and not values["closed_on"]
    ]


def differences(written: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Due dates of the list beside those that follow from the rules; the list's are only compared."""
    named = {entry["number"]: entry for entry in written}
    differing = []
    for number, due in Nonconformity.objects.filter(number__in=named, state="open").values_list("number", "due"):
        days = [steps["closure"] for steps in due.values() if steps.get("closure") not in (None, "next_audit")]
        computed = min(days, default=None)
        if computed != named[number]["file"]:
            differing.append(named[number] | {"rules": computed})
    return sorted(differing, key=lambda entry: entry["row"])


def title_of(description: str) -> str:
    """The first line, or as much of it as a title holds."""
    line = description.split("\n", 1)[0].strip()
    return line if len(line) <= 200 else line[:199].rsplit(" ", 1)[0] + "…"


def _stage(values: Values) -> Stage:
    if values["closed_on"]:
        return Stage.CLOSED
    if values["action_done_on"]:
        return Stage.DONE
    if values["plan_accepted_on"]:
        return Stage.ACCEPTED
    return Stage.SUBMITTED if values["plan_submitted_on"] else Stage.RAISED


def _actions(values: Values, made: Nonconformity) -> list[CorrectiveAction]:
    """The actions an export lists, otherwise the one of the column, done when the nonconformity says so."""
    parent = {"organization_id": made.organization_id, "nonconformity": made}
    if "actions" in values["further"]:
        return [CorrectiveAction(**parent, **facts) for facts in values["further"]["actions"]]
    if not values["corrective_action"]:
        return []
    done_on = values["action_done_on"] or values["closed_on"]
    return [
        CorrectiveAction(
            **parent,
            description=values["corrective_action"],
            owner=made.owner,
            owner_name=made.owner_name,
            done_on=done_on,
            state=ActionState.DONE if done_on else ActionState.OPEN,
        )
    ]
