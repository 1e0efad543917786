"""Hypothesis strategies: rich valid lifecycle documents, and values that are no documents at all.

``documents()`` draws every kind of record under every shipped scheme and never breaks a rule of section 10, so
that whatever it draws must be answered.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from certifications.catalog import catalog
from lifecycle.calendar import Duration, add
from lifecycle.facts import STEPS
from lifecycle.policy import Policy

Json = dict[str, Any]
Draw = st.DrawFn

FIRST = date(2023, 11, 1)
DAYS = 365 * 5
SITES, PARTS = ("HQ", "North", "South"), ("welding", "assembly")
AUDIT_KINDS = (
    "stage1", "stage2", "surveillance", "surveillance", "recertification", "transition", "transfer", "special",
    "follow_up",
)  # fmt: skip
STANDARDS = (("ISO/IEC 27001", "2013"), ("ISO 9001", "2015"), ("ISO 50001", "2011"), ("Own standard", "1"))
BODIES = ("UKAS", "DAkkS")

offsets = st.one_of(st.integers(0, DAYS), st.sampled_from([0, 120, 121, 851, 1216, 1581]))  # month ends, leap day
days = offsets.map(lambda offset: FIRST + timedelta(days=offset))
waits = st.one_of(st.sampled_from([0, 1, 7, 28, 30, 60, 89, 90, 91, 182, 365]), st.integers(0, 400))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The strategy's value, or None for a field that is left out."""
    return st.none() | strategy


def without_none(**fields: Any) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def text(day: date) -> str:
    return day.isoformat()


@st.composite
def later(draw: Draw, day: date) -> date:
    """A day on or after another."""
    return day + timedelta(days=draw(waits))


@st.composite
def happening(draw: Draw, day: date) -> Json:
    """``date`` or ``at`` (UTC), sometimes recorded later."""
    clock = draw(st.sampled_from(["00:00", "12:30", "23:59"]))
    when: Json = {"at": f"{day}T{clock}:00Z"} if draw(st.integers(0, 5)) == 0 else {"date": text(day)}
    return {**when, **draw(recording(day))}


@st.composite
def recording(draw: Draw, day: date) -> Json:
    late = draw(st.integers(0, 3)) == 0
    return {"recorded_on": text(draw(later(day)))} if late else {}


@st.composite
def certificates(draw: Draw) -> Json:
    """None yet, an old one with an expiry only, or one with its dates."""
    start = draw(days)
    shape = draw(st.sampled_from(["none", "expires", "certified", "cycle", "all"]))
    dates: Json = {}
    if shape in ("certified", "all"):
        dates["certified_on"] = text(start)
    if shape in ("cycle", "all"):
        start = draw(later(start)) if shape == "all" else start
        dates["cycle_started_on"] = text(start)
    if shape == "all":
        dates["issued_on"] = text(start)
    if shape in ("expires", "all"):
        dates["expires_on"] = text(start + timedelta(days=draw(st.integers(0, 1500))))
    standard, edition = draw(st.sampled_from(STANDARDS))
    held = {"standard": standard, "edition": edition} if draw(st.booleans()) else {}
    return {
        "id": "C1",
        **dates,
        **held,
        **without_none(
            accreditation_body=draw(maybe(st.sampled_from(BODIES))),
            audit_history=draw(maybe(st.sampled_from(["complete", "partial"]))),
            sites=draw(maybe(st.just(list(SITES)))),
            scope=draw(maybe(st.just(list(PARTS)))),
        ),
    }


@st.composite
def audits(draw: Draw) -> list[Json]:
    return [draw(audit(f"A{number}")) for number in range(draw(st.integers(0, 5)))]


@st.composite
def audit(draw: Draw, name: str) -> Json:
    start = draw(days)
    end = start + timedelta(days=draw(st.integers(0, 90)))
    shape = draw(st.sampled_from(["end", "end", "both", "start"]))
    first = end if shape == "end" else start
    return {
        "id": name,
        "kind": draw(st.sampled_from(AUDIT_KINDS)),
        **({"started_on": text(start)} if shape != "end" else {}),
        **({"ended_on": text(end)} if shape != "start" else {}),
        **without_none(edition=draw(maybe(st.sampled_from(["2013", "2015", "2022"])))),
        **draw(recording(first)),
    }


@st.composite
def nonconformities(draw: Draw, policy: Policy, audits: list[Json]) -> list[Json]:
    count = draw(st.integers(0, 5))
    return [draw(nonconformity(f"N{number}", policy, audits)) for number in range(count)]


