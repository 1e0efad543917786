"""Random decisions of the body that fit what has happened so far, or nearly so.

A decision on a random day is refused nearly always. So each one looks at the story told until now, takes one of its
moves or deadlines, and most often decides what a body would decide then.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.lifecycle.oracle.answer import oracle_answer

if TYPE_CHECKING:
    from tests.lifecycle.oracle.generate import Maker

Record = dict[str, Any]

FITTING = {
    "none": ["certify", "certify", "reduce_scope"],
    "active": ["recertify", "recertify", "transition", "transfer", "reduce_scope", "suspend", "suspend", "withdraw"],
    "suspended": [
        "lift", "lift", "lift", "suspend", "extend_suspension", "withdraw", "transition", "recertify",
        "appeal_outcome",
    ],
    "expired": ["recertify", "recertify", "transition", "transition", "certify", "withdraw"],
    "withdrawn": ["reinstate", "reinstate", "withdraw", "certify", "certify", "appeal_outcome"],
}  # fmt: skip
ALL_KINDS = sorted({kind for kinds in FITTING.values() for kind in kinds})
DAYS_AFTER = [0, 0, 0, 1, 1, 2, 5, 14, 30, 60, 91]
REASONS = ["voluntary", "misuse_of_mark", "unresolved_nc", "other"]
PARTS, SITES = ["welding", "assembly"], ["HQ", "Mill"]


def add_decisions(maker: Maker, document: Record) -> None:
    """Append up to eight decisions to the document."""
    last = maker.start + timedelta(days=1700)
    for number in range(1, maker.random.randint(0, 8) + 1):
        own, status = a_moment(maker, document, last)
        fits = maker.chance(0.85)
        kind = maker.random.choice(FITTING[status] if fits else ALL_KINDS)
        maker.pool.append(own)
        record = {"id": f"D{number}", "kind": kind, **maker.dated(own), **own_fields(maker, kind, own, number)}
        document["decisions"].append(maker.recorded(record, own))
        if kind == "appeal_outcome" and fits:
            file_appeal(document, own, number)


def a_moment(maker: Maker, document: Record, last: date) -> tuple[date, str]:
    """A day at or soon after a move, a fact or a deadline, with the status at that time."""
    told = oracle_answer({**document, "ask": {"until": last.isoformat()}})
    moves = [(date.fromisoformat(move["date"]), move["to"]) for move in told["transitions"]]
    first = told["transitions"][0]["from"] if moves else told["answers"][0]["status"]
    days = [day for day, _ in moves] * 3
    days += [date.fromisoformat(d["due_on"]) for d in told["deadlines"] if d["due_on"] < last.isoformat()]
    days += [maker.day()]
    own = maker.random.choice(days) + timedelta(days=maker.random.choice(DAYS_AFTER))
    own = min(max(own, maker.start), last)
    return own, next((status for day, status in reversed(moves) if day <= own), first)


def file_appeal(document: Record, own: date, number: int) -> None:
    """An appeal that the outcome can answer."""
    filed = {"id": f"P{number}", "kind": "appeal_filed", "date": (own - timedelta(days=number)).isoformat()}
    document.setdefault("notices", []).append(filed)


def own_fields(maker: Maker, kind: str, own: date, number: int) -> Record:
    """The fields that only this kind of decision has."""
    if kind == "certify":
        return maker.maybe({"certificate": f"C{number + 1}", "edition": "2022"}, 0.4)
    if kind in ("recertify", "transition"):
        return {"edition": "2022"} if kind == "transition" or maker.chance(0.3) else {}
    if kind in ("suspend", "withdraw"):
        return maker.maybe({"reason": maker.random.choice(REASONS), **because(maker)}, 0.5)
    if kind in ("lift", "reinstate"):
        return {"override": maker.chance(0.8)} if maker.chance(0.35) else {}
    if kind == "extend_suspension":
        return {"until": maker.day(own + timedelta(days=1)).isoformat()}
    if kind == "reduce_scope":
        left_out = {"parts": maker.random.sample(PARTS, 1), "sites": maker.random.sample(SITES, 1)}
        return maker.maybe(left_out, 0.6) or {"parts": PARTS}
    if kind == "transfer":
        return {"to_body": "Body B"}
    return {"outcome": maker.random.choice(["upheld", "upheld", "rejected"])}


def because(maker: Maker) -> Record:
    """Some of the nonconformities of the document."""
    named = [n["id"] for n in maker.nonconformities if maker.chance(0.5)]
    return {"because": named} if named or maker.chance(0.1) else {}
