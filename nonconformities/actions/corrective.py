"""Doors of a corrective action: add, change, share, prove, complete, cancel, reopen."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import clock
from certifications.actions import Refused
from nonconformities.models import ActionProof, ActionService, CorrectiveAction, Nonconformity
from nonconformities.states import ACTION_MOVES, ActionState
from records.editing import check, save_changes
from records.moves import move_named
from records.record import Actor, Entry, record


def actions_of(nonconformity: Nonconformity) -> list[CorrectiveAction]:
    """The actions planned for a nonconformity, and those of others that serve it too; one query."""
    own = Q(nonconformity=nonconformity) | Q(services__nonconformity=nonconformity)
    rows = CorrectiveAction.objects.filter(own).distinct().select_related("owner", "nonconformity__organization")
    return list(rows.order_by("due_on", "pk"))


@transaction.atomic
def add_action(nonconformity: Nonconformity, fields: dict[str, Any], by: Actor) -> CorrectiveAction:
    """Add an action that removes the cause; it needs an owner and a due date."""
    action = CorrectiveAction(organization_id=nonconformity.organization_id, nonconformity=nonconformity, **fields)
    _check(action)
    action.save()
    after = {
        "action": action.description,
        "due_on": str(action.due_on),
        "owner": str(action.owner or action.owner_name),
    }
    today = clock.today(nonconformity.organization)
    record(by, [Entry.about(nonconformity, "action.added", today, after=after)])
    return action


@transaction.atomic
def change_action(action: CorrectiveAction, version: int, changes: dict[str, Any], by: Actor) -> CorrectiveAction:
    """Change an action; raises ``Conflict`` when somebody else saved first."""
    for name, value in changes.items():
        setattr(action, name, value)
    _check(action)
    action.refresh_from_db()
    save_changes(action, version, changes, by, clock.today(action.nonconformity.organization))
    return action


@transaction.atomic
def share_action(action: CorrectiveAction, nonconformity: Nonconformity, by: Actor) -> ActionService:
    """Let one action serve another nonconformity too, which then cannot close while it is open."""
    if nonconformity.pk == action.nonconformity_id or action.services.filter(nonconformity=nonconformity).exists():
        raise Refused(_("This action serves %s already.") % nonconformity)
    if nonconformity.state != "open" or action.state == ActionState.CANCELLED:
        raise Refused(_("Only an action that is not cancelled can serve an open nonconformity."))
    service = ActionService(organization_id=action.organization_id, action=action, nonconformity=nonconformity)
    service.save()
    after = {"action": action.description, "of": str(action.nonconformity)}
    today = clock.today(nonconformity.organization)
    record(by, [Entry.about(nonconformity, "action.shared", today, after=after)])
    return service


@transaction.atomic
def unshare_action(action: CorrectiveAction, nonconformity: Nonconformity, by: Actor) -> None:
    """The action no longer serves this nonconformity."""
    gone, _rows = action.services.filter(nonconformity=nonconformity).delete()
    if not gone:
        raise Refused(_("This action does not serve %s.") % nonconformity)
    today = clock.today(nonconformity.organization)
    record(by, [Entry.about(nonconformity, "action.unshared", today, after={"action": action.description})])


@transaction.atomic
def add_proof(action: CorrectiveAction, text: str, by: Actor, url: str = "") -> ActionProof:
    """Say what shows that the action was carried out, with the address where the record is kept."""
    today = clock.today(action.nonconformity.organization)
    proof = ActionProof(
        organization_id=action.organization_id, action=action, text=text, url=url, added_on=today, added_by=by.label
    )
    check(proof)
    proof.save()
    after = {"action": action.description, "proof": text, "url": url}
    record(by, [Entry.about(action.nonconformity, "action.proved", today, after=after)])
    return proof


def complete_corrective_action(action: CorrectiveAction, done_on: date, by: Actor) -> CorrectiveAction:
    """The action has been carried out."""
    if done_on > clock.today(action.nonconformity.organization):
        raise ValidationError({"done_on": _("This day has not come yet.")})
    return _move(action, "complete", {"done_on": done_on}, done_on, by)


def cancel_action(action: CorrectiveAction, reason: str, by: Actor) -> CorrectiveAction:
    """The action is not needed any more."""
    return _move(action, "cancel", {}, clock.today(action.nonconformity.organization), by, reason)


def reopen_action(action: CorrectiveAction, reason: str, by: Actor) -> CorrectiveAction:
    """The action has to be taken up again."""
    return _move(action, "reopen", {"done_on": None}, clock.today(action.nonconformity.organization), by, reason)


@transaction.atomic
def _move(
    action: CorrectiveAction, name: str, changes: dict[str, Any], on: date, by: Actor, reason: str = ""
) -> CorrectiveAction:
    move = move_named(ACTION_MOVES, name)
    moved = CorrectiveAction.objects.filter(pk=action.pk, state__in=move.sources).update(
        **changes, state=move.target, version=action.version + 1
    )
    action.refresh_from_db()
    if not moved:
        raise Refused(
            _("“%(move)s” is not possible: the action is %(state)s.")
            % {"move": _(name), "state": str(ActionState(action.state).label).lower()}
        )
    after = {"action": action.description, "state": move.target}
    record(by, [Entry.about(action.nonconformity, f"action.{move.target}", on, after=after, reason=reason)])
    return action


def _check(action: CorrectiveAction) -> None:
    errors = {}
    if not action.owner and not action.owner_name:
        errors["owner"] = _("Name who carries the action out.")
    if not action.due_on:
        errors["due_on"] = _("Enter the day by which the action is done.")
    if errors:
        raise ValidationError(errors)
    check(action)
