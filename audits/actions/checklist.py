"""Doors of a checklist: its questions, and the answers, which are added and never changed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import clock
from audits.actions.shared import check_capturing, check_number_of, check_preparing, known_before, locked, twice
from audits.models import Audit, ChecklistAnswer, ChecklistItem
from audits.states import ItemSource
from certifications.actions import Refused
from certifications.clauses import clause_list
from certifications.models import Edition
from records.editing import check
from records.record import Actor, Entry, record


@transaction.atomic
def checklist_from_clauses(
    audit: Audit, edition: Edition, by: Actor, numbers: Sequence[str] | None = None
) -> list[ChecklistItem]:
    """One question per clause of the edition's catalog (of these numbers only, if given) that is not there yet."""
    audit = locked(audit)
    check_preparing(audit)
    asked = set(audit.items.filter(edition=edition).values_list("clause", flat=True))
    wanted = [
        clause
        for clause in clause_list(edition.standard.code, edition.name)
        if clause.asked and clause.number not in asked and (numbers is None or clause.number in numbers)
    ]
    items = [
        ChecklistItem(
            edition=edition,
            group=clause.group,
            clause=clause.number,
            question=clause.title,
            source=ItemSource.CATALOG,
        )
        for clause in wanted
    ]
    return _add(audit, items, _questions_of(edition, len(items)), by)


@transaction.atomic
def checklist_from_audit(audit: Audit, earlier: Audit, by: Actor) -> list[ChecklistItem]:
    """The questions of an earlier audit that are not there yet; its answers stay where they are."""
    audit = locked(audit)
    check_preparing(audit)
    asked = set(audit.items.values_list("edition_id", "clause", "question"))
    items = [
        ChecklistItem(
            edition_id=row.edition_id,
            group=row.group,
            clause=row.clause,
            question=row.question,
            source=ItemSource.LAST,
        )
        for row in earlier.items.all()
        if (row.edition_id, row.clause, row.question) not in asked
    ]
    return _add(audit, items, _questions_of(earlier, len(items)), by)


@transaction.atomic
def add_question(audit: Audit, fields: dict[str, Any], by: Actor) -> ChecklistItem:
    """Ask a question of the organization's own."""
    return add_questions(audit, [fields], by)[0]


@transaction.atomic
def add_questions(audit: Audit, given: Sequence[dict[str, Any]], by: Actor) -> list[ChecklistItem]:
    """Ask several questions of the organization's own, all or none."""
    audit = locked(audit)
    check_preparing(audit)
    items = [ChecklistItem(source=ItemSource.OWN, **fields) for fields in given]
    many = ngettext("%(count)d question", "%(count)d questions", len(items)) % {"count": len(items)}
    words = items[0].question if len(items) == 1 else many
    return _add(audit, items, words, by)


def _questions_of(source: object, count: int) -> str:
    """For example "7 questions of ISO 9001:2015"; the source is an edition or an earlier audit."""
    words = {"count": count, "source": source}
    return ngettext("%(count)d question of %(source)s", "%(count)d questions of %(source)s", count) % words


def _add(audit: Audit, items: list[ChecklistItem], words: str, by: Actor) -> list[ChecklistItem]:
    last = audit.items.aggregate(last=Max("position"))["last"] or 0
    for place, item in enumerate(items, last + 1):
        item.organization_id, item.audit, item.position = audit.organization_id, audit, place
        check(item)
    made: list[ChecklistItem] = ChecklistItem.objects.bulk_create(items)
    if made:
        today = clock.today(audit.organization)
        record(by, [Entry.about(audit, "audit.questions_added", today, after={"questions": words})])
    return made


@transaction.atomic
def remove_item(item: ChecklistItem, by: Actor) -> None:
    """Take a question away that nobody has answered."""
    audit = locked(item.audit)
    check_preparing(audit)
    if item.answers.exists() or item.findings.exists():
        raise Refused(_("“%s” has been answered already and stays.") % item)
    before = {"question": str(item)}
    item.delete()
    record(by, [Entry.about(audit, "audit.question_removed", clock.today(audit.organization), before=before)])


@transaction.atomic
def answer_items(audit: Audit, given: Sequence[dict[str, Any]], by: Actor) -> list[ChecklistAnswer]:
    """Add answers, all or none, at most 500: ``item``, ``uid``, ``answer``, ``evidence``, ``made_at``.

    One that was sent before under its ``uid`` is not added again; the list returned has all of them in order.
    """
    check_number_of(given)
    twice(given)
    audit = locked(audit)
    known = known_before(ChecklistAnswer.objects.filter(uid__in=[f["uid"] for f in given]), given, "item")
    fresh = [fields for fields in given if fields["uid"] not in known]
    if fresh:
        check_capturing(audit)
    answers = [_answer(audit, fields, by) for fields in fresh]
    ChecklistAnswer.objects.bulk_create(answers)
    record(by, [_told(audit, answer) for answer in answers])
    made = {**known, **{answer.uid: answer for answer in answers}}
    return [made[fields["uid"]] for fields in given]


def _answer(audit: Audit, fields: dict[str, Any], by: Actor) -> ChecklistAnswer:
    if fields["item"].audit_id != audit.pk:
        raise ValidationError({"item": _("This question belongs to another audit.")})
    answer = ChecklistAnswer(
        organization_id=audit.organization_id,
        answered_by_id=by.user_id,
        answered_by_name=by.label[:200],
        answered_at=clock.now(),
        **fields,
    )
    answer.clean_fields(exclude={"organization", "item", "answered_by"})
    return answer


def _told(audit: Audit, answer: ChecklistAnswer) -> Entry:
    after = {"question": str(answer.item)[:200], "answer": answer.answer}
    return Entry.about(audit, "audit.answered", clock.today(audit.organization), after=after)


def new_uid() -> uuid.UUID:
    """An id for an answer or a finding that is given at the desk."""
    return uuid.uuid4()