@st.composite
def nonconformity(draw: Draw, name: str, policy: Policy, audits: list[Json]) -> Json:
    ended = [entry for entry in audits if "ended_on" in entry]
    found_at = draw(maybe(st.sampled_from(ended))) if ended else None
    own_day = found_at is None or draw(st.integers(0, 4)) == 0
    raised = draw(days) if own_day else date.fromisoformat(found_at["ended_on"])
    grade = draw(st.sampled_from(list(policy.grades)))
    notified = draw(maybe(later(raised)))
    return {
        "id": name,
        "grade": grade,
        **({"raised_on": text(raised)} if own_day else {}),
        **without_none(
            audit=found_at and found_at["id"],
            notified_on=notified and text(notified),
            clause=draw(maybe(st.sampled_from(["8.4", "9.2"]))),
            site=draw(maybe(st.sampled_from(SITES))),
            scope_part=draw(maybe(st.sampled_from(PARTS))),
        ),
        **draw(steps(raised)),
        **draw(extensions(policy, grade, raised, notified or raised)),
        **draw(recording(raised)),
    }


@st.composite
def steps(draw: Draw, raised: date) -> Json:
    submitted, done = draw(maybe(later(raised))), draw(maybe(later(raised)))
    accepted = draw(maybe(later(submitted or raised)))
    closed = draw(maybe(later(raised)))
    checks = [draw(later(raised)) for _ in range(draw(st.integers(0, 2)))]
    plan = without_none(submitted_on=submitted and text(submitted), accepted_on=accepted and text(accepted))
    return without_none(
        plan=plan or None,
        action={"done_on": text(done)} if done else None,
        closure=draw(happening(closed)) if closed else None,
        verifications=[
            {**draw(happening(day)), "result": draw(st.sampled_from(["effective", "not_effective"]))} for day in checks
        ]
        or None,
    )


@st.composite
def extensions(draw: Draw, policy: Policy, grade: str, raised: date, notified: date) -> Json:
    """Later and later dates for one step, granted in time or not."""
    count = draw(st.sampled_from([0, 0, 0, 1, 2]))
    step = draw(st.sampled_from(STEPS))
    rule = next(rule for rule in policy.grade_rules[grade].steps if rule.step == step)
    anchor = notified if rule.from_notification else raised
    due = add(anchor, rule.due) if isinstance(rule.due, Duration) else raised
    found: list[Json] = []
    for _ in range(count):
        granted = draw(later(raised))
        due = max(due, granted) + timedelta(days=draw(st.integers(1, 120)))
        found.append({"granted_on": text(granted), "due_on": text(due), "step": step, **draw(recording(granted))})
    return {"extensions": found} if found else {}


@st.composite
def decisions(draw: Draw, nonconformities: list[Json]) -> list[Json]:
    names = [entry["id"] for entry in nonconformities]
    return [draw(decision(f"D{number}", names)) for number in range(draw(st.integers(0, 6)))]


@st.composite
def decision(draw: Draw, name: str, nonconformity_ids: list[str]) -> Json:
    day = draw(days)
    grounds = st.lists(st.sampled_from(nonconformity_ids), max_size=2, unique=True) if nonconformity_ids else st.none()
    own: dict[str, st.SearchStrategy[Json]] = {
        "certify": st.sampled_from([{}, {"certificate": "C2"}, {"edition": "2022"}]),
        "recertify": st.sampled_from([{}, {"edition": "2022"}]),
        "transition": st.sampled_from([{"edition": "2022"}, {"edition": "2015"}]),
        "suspend": st.builds(without_none, reason=maybe(st.just("voluntary")), because=maybe(grounds)),
        "lift": st.sampled_from([{}, {"override": True}]),
        "extend_suspension": later(day).map(lambda until: {"until": text(until)}),
        "withdraw": st.builds(without_none, reason=maybe(st.just("contract_breach")), because=maybe(grounds)),
        "reinstate": st.sampled_from([{}, {"override": True}]),
        "reduce_scope": st.sampled_from([{"parts": [PARTS[0]]}, {"sites": [SITES[1]]}]),
        "transfer": st.just({"to_body": "Body B"}),
        "appeal_outcome": st.sampled_from([{"outcome": "upheld"}, {"outcome": "rejected"}]),
    }
    kind = draw(st.sampled_from(list(own)))
    return {"id": name, "kind": kind, **draw(happening(day)), **draw(own[kind])}


@st.composite
def notices(draw: Draw) -> list[Json]:
    kinds = ("appeal_filed", "incident", "transfer_requested", "accreditation_lost")
    count = draw(st.sampled_from([0, 0, 1, 2]))
    return [
        {"id": f"I{number}", "kind": draw(st.sampled_from(kinds)), **draw(happening(draw(days)))}
        for number in range(count)
    ]


