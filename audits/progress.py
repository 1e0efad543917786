"""How far a checklist is: how much was looked at, and apart from that what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from audits.models import Audit, ChecklistAnswer, ChecklistItem


@dataclass(frozen=True)
class Progress:
    """Counts of questions by their latest answer; seen means answered with anything but “not seen”."""

    questions: int
    conforms: int
    findings: int
    answers: Mapping[int, ChecklistAnswer]

    @property
    def seen(self) -> int:
        """Questions that were looked at."""
        return self.conforms + self.findings

    @property
    def unseen(self) -> int:
        """Questions that were not."""
        return self.questions - self.seen

    def answer_of(self, item: ChecklistItem) -> str | None:
        """The latest answer to a question."""
        found = self.answers.get(item.pk)
        return found.answer if found else None


def latest_answers(audit: Audit) -> dict[int, ChecklistAnswer]:
    """The latest answer to each question; one query."""
    rows = ChecklistAnswer.objects.filter(item__audit=audit).order_by("pk")
    return {row.item_id: row for row in rows}


def progress_of(items: Iterable[ChecklistItem], answers: Mapping[int, ChecklistAnswer]) -> Progress:
    """The two bars of a checklist."""
    items = list(items)
    given = [answers[item.pk].answer for item in items if item.pk in answers]
    return Progress(len(items), given.count("conforms"), given.count("finding"), answers)


@dataclass(frozen=True)
class Group:
    """Questions of one chapter, with how many of them were looked at."""

    title: str
    anchor: str
    items: Sequence[tuple[ChecklistItem, ChecklistAnswer | None]]
    progress: Progress


def groups_of(items: Iterable[ChecklistItem], answers: Mapping[int, ChecklistAnswer]) -> list[Group]:
    """The checklist by standard and chapter, in its order."""
    gathered: dict[str, list[ChecklistItem]] = {}
    for item in items:
        standard = str(item.edition) if item.edition else ""
        gathered.setdefault(" · ".join(filter(None, [standard, item.group])), []).append(item)
    return [
        Group(title, f"g{place}", [(row, answers.get(row.pk)) for row in rows], progress_of(rows, answers))
        for place, (title, rows) in enumerate(gathered.items(), 1)
    ]
