"""Look at a whole chain: up to which entry it holds, and the first entry that does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import clock
from accounts.models import Organization
from records import chain
from records.models import ChainCheck, Event, EventCounter, SignedHead

ERASED = "history.erased"
AT_ONCE = 2000
FIELDS = (*chain.PUBLIC, *chain.WHO, *chain.WHAT, "who_seal", "what_seal", "previous_hash", "hash")


MISSING = gettext_noop("missing")
TWICE = gettext_noop("there twice")
CHANGED = gettext_noop("changed after it was written")
UNCHAINED = gettext_noop("does not follow the entry before it")
REWRITTEN = gettext_noop("the history was rewritten up to the published head %(head)s")
CUT_OFF = gettext_noop("missing, although the head %(head)s was published")
TOO_SHORT = gettext_noop("missing; the history ended at %(head)s")
NOT_ITS_END = gettext_noop("not in the history's own end")
SILENT = gettext_noop("erased without an entry that says so")
OTHER_HEAD = gettext_noop("the head signed here is not the one that was published")
ENTRY = gettext_noop("entry %(number)s: %(said)s")


@dataclass(frozen=True, slots=True)
class Problem:
    """The first bad entry, and what is wrong with it; kept in English, as which commands print it."""

    number: int
    said: str
    head: int = 0

    def __str__(self) -> str:
        return ENTRY % {"number": self.number, "said": self.said % {"head": self.head}}


def in_words(problem: str) -> str:
    """A problem as it is kept, in the reader's language."""
    entry, said = problem.partition(": ")[::2]
    head = re.search(r"\d+", said)
    what = _(re.sub(r"\d+", "%(head)s", said)) % {"head": head and head[0]}
    return _(ENTRY) % {"number": entry.removeprefix("entry "), "said": what}


@dataclass(slots=True)
class Verdict:
    """How far a chain holds: the last good entry and its hash, and the first problem if there is one."""

    number: int = 0
    hash: str = chain.START
    problem: Problem | None = None
    erased: dict[int, set[str]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the whole chain is as it was written."""
        return self.problem is None


Heads = Mapping[int, str]


def walk(entries: Iterable[Any], heads: Heads, end: tuple[int, str] | None) -> Verdict:
    """Follow a chain from its first entry.

    ``heads`` are hashes by number that were handed out before, ``end`` is where the chain says that it ends.
    """
    found = Verdict()
    announced: set[tuple[int, str]] = set()
    for entry in entries:
        if problem := _problem(entry, found, heads):
            return _at(found, problem)
        found.number, found.hash = entry.number, entry.hash
        for part, seal in (("who", entry.who_seal), ("what", entry.what_seal)):
            if len(seal) != chain.SALT_LENGTH:
                found.erased.setdefault(entry.number, set()).add(part)
        if entry.kind == ERASED and isinstance(entry.after, dict):
            announced |= set(_announced(entry.after))
    return _at(found, _end_problem(found, heads, end) or _silent_erasure(found, announced))


def _at(found: Verdict, problem: Problem | None) -> Verdict:
    found.problem = problem
    return found


def _problem(entry: Any, last: Verdict, heads: Heads) -> Problem | None:
    number = entry.number
    if number > last.number + 1:
        return Problem(last.number + 1, MISSING)
    if number <= last.number:
        return Problem(number, TWICE)
    if chain.link(entry.previous_hash, *chain.parts_of(entry)) != entry.hash:
        return Problem(number, CHANGED)
    if entry.previous_hash != last.hash:
        return Problem(number, UNCHAINED)
    if heads.get(number, entry.hash) != entry.hash:
        return Problem(_first_unproven(heads, number), REWRITTEN, number)
    return None


def _first_unproven(heads: Heads, number: int) -> int:
    """The entry after the last published head that still fits: from there on nothing is proven."""
    return max((known for known in heads if known < number), default=0) + 1


def _end_problem(found: Verdict, heads: Heads, end: tuple[int, str] | None) -> Problem | None:
    published = max(heads, default=0)
    if published > found.number:
        return Problem(found.number + 1, CUT_OFF, published)
    if end is None or end == (found.number, found.hash):
        return None
    if end[0] > found.number:
        return Problem(found.number + 1, TOO_SHORT, end[0])
    return Problem(min(found.number, end[0] + 1), NOT_ITS_END)


def _announced(after: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Entry and part that an entry about an erasure names; numbers are given as ranges."""
    for first, last in after.get("entries", ()):
        for number in range(first, last + 1):
            for part in after.get("parts", ()):
                yield number, part


def _silent_erasure(found: Verdict, announced: set[tuple[int, str]]) -> Problem | None:
    silent = sorted(n for n, parts in found.erased.items() if any((n, part) not in announced for part in parts))
    return Problem(silent[0], SILENT) if silent else None


def stored_entries(organization_id: int, last: int) -> Iterator[Any]:
    """The entries of an organization up to a number, in order, a few at a time."""
    events = Event.objects.filter(organization_id=organization_id, number__lte=last).order_by("number")
    return events.values_list(*FIELDS, named=True).iterator(chunk_size=AT_ONCE)


def published_heads(organization_id: int) -> dict[int, str]:
    """The heads that were signed here."""
    return dict(SignedHead.objects.filter(organization_id=organization_id).values_list("number", "hash"))


def _end_of(organization_id: int) -> tuple[int, str]:
    found = EventCounter.objects.filter(pk=organization_id).values_list("last_number", "last_hash").first()
    return found or (0, chain.START)


def verify(organization_id: int, heads: Heads | None = None) -> Verdict:
    """Verify one organization's chain against its own end, the heads signed here, and others that were kept.

    Others may write meanwhile: what they add is left to the next look.
    """
    own = published_heads(organization_id)
    for number, known in (heads or {}).items():
        if own.get(number, known) != known:
            return Verdict(problem=Problem(number, OTHER_HEAD))
    end = _end_of(organization_id)
    found = walk(stored_entries(organization_id, end[0]), {**own, **(heads or {})}, end)
    last = Event.objects.filter(organization_id=organization_id).aggregate(last=Max("number"))["last"] or 0
    later = _end_of(organization_id)
    if found.holds and last > later[0]:
        found.problem = Problem(later[0] + 1, NOT_ITS_END)
    return found


def check_and_keep(organization: Organization) -> ChainCheck:
    """Verify a chain and keep what was found, for the banner and the page of the history."""
    found = verify(organization.pk)
    return ChainCheck.objects.create(
        organization=organization,
        checked_at=clock.now(),
        number=found.number,
        hash=found.hash,
        first_bad=found.problem.number if found.problem else None,
        problem=str(found.problem or "")[:300],
    )


def last_check(organization: Organization) -> ChainCheck | None:
    """The last look at the chain."""
    found: ChainCheck | None = ChainCheck.objects.filter(organization=organization).first()
    return found