@st.composite
def editions(draw: Draw) -> list[Json]:
    return [draw(edition()) for _ in range(draw(st.sampled_from([0, 0, 1, 2])))]


@st.composite
def edition(draw: Draw) -> Json:
    standard, name = draw(st.sampled_from(STANDARDS))
    end = draw(maybe(days))
    return {
        "standard": standard,
        "edition": name,
        "ends_on": end and text(end),
        **without_none(
            last_new_audit_on=draw(maybe(days.map(text))),
            accreditation_body=draw(maybe(st.sampled_from(BODIES))),
            recorded_on=draw(maybe(days.map(text))),
        ),
    }


OVERRIDES: tuple[dict[str, Json], ...] = (
    {"cycle": {"last_day": "anniversary"}},
    {"cycle": {"length": "12m"}},
    {"suspension": {"limit": "30d"}},
    {"suspension": {"limit": None}},
    {"suspension": {"on_breach": "none"}},
    {"surveillance.first": {"due": "6m", "anchor": "issue", "effect_after": "7d"}},
    {"surveillance.yearly": {"required": True, "on_breach": "withdraw"}},
    {"surveillance.interval": {"due": "12m"}},
    {"surveillance.window": {"every": "6m", "before": "1m", "after": "1m", "count": 5}},
    {"nc.accumulation": {"count": 2, "per": "certificate"}},
    {"nc.failed_verification": {"effect": "recommend_withdrawal"}},
    {"restoration": {"limit": "30d", "on_breach": "withdraw", "otherwise": "new_certification"}},
    {"restoration": {"limit": None}},
    {"edition.end": {"effect": "suspend"}},
    {"edition.end": {"effect": "withdraw"}},
    {"reapplication": {"wait": "12m"}},
    {"stage2.verification": {"limit": "3m"}},
    {"transfer": {"limit": "1m"}},
)


@st.composite
def overrides(draw: Draw, policy: Policy) -> dict[str, Json]:
    """Some of the overrides above, and steps of one grade with other limits and effects."""
    rules: dict[str, Json] = {}
    for change in draw(st.lists(st.sampled_from(OVERRIDES), max_size=3)):
        rules.update(change)
    grades = list(policy.grades)
    if draw(st.booleans()):
        rule = f"nc.{draw(st.sampled_from(grades))}.{draw(st.sampled_from(STEPS))}"
        rules[rule] = {
            "due": draw(st.sampled_from(["0d", "14d", "3m", "next_audit", None])),
            "on_breach": draw(st.sampled_from(["none", "suspend", "withdraw", "escalate"])),
            "becomes": draw(st.sampled_from(grades)),
            "anchor": draw(st.sampled_from(["audit_end", "notification"])),
            "effect_after": draw(st.sampled_from(["0d", "1d", "7d"])),
        }
    if draw(st.integers(0, 4)) == 0:
        rules[f"nc.{draw(st.sampled_from(grades))}.opening"] = {"effect": "suspend"}
    return rules


@st.composite
def documents(draw: Draw) -> Json:
    """A valid lifecycle document with a few asked dates."""
    scheme = draw(st.sampled_from(catalog().scheme_ids))
    rules = draw(overrides(catalog().policy(scheme)))
    policy = catalog().policy(scheme).with_rules(rules)
    performed = draw(audits())
    raised = draw(nonconformities(policy, performed))
    asked = draw(st.lists(days, min_size=1, max_size=4))
    return {
        "scheme": scheme,
        "rules": rules,
        "certificate": draw(certificates()),
        "audits": performed,
        "nonconformities": raised,
        "decisions": draw(decisions(raised)),
        "notices": draw(notices()),
        "editions": draw(editions()),
        "ask": {"dates": [text(day) for day in asked]},
        **without_none(known_on=draw(maybe(days.map(text)))),
    }


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2026-06-09", "2026-02-30", "major", "surveillance", "A1", "2026-06-09T06:30:00Z", "6m"])
)
NAMES = (
    "kind", "scheme", "rules", "time_zone", "known_on", "certificate", "audits", "nonconformities", "decisions",
    "notices", "editions", "ask", "dates", "until", "items", "id", "grade", "audit", "raised_on", "closure", "date",
    "at", "result", "extensions", "due_on", "granted_on", "step", "sites", "scope", "steps", "withdrawn_on", "month",
    "table", "persons", "suspension", "limit",
)  # fmt: skip
names: st.SearchStrategy[Any] = st.sampled_from(NAMES) | st.text(max_size=4) | st.integers() | st.none()
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6),
    max_leaves=30,
)
"""Whatever YAML or JSON can hold, with the field names of documents among its keys."""
