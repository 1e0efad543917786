"""Which messages a judgement calls for, and on which day the next one will be due."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from accounts import clock
from accounts.models import Organization
from certifications.actions.judgement import Correction, MoveRow
from certifications.alerting import People
from certifications.sending import send_at
from lifecycle.outcome import Deadline, NonconformityState
from lifecycle.reminders import latest_reminder, next_reminder_on, reminder_on
from records.outbox import NewMessage

TOLD_STATES = frozenset({"open", "missed"})


@dataclass(frozen=True, slots=True)
class Holder:
    """Who owns a record, and since which day it is known: what was past by then is told by its page alone."""

    owner_id: int | None
    known_on: date


@dataclass(frozen=True, slots=True)
class Told:
    """A row that messages are about; ``records`` are the holders of its nonconformities, by reference."""

    organization: Organization
    subject_type: str
    subject_id: int
    holder: Holder
    records: Mapping[str, Holder]
    standard_id: int | None = None
    site_ids: Collection[int] = ()

    def holder_of(self, reference: str) -> Holder:
        """Who is told of a deadline of this record."""
        return self.records.get(reference, self.holder)


def deadline_messages(told: Told, deadlines: Sequence[Deadline], people: People, today: date) -> list[NewMessage]:
    """Messages about deadlines that stand on ``today``."""
    messages = []
    for deadline in deadlines:
        if deadline.state in TOLD_STATES:
            messages += reminders(told, deadline, people, today)
            messages += _to_managers(told, deadline, people, today)
    return messages


def reminders(told: Told, deadline: Deadline, people: People, today: date) -> list[NewMessage]:
    """What the alert rules tell of a deadline on ``today``: everybody once, by the latest of their days."""
    messages = []
    for user, (role, days) in _days_by_reader(told, deadline, people).items():
        reminder = latest_reminder(deadline.due_on, today, days)
        if reminder:
            messages.append(_of_deadline(told, deadline, reminder.days_before, user, role, late=reminder.late))
    return messages


def _days_by_reader(told: Told, deadline: Deadline, people: People) -> dict[int, tuple[str, dict[int, date]]]:
    """Why each reader is told, and from when on each number of days before the deadline counts for them."""
    holder = told.holder_of(deadline.subject)
    found: dict[int, tuple[str, dict[int, date]]] = {}
    for rule in people.rules:
        if rule.covers(deadline.kind, told.standard_id, told.site_ids):
            since = max(rule.since, holder.known_on)
            for user, role in people.readers_by(rule, holder.owner_id):
                _role, days = found.setdefault(user, (role, {}))
                for number in rule.days:
                    days[number] = min(days.get(number, since), since)
    return found


def _to_managers(told: Told, deadline: Deadline, people: People, today: date) -> list[NewMessage]:
    grace = (-told.organization.manager_after_days,)
    reminder = reminder_on(deadline.due_on, today, told.holder_of(deadline.subject).known_on, grace)
    if reminder is None or deadline.state != "missed":
        return []
    return [_of_deadline(told, deadline, grace[0], user, "manager", late=reminder.late) for user in people.managers]


def _stem(deadline: Deadline) -> str:
    """The meaning of all messages about one deadline: which, of what, on which day."""
    return f"{deadline.kind}:{deadline.subject}:{deadline.due_on}"


def current_stems(deadlines: Sequence[Deadline]) -> set[str]:
    """Beginnings of the keys of deadlines that still stand; waiting messages of others are cancelled."""
    return {_stem(deadline) for deadline in deadlines if deadline.state in TOLD_STATES}


def _of_deadline(told: Told, deadline: Deadline, days_before: int, user_id: int, role: str, late: bool) -> NewMessage:
    key = f"{_stem(deadline)}:{days_before:+d}:{user_id}"
    return _message(told, "deadline", key, user_id, deadline_payload(deadline, days_before, role), late)


def deadline_payload(deadline: Deadline, days_before: int, role: str) -> dict[str, Any]:
    """What a message keeps of a deadline; ``role`` is why its reader gets it."""
    return {
        "deadline": deadline.kind,
        "subject": deadline.subject,
        "due_on": deadline.due_on.isoformat(),
        "rule": deadline.rule,
        "days_before": days_before,
        "as": role,
    }


def _message(told: Told, kind: str, key: str, user_id: int, payload: dict[str, Any], late: bool = False) -> NewMessage:
    made = NewMessage(told.organization.pk, key, kind, user_id, told.subject_type, told.subject_id, payload, late)
    return replace(made, not_before=send_at(told.organization, clock.now(), reminder=kind == "deadline"))


def told_once(messages: Sequence[NewMessage]) -> list[NewMessage]:
    """Of several late messages to one person about one nonconformity only that of its last deadline is sent.

    Give it messages that were not written before: after a week without a run each subject speaks once.
    """
    late: dict[tuple[int, str], list[NewMessage]] = defaultdict(list)
    for message in messages:
        if message.late and message.kind == "deadline" and message.payload["subject"].startswith("nc:"):
            late[message.recipient_id, message.payload["subject"]].append(message)
    told_by = {
        id(message): speaker.key
        for group in late.values()
        for speaker in [max(group, key=lambda m: (m.payload["due_on"], m.key))]
        for message in group
        if message is not speaker
    }
    return [replace(m, told_by=told_by[id(m)]) if id(m) in told_by else m for m in messages]


def status_messages(told: Told, moves: Sequence[MoveRow], people: People, today: date, swept: bool) -> list[NewMessage]:
    """One message per person about each status change since the row was recorded.

    It is late when a sweep finds a move by rule after its day; what a person records late is not.
    """
    return [
        _message(
            told,
            "status",
            f"status:{told.subject_type}:{told.subject_id}:{move['date']}:{move['to']}:{move['rule']}:{user}",
            user,
            {"move": move, "as": role},
            late=swept and move["by"] == "rule" and date.fromisoformat(move["date"]) < today,
        )
        for move in _since_known(told, moves)
        for user, role in _concerned(told, people)
    ]


def grade_messages(told: Told, nonconformities: Sequence[NonconformityState], people: People) -> list[NewMessage]:
    """One message per person about each grade that rose since it was recorded, and about several that became one."""
    messages = []
    for nc in nonconformities:
        holder = told.holder_of(nc.id)
        rises = list(zip(nc.grades, nc.grades[1:], strict=False))
        steps = [("", change) for change in nc.grades[:1] if nc.sources] + [(a.grade, b) for a, b in rises]
        for before, change in steps:
            if change.date < holder.known_on:
                continue
            key = f"grade:{told.subject_type}:{told.subject_id}:{nc.id}:{change.grade}:{change.date}"
            payload = {
                "subject": nc.id,
                "before": before,
                "grade": change.grade,
                "on": change.date.isoformat(),
                "sources": list(nc.sources),
            }
            for user, role in _readers_of(holder, people):
                messages.append(_message(told, "grade", f"{key}:{user}", user, {**payload, "as": role}))
    return messages


def _readers_of(holder: Holder, people: People) -> list[tuple[int, str]]:
    """The owner of a record (or the officers) and the managers, everybody once."""
    roles = dict.fromkeys(people.managers, "manager") | dict(people.readers(holder.owner_id))
    return list(roles.items())


def proposal_messages(told: Told, proposed: Sequence[MoveRow], people: People) -> list[NewMessage]:
    """One message per person about each move that waits for a confirmation."""
    return [
        _message(
            told,
            "proposal",
            f"proposal:{told.subject_type}:{told.subject_id}:{move['date']}:{move['to']}:{user}",
            user,
            {"move": move, "as": role},
        )
        for move in proposed
        for user, role in people.readers(told.holder.owner_id)
    ]


def correction_messages(told: Told, correction: Correction, people: People, today: date) -> list[NewMessage]:
    """One message per person when what they were told before no longer holds."""
    if not _since_known(told, correction.undone + correction.done):
        return []
    payload: dict[str, Any] = {
        "from": correction.since,
        "undone": correction.undone,
        "done": correction.done,
        "status": correction.status,
        "cause": correction.cause,
    }
    digest = hashlib.sha256(json.dumps([correction.undone, correction.done]).encode()).hexdigest()[:16]
    stem = f"correction:{told.subject_type}:{told.subject_id}:{today}:{digest}"
    return [
        _message(told, "correction", f"{stem}:{user}", user, {**payload, "as": role})
        for user, role in _concerned(told, people)
    ]


def _since_known(told: Told, moves: Sequence[MoveRow]) -> list[MoveRow]:
    return [move for move in moves if move["date"] >= told.holder.known_on.isoformat()]


def _concerned(told: Told, people: People) -> list[tuple[int, str]]:
    """Who is told of the row itself."""
    return _readers_of(told.holder, people)


def next_message_on(told: Told, deadlines: Sequence[Deadline], people: People, today: date) -> date | None:
    """The first day after ``today`` on which a deadline of the row is told again."""
    ahead = (
        next_reminder_on(deadline.due_on, today, _days_of(told, deadline, people))
        for deadline in deadlines
        if deadline.state in TOLD_STATES
    )
    return min((day for day in ahead if day), default=None)


def _days_of(told: Told, deadline: Deadline, people: People) -> tuple[int, ...]:
    """All days before a deadline on which a rule speaks, and the managers' grace."""
    rules = (rule for rule in people.rules if rule.covers(deadline.kind, told.standard_id, told.site_ids))
    return (*(number for rule in rules for number in rule.days), -told.organization.manager_after_days)
